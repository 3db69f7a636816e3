/* SPDX-License-Identifier: Apache-2.0 */
/* A shared directory: the device, its daemon, and what becomes of both. */
#ifndef VMM_SHARE_H
#define VMM_SHARE_H

#include <stdatomic.h>

#include "base/run.h"
#include "vmm/daemon.h"
#include "vmm/virtio/fs.h"
#include "vmm/virtio/loop.h"

/**
 * struct share_wires - what a shared directory is connected to
 * @ram: the mapping that all guest memory lies in
 * @ram_fd: shared memory behind @ram
 * @window: but for this, unless its size is 0
 * @loop: waits for the daemon
 * @wake: share_trouble() has something to say; any thread, lock held
 * @ctx: passed to @wake
 */
struct share_wires {
	const uint8_t *ram;
	int ram_fd;
	const struct run_window *window;
	struct loop *loop;
	void (*wake)(void *ctx);
	void *ctx;
};

/**
 * struct share - one shared directory; stays where it is
 * @fs: the device; the caller connects it to a transport
 * @what: what the user asked for; borrowed
 * @wires: see there
 * @daemon: virtiofsd
 * @socket: connection to it
 * @call: the daemon has finished requests of a queue
 * @words: what became of the daemon
 * @lost: @words are new
 */
struct share {
	struct fs fs;
	const struct run_share *what;
	struct share_wires wires;
	struct daemon daemon;
	struct loop_watch socket;
	struct loop_watch call[VHOST_QUEUES_MAX];
	char words[192];
	atomic_bool lost;
};

/**
 * share_open() - start the daemon
 * @s: any content
 * @what: borrowed
 * @mem: guest memory; borrowed, not looked at yet
 * @e: why not
 *
 * Main thread, before any other (the daemon lives no longer than the thread).
 *
 * Return: 0 or -errno; share_close() in both cases.
 */
int must_check share_open(struct share *s, const struct run_share *what,
			  const struct gmem *mem, struct err *e);

/**
 * share_connect() - give the daemon memory
 * @s: opened, memory is there
 * @wires: copied
 * @e: why not, in the daemon's words if it has any
 *
 * Return: 0 or -errno.
 */
int must_check share_connect(struct share *s, const struct share_wires *wires,
			     struct err *e);

/**
 * share_trouble() - has the daemon gone
 * @s: connected; any thread
 * @words: for the user, if so
 * @size: of @words
 *
 * Return: true once.
 */
bool share_trouble(struct share *s, char *words, size_t size);

/**
 * share_close() - end the daemon
 * @s: opened; the loop has stopped
 */
void share_close(struct share *s);

#endif
