/* SPDX-License-Identifier: Apache-2.0 */
/* One end of an Ethernet cable whose other end is on the host. */
#ifndef VMM_NET_ETHER_H
#define VMM_NET_ETHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/err.h"

#define ETHER_ADDR_SIZE 6
#define ETHER_FRAME_MIN 14 /* addresses and type, nothing more */
/* The largest IP packet with addresses, a VLAN tag and type; no checksum. */
#define ETHER_FRAME_MAX (ETHER_FRAME_MIN + 4 + 65535)

struct ether;

/**
 * struct ether_ops - what kind of cable it is
 * @room: see ether_room(); NULL = always, and nothing is ever kept
 * @send: see ether_send()
 * @flush: see ether_flush(); NULL as @room
 * @peek: see ether_peek()
 * @drop: see ether_drop()
 * @close: see ether_close()
 */
struct ether_ops {
	bool (*room)(struct ether *c);
	int (*send)(struct ether *c, const struct iovec *frame,
		    unsigned int pieces, size_t size);
	int (*flush)(struct ether *c);
	int (*peek)(struct ether *c, const uint8_t **frame, size_t *size);
	void (*drop)(struct ether *c);
	void (*close)(struct ether *c);
};

/**
 * struct ether - a cable; embedded in one of some kind
 * @ops: its kind
 * @fd: for poll(): POLLIN, and POLLOUT after -EAGAIN of ether_flush()
 * @mtu: largest packet that is welcome, bytes behind the Ethernet header; 0 =
 *	nobody said
 * @is_tap: @fd is a tap whose frames have no header: the host's kernel could
 *	take it over (vmm/virtio/vhost_net.h)
 *
 * Nothing here blocks. One thread at a time.
 */
struct ether {
	const struct ether_ops *ops;
	int fd;
	uint16_t mtu;
	bool is_tap;
};

/**
 * ether_room() - will ether_send() take a frame of any size
 * @c: cable
 *
 * Return: false: not before POLLOUT and ether_flush().
 */
bool ether_room(struct ether *c);

/**
 * ether_send() - put a frame on the cable
 * @c: cable with ether_room()
 * @frame: pieces of it, addresses first; not kept
 * @pieces: entries of @frame
 * @size: bytes in all of them, ETHER_FRAME_MIN to ETHER_FRAME_MAX
 *
 * As any cable it may lose frames. What it keeps goes with ether_flush().
 *
 * Return: 0; -errno when the other end has gone, for good.
 */
int must_check ether_send(struct ether *c, const struct iovec *frame,
			  unsigned int pieces, size_t size);

/**
 * ether_flush() - let go what ether_send() kept
 * @c: cable
 *
 * Return: 0; -EAGAIN when something is left; another -errno when the other end
 * has gone.
 */
int must_check ether_flush(struct ether *c);

/**
 * ether_peek() - look at the next frame
 * @c: cable
 * @frame: the bytes, until the next call with @c
 * @size: ETHER_FRAME_MIN to ETHER_FRAME_MAX
 *
 * Return: 0; -EAGAIN when there is none before POLLIN; another -errno when the
 * other end has gone or does not speak its language.
 */
int must_check ether_peek(struct ether *c, const uint8_t **frame, size_t *size);

/**
 * ether_drop() - be done with the frame of ether_peek()
 * @c: cable
 */
void ether_drop(struct ether *c);

/**
 * ether_close() - pull the plug
 * @c: NULL allowed; released
 */
void ether_close(struct ether *c);

/**
 * ether_stream() - a cable that is a stream socket
 * @fd: connected; owned from here on, also on failure
 * @ret: the cable
 * @e: why not
 *
 * Each frame comes behind its size, 4 bytes big-endian: what QEMU calls
 * "-netdev stream", and passt speaks.
 *
 * Return: 0 or -errno.
 */
int must_check ether_stream(int fd, struct ether **ret, struct err *e);

/**
 * ether_tap() - a cable to a tap interface of the host
 * @name: it must be there
 * @ret: the cable
 * @e: why not, and how to make one
 *
 * Frames carry no virtio header (no IFF_VNET_HDR): there are no offloads.
 *
 * Return: 0 or -errno.
 */
int must_check ether_tap(const char *name, struct ether **ret, struct err *e);

/**
 * ether_tap_fd() - a cable to a tap interface that somebody else opened
 * @fd: borrowed; opened with IFF_NO_PI, or of macvtap; or a datagram socket or
 *	pipe: each read() and write() is one frame
 * @ret: the cable
 * @e: why not
 *
 * With IFF_VNET_HDR the header is written as zero and dropped: no offloads.
 *
 * Return: 0 or -errno.
 */
int must_check ether_tap_fd(int fd, struct ether **ret, struct err *e);

#endif
