// SPDX-License-Identifier: Apache-2.0
// Block device: requests of the driver become operations on a disk of the host
// (virtio 1.2, 5.2.6).
#include "vmm/virtio/blk.h"

#include <errno.h>
#include <linux/virtio_ids.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define SECTOR      512u
#define BIT(n)      ((uint64_t)1 << (n))
#define SECTORS_MAX (1u << 22) /* of one discard or write zeroes: 2 GiB */
#define UNMAP       ((uint32_t)VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP)
#define REQUESTS    (BLK_QUEUE + 1u)

/*
 * Bytes that are asked for at once, beside the last request: what lies in the
 * host's memory is copied while the lock is held, and a reset waits for all.
 */
#define TURN_BYTES ((uint64_t)64 << 20)

/* A request is answered: status, interrupt if it is wanted, free again. */
static void answer(struct blk *b, struct blk_request *r, uint8_t status)
{
	*r->status = status;
	virtq_push(&b->device.queue[0], r->head,
		   status == VIRTIO_BLK_S_OK ? r->filled + 1 : 1);
	b->ended += r->bytes;
	r->next = b->free;
	b->free = r;
}

static void on_done(void *ctx, struct disk_io *io, int error)
{
	struct blk *b = ctx;
	struct blk_request *r =
		(struct blk_request *)((char *)io -
				       offsetof(struct blk_request, io));
	uint8_t status = VIRTIO_BLK_S_IOERR;

	if (error == 0)
		status = VIRTIO_BLK_S_OK;
	else if (error == -EOPNOTSUPP)
		status = VIRTIO_BLK_S_UNSUPP;
	answer(b, r, status);
}

/* Does it lie on the disk? */
static bool in_range(const struct blk *b, uint64_t sector, uint64_t bytes)
{
	uint64_t sectors = b->disk.size / SECTOR;

	return bytes % SECTOR == 0 && sector <= sectors &&
	       bytes / SECTOR <= sectors - sector;
}

/* Read and write: buffers of the guest straight to the file. */
static int begin_data(struct blk *b, struct blk_request *r, uint64_t sector,
		      struct iov data)
{
	uint64_t bytes = iov_size(&data);
	bool write = r->io.op == DISK_WRITE;

	if (!in_range(b, sector, bytes) || (write && b->disk.readonly))
		return VIRTIO_BLK_S_IOERR;
	if (bytes == 0)
		return VIRTIO_BLK_S_OK;
	r->io.data = data;
	r->io.offset = sector * SECTOR;
	r->io.size = bytes;
	/* 5.2.6.2: who never flushes gets a write-through disk. */
	r->io.durable =
		write && !(b->device.accepted & BIT(VIRTIO_BLK_F_FLUSH));
	r->filled = write ? 0 : (uint32_t)bytes;
	r->bytes = bytes;
	b->begun += bytes;
	disk_submit(&b->disk, &r->io);
	return -1;
}

/* Discard and write zeroes: one range, as the configuration says. */
static int begin_range(struct blk *b, struct blk_request *r, bool discard,
		       struct iov payload)
{
	struct virtio_blk_discard_write_zeroes range;

	if (b->disk.readonly || iov_size(&payload) != sizeof(range))
		return VIRTIO_BLK_S_IOERR;
	iov_take(&payload, &range, sizeof(range));
	if (discard ? range.flags : range.flags & ~UNMAP)
		return VIRTIO_BLK_S_UNSUPP;
	if (range.num_sectors > SECTORS_MAX ||
	    !in_range(b, range.sector, range.num_sectors * (uint64_t)SECTOR))
		return VIRTIO_BLK_S_IOERR;
	if (range.num_sectors == 0)
		return VIRTIO_BLK_S_OK;
	/* A hole reads as zeroes. */
	r->io.op = discard || range.flags & UNMAP ? DISK_DISCARD : DISK_ZERO;
	r->io.offset = range.sector * SECTOR;
	r->io.size = range.num_sectors * (uint64_t)SECTOR;
	disk_submit(&b->disk, &r->io);
	return -1;
}

/*
 * Begin what the driver asks for.
 * Return: a status that is known now, or -1 when on_done() will tell.
 */
static int begin(struct blk *b, struct blk_request *r,
		 const struct virtio_blk_outhdr *h, struct iov in,
		 struct iov out)
{
	r->filled = 0;
	r->bytes = 0;
	switch (h->type) {
	case VIRTIO_BLK_T_IN:
		r->io.op = DISK_READ;
		return begin_data(b, r, h->sector, in);
	case VIRTIO_BLK_T_OUT:
		r->io.op = DISK_WRITE;
		return begin_data(b, r, h->sector, out);
	case VIRTIO_BLK_T_FLUSH:
		r->io.op = DISK_FLUSH;
		disk_submit(&b->disk, &r->io);
		return -1;
	case VIRTIO_BLK_T_GET_ID:
		r->filled = (uint32_t)iov_put(&in, b->id, sizeof(b->id));
		return VIRTIO_BLK_S_OK;
	case VIRTIO_BLK_T_DISCARD:
	case VIRTIO_BLK_T_WRITE_ZEROES:
		return begin_range(b, r, h->type == VIRTIO_BLK_T_DISCARD, out);
	default:
		return VIRTIO_BLK_S_UNSUPP;
	}
}

static bool is_full(const struct blk *b)
{
	return b->begun - b->ended >= TURN_BYTES;
}

static void take(struct blk *b, unsigned int queue)
{
	struct virtio_device *d = &b->device;
	uint64_t start = b->begun;

	/* Without a ring each is answered at once. */
	while (!(b->more = is_full(b) || b->begun - start >= TURN_BYTES)) {
		struct blk_request *r = b->free;
		struct virtq_chain chain = { .iov = r->iov, .max = BLK_QUEUE };
		struct virtio_blk_outhdr header;
		struct iov out, in;
		int status;

		if (!virtio_pop(d, queue, &chain))
			break;
		if (!r->next) {
			virtio_break(
				d, queue,
				"more requests than the queue has entries");
			break;
		}
		out = (struct iov){ r->iov, chain.readable };
		in = (struct iov){ r->iov + chain.readable, chain.writable };
		r->status = iov_split_last(&in);
		if (!r->status ||
		    iov_take(&out, &header, sizeof(header)) != sizeof(header)) {
			virtio_break(d, queue,
				     "a request without header or status");
			break;
		}
		r->head = chain.head;
		b->free = r->next;
		status = begin(b, r, &header, in, out);
		if (status >= 0)
			answer(b, r, (uint8_t)status);
	}
	disk_flush_queue(&b->disk);
}

static void serve(struct virtio_device *d, unsigned int queue)
{
	struct blk *b =
		(struct blk *)((char *)d - offsetof(struct blk, device));

	take(b, queue);
	if (b->more && !is_full(b))
		d->host.kick(d->host.ctx, d, queue);
}

/* The I/O thread finds operations complete. */
static void on_ring(struct loop_watch *w)
{
	struct blk *b =
		(struct blk *)((char *)w - offsetof(struct blk, disk.watch));

	disk_reap(&b->disk);
	virtio_interrupt(&b->device, 0);
	if (b->more)
		virtio_serve(&b->device, 0);
}

static void stop(struct virtio_device *d)
{
	struct blk *b =
		(struct blk *)((char *)d - offsetof(struct blk, device));

	disk_wait(&b->disk);
	b->more = false;
}

static const struct virtio_ops blk_ops = {
	.name = "virtio-blk",
	.id = VIRTIO_ID_BLOCK,
	.pci_id = 0x1001,
	.pci_class = 0x0100,
	.stop = stop,
	.serve = serve,
};

static void fill_config(struct blk *b)
{
	uint64_t features = BIT(VIRTIO_BLK_F_SEG_MAX) |
			    BIT(VIRTIO_BLK_F_BLK_SIZE) |
			    BIT(VIRTIO_BLK_F_FLUSH);

	b->config = (struct virtio_blk_config){
		.capacity = b->disk.size / SECTOR,
		.seg_max = BLK_QUEUE - 2, /* header and status */
		.blk_size = b->disk.sector,
	};
	if (b->disk.readonly) {
		features |= BIT(VIRTIO_BLK_F_RO);
	} else {
		features |= BIT(VIRTIO_BLK_F_DISCARD) |
			    BIT(VIRTIO_BLK_F_WRITE_ZEROES);
		b->config.max_discard_sectors = SECTORS_MAX;
		b->config.max_discard_seg = 1;
		b->config.discard_sector_alignment = b->disk.sector / SECTOR;
		b->config.max_write_zeroes_sectors = SECTORS_MAX;
		b->config.max_write_zeroes_seg = 1;
		b->config.write_zeroes_may_unmap = 1;
	}
	b->device.offered |= features;
	b->device.config = &b->config;
	b->device.config_size = sizeof(b->config);
}

int blk_open(struct blk *b, const struct gmem *mem, const char *path,
	     bool readonly, struct err *e)
{
	const char *base = strrchr(path, '/');
	int rc;

	memset(b, 0, sizeof(*b));
	virtio_init(&b->device, &blk_ops, mem, 1, BLK_QUEUE);
	rc = disk_open(&b->disk, path, readonly, BLK_QUEUE, e);
	if (rc)
		return rc;
	b->disk.done = on_done;
	b->disk.ctx = b;
	b->disk.watch.events = EPOLLIN;
	b->disk.watch.ready = on_ring;
	b->request = calloc(REQUESTS, sizeof(b->request[0]));
	if (!b->request)
		return err_set(e, -ENOMEM, "no memory for disk requests");
	for (unsigned int i = 0; i < REQUESTS; i++) {
		b->request[i].next = b->free;
		b->free = &b->request[i];
	}
	base = base ? base + 1 : path;
	memcpy(b->id, base, strnlen(base, sizeof(b->id)));
	fill_config(b);
	return 0;
}

void blk_close(struct blk *b)
{
	if (b->disk.fd >= 0 && b->request)
		disk_wait(&b->disk);
	disk_close(&b->disk);
	free(b->request);
	b->request = NULL;
}
