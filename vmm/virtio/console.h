/* SPDX-License-Identifier: Apache-2.0 */
/* Console device with several ports (virtio 1.2, 5.3). */
#ifndef VMM_VIRTIO_CONSOLE_H
#define VMM_VIRTIO_CONSOLE_H

#include <linux/virtio_console.h>
#include <stddef.h>

#include "vmm/virtio/device.h"
#include "vmm/virtio/iov.h"

#define CONSOLE_QUEUE     64
#define CONSOLE_PORTS_MAX 4

/**
 * struct console_wires - what the ports are connected to
 * @name: of each port; NULL = it is hvc0, port 0 only. Borrowed
 * @ports: how many, at most CONSOLE_PORTS_MAX
 * @out: takes bytes of a port, as many as there is room for; console_room()
 *	says when there is more
 * @input_wanted: the kernel listens at a port; once for each
 * @input_room: it can take more after console_receive() took less than all
 * @ctx: passed to all of them
 */
struct console_wires {
	const char *const *name;
	unsigned int ports;
	size_t (*out)(void *ctx, unsigned int port, const uint8_t *bytes,
		      size_t count);
	void (*input_wanted)(void *ctx, unsigned int port);
	void (*input_room)(void *ctx, unsigned int port);
	void *ctx;
};

/**
 * struct console_port - one port
 * @pending: control messages to send about it, one bit each
 * @busy: a chain is being written out
 * @head: that chain
 * @left: what of it is not written
 * @iov: its pieces
 * @in: input being received
 * @in_left: bytes of it
 * @open: the driver listens: what comes before it throws away
 * @wanted: input_wanted has been called
 * @starved: input is waiting for buffers of the driver
 * @ended: console_end() was called
 */
struct console_port {
	unsigned int pending;
	bool busy;
	uint16_t head;
	struct iov left;
	struct iovec iov[CONSOLE_QUEUE];
	const uint8_t *in;
	size_t in_left;
	bool open;
	bool wanted;
	bool starved;
	bool ended;
};

/**
 * struct console - console device
 * @device: what the transport sees
 * @config: configuration space
 * @w: the host's side
 * @port: the ports
 */
struct console {
	struct virtio_device device;
	struct virtio_console_config config;
	struct console_wires w;
	struct console_port port[CONSOLE_PORTS_MAX];
};

/**
 * console_init() - make a console device
 * @c: any content; stays where it is, owned by the caller
 * @mem: guest memory; borrowed
 * @w: copied
 */
void console_init(struct console *c, const struct gmem *mem,
		  const struct console_wires *w);

/**
 * console_receive() - give the kernel input
 * @c: console
 * @port: which port
 * @bytes: input
 * @count: how many
 *
 * Return: how many it took.
 */
size_t console_receive(struct console *c, unsigned int port,
		       const uint8_t *bytes, size_t count);

/**
 * console_room() - there is room for output again
 * @c: console
 */
void console_room(struct console *c);

/**
 * console_end() - nobody is behind a port any more
 * @c: console
 * @port: which port; to Linux the end of its input, and nobody who reads
 */
void console_end(struct console *c, unsigned int port);

/**
 * console_begin() - somebody is there again
 * @c: console
 * @port: which port; nothing happens when it had not ended
 */
void console_begin(struct console *c, unsigned int port);

/**
 * console_drain() - take what the driver has sent
 * @c: console; not in one of the wires
 *
 * Return: true when nothing is left.
 */
bool console_drain(struct console *c);

#endif
