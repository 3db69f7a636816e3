// SPDX-License-Identifier: Apache-2.0
// A shared directory: the device, its daemon, and what becomes of both.
#include "vmm/share.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "vmm/share_daemon.h"

#define WORDS_MAX     80
#define LAST_WORDS_NS (NS_PER_S / 10) /* of one that is ending by itself */

static struct share *share_of_call(struct loop_watch *w, unsigned int queue)
{
	return (struct share *)(void *)((char *)w -
					offsetof(struct share, call[queue]));
}

static void on_called_urgent(struct loop_watch *w)
{
	vhost_called(&share_of_call(w, 0)->fs.vhost, 0);
}

static void on_called(struct loop_watch *w)
{
	vhost_called(&share_of_call(w, 1)->fs.vhost, 1);
}

/* The daemon never speaks unasked: it has gone, or might as well. */
static void on_socket(struct loop_watch *w)
{
	struct share *s =
		(struct share *)(void *)((char *)w -
					 offsetof(struct share, socket));
	char words[WORDS_MAX], byte;

	/* An answer that a vCPU thread has meanwhile taken. syscall: recvfrom */
	if (recv(w->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
	    errno == EAGAIN)
		return;
	close(w->fd); /* nor is it waited for any more; syscall: close */
	w->fd = -1;
	daemon_end(&s->daemon, LAST_WORDS_NS, words, sizeof(words));
	vhost_lose(&s->fs.vhost, words);
}

static void on_lost(void *ctx, struct vhost *v, const char *why)
{
	struct share *s = ctx;
	char words[WORDS_MAX];

	(void)v;
	daemon_end(&s->daemon, 0, words, sizeof(words));
	snprintf(s->words, sizeof(s->words),
		 "--share %.40s: I/O errors for the guest from now on; "
		 "virtiofsd: %.72s",
		 s->what->dir, why);
	atomic_store(&s->lost, true);
	s->wires.wake(s->wires.ctx);
}

bool share_trouble(struct share *s, char *words, size_t size)
{
	if (!atomic_exchange(&s->lost, false))
		return false;
	snprintf(words, size, "%s", s->words);
	return true;
}

int share_open(struct share *s, const struct run_share *what,
	       const struct gmem *mem, struct err *e)
{
	int rc;

	*s = (struct share){ .what = what, .socket.fd = -1 };
	fs_init(&s->fs, mem, what->tag);
	s->fs.vhost.lost = on_lost;
	s->fs.vhost.ctx = s;
	rc = share_daemon_start(&s->daemon, what, &s->socket.fd, e);
	return rc ? err_wrap(e, "--share %s", what->dir) : 0;
}

static int give_memory(struct share *s, struct err *e)
{
	struct vhost_user_region region[VHOST_USER_REGIONS_MAX];
	const struct gmem *mem = s->fs.vhost.dev.mem;
	unsigned int count = 0;

	for (; count < mem->count && count < VHOST_USER_REGIONS_MAX - 1;
	     count++) {
		const struct gmem_region *r = &mem->region[count];

		region[count] = (struct vhost_user_region){
			.gpa = r->gpa,
			.size = r->size,
			.fd = s->wires.ram_fd,
			.offset = (uint64_t)(r->host - s->wires.ram),
		};
		if (s->wires.window->size && r->gpa == s->wires.window->gpa) {
			region[count].fd = s->wires.window->fd;
			region[count].offset = 0;
		}
	}
	return vhost_connect(&s->fs.vhost, s->socket.fd, region, count, e);
}

static int watch_daemon(struct share *s, struct err *e)
{
	const struct vhost *v = &s->fs.vhost;
	int rc;

	s->socket.events = EPOLLIN;
	s->socket.ready = on_socket;
	s->call[0] = (struct loop_watch){ v->queue[0].call, EPOLLIN,
					  on_called_urgent };
	s->call[1] =
		(struct loop_watch){ v->queue[1].call, EPOLLIN, on_called };
	rc = loop_add(s->wires.loop, &s->socket, e);
	for (unsigned int i = 0; i < v->dev.queues && !rc; i++)
		rc = loop_add(s->wires.loop, &s->call[i], e);
	return rc;
}

int share_connect(struct share *s, const struct share_wires *wires,
		  struct err *e)
{
	char words[WORDS_MAX];
	int rc;

	s->wires = *wires;
	rc = give_memory(s, e);
	if (rc) {
		daemon_end(&s->daemon, LAST_WORDS_NS, words, sizeof(words));
		return err_wrap(e, "--share %s: virtiofsd does not serve: %s",
				s->what->dir, words);
	}
	return watch_daemon(s, e);
}

void share_close(struct share *s)
{
	char words[1];

	vhost_free(&s->fs.vhost);
	if (s->socket.fd >= 0)
		close(s->socket.fd);
	/* Its end is near: it closes what the guest has open. */
	daemon_end(&s->daemon, NS_PER_S, words, sizeof(words));
}
