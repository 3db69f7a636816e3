// SPDX-License-Identifier: Apache-2.0
// A network card at a tap whose queues the host's kernel serves: vhost-net.
#include "vmm/virtio/vhost_net.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <linux/virtio_ring.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BIT(n) ((uint64_t)1 << (n))

/* What a driver may agree on and vhost-net has to know. */
#define FEATURES                                                           \
	(BIT(VIRTIO_RING_F_INDIRECT_DESC) | BIT(VIRTIO_RING_F_EVENT_IDX) | \
	 BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_NET_F_MRG_RXBUF))

/* It makes the header of a frame itself, and reads nothing in the guest's. */
#define OWN_HEADER BIT(VHOST_NET_F_VIRTIO_NET_HDR)

/*
 * syscall: ioctl[1=VHOST_SET_OWNER], ioctl[1=VHOST_SET_MEM_TABLE],
 * ioctl[1=VHOST_SET_FEATURES], ioctl[1=VHOST_SET_VRING_NUM],
 * ioctl[1=VHOST_SET_VRING_BASE], ioctl[1=VHOST_SET_VRING_ADDR],
 * ioctl[1=VHOST_SET_VRING_KICK], ioctl[1=VHOST_SET_VRING_CALL],
 * ioctl[1=VHOST_SET_VRING_ERR], ioctl[1=VHOST_NET_SET_BACKEND]
 */
static int tell(const struct vhost_net *v, unsigned long request,
		const void *what)
{
	return ioctl(v->fd, request, what) ? -errno : 0;
}

static bool was_rung(const struct loop_watch *w)
{
	uint64_t count;

	/* syscall: read */
	return read(w->fd, &count, sizeof(count)) == sizeof(count);
}

static void on_call(struct loop_watch *w)
{
	const struct vhost_net_event *ev = (struct vhost_net_event *)w;
	struct virtio_device *d = ev->device;

	if (was_rung(w) && virtio_is_live(d))
		d->interrupt(d->transport, ev->queue);
}

static void on_error(struct loop_watch *w)
{
	const struct vhost_net_event *ev = (struct vhost_net_event *)w;
	struct virtio_device *d = ev->device;

	if (!was_rung(w) || !virtio_is_live(d))
		return;
	d->ops->stop(d);
	virtio_break(d, ev->queue, "vhost-net cannot make sense of it");
}

/* Of any interface: more is not to be had without asking for names. */
static int open_news(void)
{
	const struct sockaddr_nl links = { .nl_family = AF_NETLINK,
					   .nl_groups = RTMGRP_LINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_ROUTE);

	if (fd >= 0 &&
	    bind(fd, (const struct sockaddr *)&links, sizeof(links)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool open_event(struct vhost_net_event *ev, struct virtio_device *d,
		       unsigned int queue, void (*ready)(struct loop_watch *w))
{
	*ev = (struct vhost_net_event){
		.watch = { eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), EPOLLIN,
			   ready },
		.device = d,
		.queue = queue,
	};
	return ev->watch.fd >= 0;
}

/*
 * Where a tap takes any amount, vhost-net batches frames, and Linux 6.1 takes
 * their headers, as there are none, from memory that nobody has written. With
 * a limit, however high, it sends them one by one.
 */
static bool prevent_batches(int tap)
{
	const int most = INT_MAX - 1;

	return ioctl(tap, TUNSETSNDBUF, &most) == 0;
}

static bool is_able(int fd)
{
	const uint64_t needed = FEATURES | OWN_HEADER;
	uint64_t features;

	return fd >= 0 && ioctl(fd, VHOST_GET_FEATURES, &features) == 0 &&
	       (features & needed) == needed;
}

bool vhost_net_init(struct vhost_net *v, struct virtio_device *d, int fd,
		    int tap)
{
	bool ok = is_able(fd) && prevent_batches(tap);

	*v = (struct vhost_net){ .fd = fd, .tap = tap, .news = -1 };
	if (ok)
		v->news = open_news();
	ok = ok && v->news >= 0;
	for (unsigned int i = 0; i < VHOST_NET_QUEUES; i++) {
		v->call[i].watch.fd = v->error[i].watch.fd = -1;
		ok = ok && open_event(&v->call[i], d, i, on_call) &&
		     open_event(&v->error[i], d, i, on_error);
		d->call[i] = ok ? v->call[i].watch.fd : -1;
	}
	return ok;
}

int vhost_net_watch(struct vhost_net *v, struct loop *l, struct err *e)
{
	int rc = 0;

	for (unsigned int i = 0; i < VHOST_NET_QUEUES && !rc; i++) {
		rc = loop_add(l, &v->call[i].watch, e);
		if (!rc)
			rc = loop_add(l, &v->error[i].watch, e);
	}
	return rc;
}

/*
 * Not earlier: the host starts a thread for us, since Linux 6.4 one of this
 * process, and a process with threads cannot enter a user name space.
 */
static int own(struct vhost_net *v)
{
	const struct gmem *mem = v->call[0].device->mem;
	union {
		struct vhost_memory head;
		uint8_t bytes[sizeof(struct vhost_memory) +
			      GMEM_REGIONS_MAX *
				      sizeof(struct vhost_memory_region)];
	} table = { .head = { .nregions = mem->count } };
	int rc;

	if (v->owned)
		return 0;
	for (unsigned int i = 0; i < mem->count; i++)
		table.head.regions[i] = (struct vhost_memory_region){
			.guest_phys_addr = mem->region[i].gpa,
			.memory_size = mem->region[i].size,
			.userspace_addr = (uintptr_t)mem->region[i].host,
		};
	rc = tell(v, VHOST_SET_OWNER, NULL);
	if (!rc)
		rc = tell(v, VHOST_SET_MEM_TABLE, &table);
	v->owned = !rc;
	return rc;
}

static int set_backend(struct vhost_net *v, unsigned int queue, int fd)
{
	const struct vhost_vring_file backend = { queue, fd };

	return tell(v, VHOST_NET_SET_BACKEND, &backend);
}

/* A backend starts the queue; it runs from its first entry. */
static int start_queue(struct vhost_net *v, unsigned int queue)
{
	const struct virtio_device *d = v->call[queue].device;
	const struct virtq *q = &d->queue[queue];
	const struct vhost_vring_state size = { queue, q->size };
	const struct vhost_vring_state first = { queue, 0 };
	const struct vhost_vring_addr addr = {
		.index = queue,
		.desc_user_addr = (uintptr_t)q->desc,
		.used_user_addr = (uintptr_t)q->used,
		.avail_user_addr = (uintptr_t)q->avail,
	};
	const struct vhost_vring_file kick = { queue, d->kick[queue] };
	const struct vhost_vring_file call = { queue, d->call[queue] };
	const struct vhost_vring_file error = { queue,
						v->error[queue].watch.fd };
	int rc = tell(v, VHOST_SET_VRING_NUM, &size);

	/* What was said before the reset is not about this driver. */
	(void)was_rung(&v->error[queue].watch);
	/* vhost-net believes what it finds there. */
	__atomic_store_n(&q->used->idx, 0, __ATOMIC_RELAXED);
	if (!rc)
		rc = tell(v, VHOST_SET_VRING_BASE, &first);
	if (!rc)
		rc = tell(v, VHOST_SET_VRING_ADDR, &addr);
	if (!rc)
		rc = tell(v, VHOST_SET_VRING_CALL, &call);
	if (!rc)
		rc = tell(v, VHOST_SET_VRING_ERR, &error);
	if (!rc)
		rc = tell(v, VHOST_SET_VRING_KICK, &kick);
	if (!rc)
		rc = set_backend(v, queue, v->tap);
	v->running[queue] = !rc;
	return rc;
}

/* Fails for a queue that does not run only. */
static void stop_queue(struct vhost_net *v, unsigned int queue)
{
	if (v->running[queue])
		(void)set_backend(v, queue, -1);
	v->running[queue] = false;
}

int vhost_net_move(struct vhost_net *v, unsigned int queue)
{
	const struct virtio_device *d = v->call[queue].device;
	const struct virtq *q = &d->queue[queue];

	stop_queue(v, queue);
	if (!virtio_is_live(d) || !q->ready || q->broken)
		return 0;
	return start_queue(v, queue);
}

int vhost_net_start(struct vhost_net *v)
{
	const struct virtio_device *d = v->call[0].device;
	uint64_t features = (d->accepted & FEATURES) | OWN_HEADER;
	int rc = own(v);

	if (!rc)
		rc = tell(v, VHOST_SET_FEATURES, &features);
	for (unsigned int i = 0; i < VHOST_NET_QUEUES && !rc; i++)
		rc = vhost_net_move(v, i);
	return rc;
}

void vhost_net_stop(struct vhost_net *v)
{
	for (unsigned int i = 0; i < VHOST_NET_QUEUES; i++)
		stop_queue(v, i);
}

bool vhost_net_lost(const struct vhost_net *v)
{
	struct pollfd tap = { .fd = v->tap };
	char byte;

	/* A message in each read(), whatever the size. syscall: read, poll */
	(void)!read(v->news, &byte, sizeof(byte));
	return poll(&tap, 1, 0) == 1 && (tap.revents & POLLERR);
}

void vhost_net_close(struct vhost_net *v)
{
	for (unsigned int i = 0; i < VHOST_NET_QUEUES; i++) {
		if (v->call[i].watch.fd >= 0)
			close(v->call[i].watch.fd);
		if (v->error[i].watch.fd >= 0)
			close(v->error[i].watch.fd);
	}
	if (v->news >= 0)
		close(v->news);
	if (v->fd >= 0)
		close(v->fd);
	v->fd = v->news = -1;
}
