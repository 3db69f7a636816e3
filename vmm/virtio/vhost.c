// SPDX-License-Identifier: Apache-2.0
// A virtio device whose requests a vhost-user daemon serves.
#include "vmm/virtio/vhost.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"

#define BIT(n) ((uint64_t)1 << (n))

/* It has to be loaded and to begin, which takes its time on a busy machine. */
#define LIMIT_BEGIN_NS (30 * NS_PER_S)
#define LIMIT_NS       (5 * NS_PER_S)

/*
 * The daemon's rings, one set per queue. Their address is one that no guest
 * memory has: it ends at 64 TiB.
 */
#define RINGS_GPA  ((gpa_t)1 << 46)
#define AVAIL_AT   0u
#define USED_AT    4096u
#define RINGS_SIZE 16384u

_Static_assert(sizeof(struct vring_avail) + 2 * VHOST_QUEUE_SIZE + 2 <= USED_AT,
	       "the rings overlap");
_Static_assert(USED_AT + sizeof(struct vring_used) + 8 * VHOST_QUEUE_SIZE + 2 <=
		       RINGS_SIZE,
	       "the rings overlap");

static struct vhost *vhost_of(struct virtio_device *d)
{
	return (struct vhost *)d;
}

void vhost_init(struct vhost *v, const struct virtio_ops *ops,
		const struct gmem *mem, unsigned int queues)
{
	assert(queues <= VHOST_QUEUES_MAX);
	*v = (struct vhost){ .link.fd = -1, .rings_fd = -1 };
	virtio_init(&v->dev, ops, mem, queues, VHOST_QUEUE_SIZE);
	for (unsigned int i = 0; i < queues; i++)
		v->queue[i].kick = v->queue[i].call = -1;
}

/* Sealed: who shortens shared memory kills those who use it. */
static int make_rings(struct vhost *v, struct err *e)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	size_t size = v->dev.queues * RINGS_SIZE;
	void *at;

	v->rings_fd =
		memfd_create("dive-rings", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (v->rings_fd < 0 || ftruncate(v->rings_fd, (off_t)size) ||
	    fcntl(v->rings_fd, F_ADD_SEALS, seals))
		goto failed;
	at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, v->rings_fd,
		  0);
	if (at == MAP_FAILED)
		goto failed;
	v->rings = at;
	for (unsigned int i = 0; i < v->dev.queues; i++) {
		struct vhost_queue *q = &v->queue[i];
		uint8_t *rings = v->rings + (size_t)i * RINGS_SIZE;

		q->avail = (struct vring_avail *)(void *)(rings + AVAIL_AT);
		q->used = (struct vring_used *)(void *)(rings + USED_AT);
		q->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		q->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (q->kick < 0 || q->call < 0)
			goto failed;
	}
	return 0;
failed:
	return err_set(e, -errno, "no rings for a vhost-user daemon: %s",
		       strerror(errno));
}

int vhost_connect(struct vhost *v, int socket,
		  const struct vhost_user_region *region, unsigned int count,
		  struct err *e)
{
	struct vhost_user_region all[VHOST_USER_REGIONS_MAX];
	int rc = make_rings(v, e);

	assert(count < VHOST_USER_REGIONS_MAX);
	memcpy(all, region, count * sizeof(*region));
	all[count] = (struct vhost_user_region){
		.gpa = RINGS_GPA,
		.size = v->dev.queues * RINGS_SIZE,
		.fd = v->rings_fd,
	};
	v->link.fd = socket;
	v->link.limit_ns = LIMIT_BEGIN_NS;
	if (!rc)
		rc = vhost_user_open(&v->link, v->dev.queues, e);
	if (!rc)
		rc = vhost_user_set_memory(&v->link, all, count + 1, e);
	if (rc)
		return rc;
	if (!(v->link.features & BIT(VIRTIO_F_VERSION_1)))
		return err_set(e, -EPROTO,
			       "the vhost-user daemon is too old: it knows "
			       "nothing of virtio 1.0");
	/* Events are between the driver and us; descriptors reach the daemon. */
	if (!(v->link.features & BIT(VIRTIO_RING_F_INDIRECT_DESC)))
		v->dev.offered &= ~BIT(VIRTIO_RING_F_INDIRECT_DESC);
	v->link.limit_ns = LIMIT_NS;
	v->alive = true;
	return 0;
}

static int start_queue(struct vhost *v, unsigned int queue, struct err *e)
{
	struct vhost_queue *q = &v->queue[queue];
	const struct virtq *driver = &v->dev.queue[queue];
	gpa_t rings = RINGS_GPA + (gpa_t)queue * RINGS_SIZE;
	const struct vhost_user_ring ring = {
		.size = driver->size,
		.desc = driver->desc_at,
		.avail = rings + AVAIL_AT,
		.used = rings + USED_AT,
		.kick = q->kick,
		.call = q->call,
	};

	memset(v->rings + (size_t)queue * RINGS_SIZE, 0, RINGS_SIZE);
	memset(q->open, 0, sizeof(q->open));
	q->size = driver->size;
	q->given = q->passed = 0;
	q->running = true;
	return vhost_user_start_ring(&v->link, queue, &ring, e);
}

/* The lock is held until all is said. */
static void set_deadline(struct vhost *v)
{
	v->link.until_ns = clock_now_ns() + v->link.limit_ns;
}

void vhost_start(struct virtio_device *d)
{
	const uint64_t known =
		BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_RING_F_INDIRECT_DESC);
	struct vhost *v = vhost_of(d);
	struct err e;
	int rc;

	if (!v->alive)
		return;
	set_deadline(v);
	rc = vhost_user_set_features(&v->link, d->accepted & known, &e);
	for (unsigned int i = 0; i < d->queues && !rc; i++)
		if (d->queue[i].ready && !d->queue[i].broken)
			rc = start_queue(v, i, &e);
	if (rc)
		vhost_lose(v, e.msg);
}

void vhost_stop(struct virtio_device *d)
{
	struct vhost *v = vhost_of(d);
	struct err e;
	int rc = 0;

	set_deadline(v);
	for (unsigned int i = 0; i < d->queues; i++) {
		struct vhost_queue *q = &v->queue[i];

		/* What it has not answered now nobody waits for. */
		memset(q->open, 0, sizeof(q->open));
		if (q->running && v->alive && !rc)
			rc = vhost_user_stop_ring(&v->link, i, &e);
		q->running = false;
	}
	if (rc)
		vhost_lose(v, e.msg);
}

static void give(struct vhost_queue *q, uint16_t head)
{
	q->open[head] = true;
	q->avail->ring[q->given % q->size] = head;
	q->given++;
	__atomic_store_n(&q->avail->idx, q->given, __ATOMIC_RELEASE);
}

static void refuse(struct vhost *v, unsigned int queue,
		   const struct virtq_chain *c)
{
	virtq_push(&v->dev.queue[queue], c->head, v->refuse(c));
}

void vhost_serve(struct virtio_device *d, unsigned int queue)
{
	struct vhost *v = vhost_of(d);
	struct vhost_queue *q = &v->queue[queue];
	struct iovec iov[VHOST_QUEUE_SIZE];
	struct virtq_chain c = { .iov = iov, .max = VHOST_QUEUE_SIZE };
	uint16_t given = q->given;
	uint64_t one = 1;

	if (v->alive && !q->running) {
		virtio_break(d, queue, "a queue that the daemon has not");
		return;
	}
	while (v->alive && virtio_take(d, queue, &c.head)) {
		if (c.head >= q->size || q->open[c.head]) {
			virtio_break(d, queue, "a chain that is in use");
			return;
		}
		give(q, c.head);
	}
	if (q->given != given) /* syscall: write */
		(void)!write(q->kick, &one, sizeof(one));
	while (!v->alive && virtio_pop(d, queue, &c))
		refuse(v, queue, &c);
}

/* Returns what the daemon did wrong, or NULL. */
static const char *pass_on(struct vhost *v, unsigned int queue)
{
	struct vhost_queue *q = &v->queue[queue];
	struct virtq *driver = &v->dev.queue[queue];
	uint16_t idx = __atomic_load_n(&q->used->idx, __ATOMIC_ACQUIRE);

	if ((uint16_t)(idx - q->passed) > q->size)
		return "it put more into a ring than fits";
	for (; q->passed != idx; q->passed++) {
		struct vring_used_elem *e = &q->used->ring[q->passed % q->size];
		uint32_t head = __atomic_load_n(&e->id, __ATOMIC_RELAXED);
		uint32_t written = __atomic_load_n(&e->len, __ATOMIC_RELAXED);

		if (head >= q->size || !q->open[head])
			return "it answered a request that nobody made";
		q->open[head] = false;
		virtq_push(driver, (uint16_t)head, written);
	}
	return NULL;
}

void vhost_called(struct vhost *v, unsigned int queue)
{
	const char *why;
	uint64_t count;

	/* syscall: read */
	(void)!read(v->queue[queue].call, &count, sizeof(count));
	if (!v->alive || !v->queue[queue].running)
		return;
	why = pass_on(v, queue);
	virtio_interrupt(&v->dev, queue);
	if (why)
		vhost_lose(v, why);
}

/* What the daemon had finished counts; the rest of what it had is refused. */
static void settle(struct vhost *v, unsigned int queue)
{
	struct vhost_queue *q = &v->queue[queue];
	struct virtq *driver = &v->dev.queue[queue];
	struct iovec iov[VHOST_QUEUE_SIZE];
	struct virtq_chain c = { .iov = iov, .max = VHOST_QUEUE_SIZE };

	(void)!pass_on(v, queue);
	for (unsigned int head = 0; head < q->size; head++) {
		if (!q->open[head])
			continue;
		q->open[head] = false;
		c.head = (uint16_t)head;
		if (virtq_walk(driver, &c))
			refuse(v, queue, &c);
	}
	q->running = false;
	if (driver->broken)
		virtio_break(&v->dev, queue, driver->broken);
	else
		virtio_interrupt(&v->dev, queue);
}

void vhost_lose(struct vhost *v, const char *why)
{
	if (!v->alive)
		return;
	v->alive = false;
	v->lost(v->ctx, v, why);
	for (unsigned int i = 0; i < v->dev.queues; i++)
		if (v->queue[i].running)
			settle(v, i);
}

void vhost_free(struct vhost *v)
{
	for (unsigned int i = 0; i < v->dev.queues; i++) {
		if (v->queue[i].kick >= 0)
			close(v->queue[i].kick);
		if (v->queue[i].call >= 0)
			close(v->queue[i].call);
	}
	if (v->rings)
		munmap(v->rings, v->dev.queues * RINGS_SIZE);
	if (v->rings_fd >= 0)
		close(v->rings_fd);
	v->rings_fd = -1;
	v->rings = NULL;
}
