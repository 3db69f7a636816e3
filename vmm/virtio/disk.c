// SPDX-License-Identifier: Apache-2.0
// A file or block device of the host, through io_uring where there is one.
#include "vmm/virtio/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECTOR    512u
#define TRIES_MAX 16

/* A ring of a killed process lives on for some milliseconds, with its files. */
#define LOCK_TRIES   50
#define LOCK_WAIT_US 10000

static int find_size(struct disk *d, const char *path, struct err *e)
{
	struct stat st;
	int logical = SECTOR;

	if (fstat(d->fd, &st))
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	d->size = (uint64_t)st.st_size;
	if (S_ISBLK(st.st_mode)) {
		if (ioctl(d->fd, BLKGETSIZE64, &d->size) ||
		    ioctl(d->fd, BLKSSZGET, &logical))
			return err_set(e, -errno, "%s: no size: %s", path,
				       strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		return err_set(e, -EINVAL,
			       "%s is no disk: name a file or a block device",
			       path);
	}
	d->sector = (uint32_t)logical;
	if (d->size == 0 || d->size % SECTOR)
		return err_set(e, -EINVAL,
			       "%s has %" PRIu64 " bytes, a disk has whole "
			       "sectors: 'truncate -s %%%u' rounds up",
			       path, d->size, SECTOR);
	return 0;
}

/*
 * No seccomp filter sees what a ring does: it could open files and connect.
 * So it takes nothing but what a disk needs (Linux 5.10).
 */
static bool open_ring(struct disk *d, unsigned int depth)
{
	static const uint8_t allowed[] = { IORING_OP_READV, IORING_OP_WRITEV,
					   IORING_OP_FSYNC,
					   IORING_OP_FALLOCATE };
	struct io_uring_restriction rule[sizeof(allowed)] = { 0 };

	if (io_uring_queue_init(depth, &d->ring, IORING_SETUP_R_DISABLED))
		return false;
	for (size_t i = 0; i < sizeof(allowed); i++) {
		rule[i].opcode = IORING_RESTRICTION_SQE_OP;
		rule[i].sqe_op = allowed[i];
	}
	/* liburing's own calls for this are missing in its shared library. */
	if (syscall(SYS_io_uring_register, d->ring.ring_fd,
		    IORING_REGISTER_RESTRICTIONS, rule, sizeof(allowed)) == 0 &&
	    syscall(SYS_io_uring_register, d->ring.ring_fd,
		    IORING_REGISTER_ENABLE_RINGS, NULL, 0) == 0)
		return true;
	io_uring_queue_exit(&d->ring);
	return false;
}

/* Two writers destroy a file system. No lock there: nobody to ask. */
static bool lock(const struct disk *d)
{
	int how = (d->readonly ? LOCK_SH : LOCK_EX) | LOCK_NB;

	for (unsigned int i = 0; i < LOCK_TRIES; i++) {
		if (flock(d->fd, how) == 0 || errno != EWOULDBLOCK)
			return true;
		usleep(LOCK_WAIT_US);
	}
	return false;
}

int disk_open(struct disk *d, const char *path, bool readonly,
	      unsigned int depth, struct err *e)
{
	int flags = readonly ? O_RDONLY : O_RDWR;
	int rc;

	*d = (struct disk){ .fd = open(path, flags | O_CLOEXEC),
			    .readonly = readonly };
	if (d->fd < 0)
		return err_set(e, errno == ENOENT ? -ENOENT : -errno, "%s: %s",
			       path, strerror(errno));
	rc = find_size(d, path, e);
	if (rc)
		return rc;
	if (!lock(d))
		return err_set(e, -EBUSY,
			       "%s is in use by another process, or given "
			       "twice; ':ro' behind each name lets them share",
			       path);
	d->async = depth && open_ring(d, depth);
	if (d->async)
		d->watch.fd = d->ring.ring_fd;
	return 0;
}

void disk_close(struct disk *d)
{
	if (d->async)
		io_uring_queue_exit(&d->ring);
	if (d->fd >= 0)
		close(d->fd);
	d->async = false;
	d->fd = -1;
}

static int fallocate_mode(const struct disk_io *io)
{
	return FALLOC_FL_KEEP_SIZE |
	       (io->op == DISK_DISCARD ? FALLOC_FL_PUNCH_HOLE
				       : FALLOC_FL_ZERO_RANGE);
}

/*
 * Without io_uring: as it would have answered, but at once.
 * syscall: preadv2, pwritev2, fdatasync, fallocate
 */
static int run_now(const struct disk *d, const struct disk_io *io)
{
	int flags = io->durable ? RWF_DSYNC : 0;
	ssize_t n = -1;

	switch (io->op) {
	case DISK_READ:
		n = preadv2(d->fd, io->data.at, (int)io->data.count,
			    (off_t)io->offset, 0);
		break;
	case DISK_WRITE:
		n = pwritev2(d->fd, io->data.at, (int)io->data.count,
			     (off_t)io->offset, flags);
		break;
	case DISK_FLUSH:
		n = fdatasync(d->fd);
		break;
	case DISK_DISCARD:
	case DISK_ZERO:
		n = fallocate(d->fd, fallocate_mode(io), (off_t)io->offset,
			      (off_t)io->size);
		break;
	}
	return n < 0 ? -errno : (int)n;
}

static void fill_sqe(const struct disk *d, struct io_uring_sqe *sqe,
		     struct disk_io *io)
{
	switch (io->op) {
	case DISK_READ:
		io_uring_prep_readv(sqe, d->fd, io->data.at, io->data.count,
				    io->offset);
		break;
	case DISK_WRITE:
		io_uring_prep_writev2(sqe, d->fd, io->data.at, io->data.count,
				      io->offset, io->durable ? RWF_DSYNC : 0);
		break;
	case DISK_FLUSH:
		io_uring_prep_fsync(sqe, d->fd, IORING_FSYNC_DATASYNC);
		break;
	case DISK_DISCARD:
	case DISK_ZERO:
		io_uring_prep_fallocate(sqe, d->fd, fallocate_mode(io),
					(off_t)io->offset, (off_t)io->size);
		break;
	}
	io_uring_sqe_set_data(sqe, io);
}

static bool moves_data(const struct disk_io *io)
{
	return io->op == DISK_READ || io->op == DISK_WRITE;
}

/*
 * The kernel has answered: true when the operation is complete, false when the
 * rest of it must be asked for. A file that has become shorter is an error.
 */
static bool answered(struct disk_io *io, int answer, int *ret_error)
{
	*ret_error = answer < 0 ? answer : 0;
	if ((answer == -EINTR || answer == -EAGAIN) && io->tries < TRIES_MAX) {
		io->tries++;
		return false;
	}
	if (answer < 0 || !moves_data(io))
		return true;
	if (answer == 0 && io->size) {
		*ret_error = -EIO;
		return true;
	}
	iov_skip(&io->data, (size_t)answer);
	io->offset += (uint64_t)answer;
	io->size -= (uint64_t)answer;
	return io->size == 0;
}

static void enqueue(struct disk *d, struct disk_io *io)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&d->ring);

	if (!sqe) { /* as many as there are operations: a resubmission */
		io_uring_submit(&d->ring);
		sqe = io_uring_get_sqe(&d->ring);
	}
	if (!sqe) {
		d->flight--;
		d->done(d->ctx, io, -EIO);
		return;
	}
	fill_sqe(d, sqe, io);
	d->unsent++;
}

void disk_submit(struct disk *d, struct disk_io *io)
{
	int error;

	io->tries = 0;
	d->flight++;
	if (d->async) {
		enqueue(d, io);
		return;
	}
	while (!answered(io, run_now(d, io), &error))
		;
	d->flight--;
	d->done(d->ctx, io, error);
}

static void reap_ring(struct disk *d)
{
	struct io_uring_cqe *cqe;

	while (d->async && io_uring_peek_cqe(&d->ring, &cqe) == 0) {
		struct disk_io *io = io_uring_cqe_get_data(cqe);
		int answer = cqe->res, error;

		io_uring_cqe_seen(&d->ring, cqe);
		if (answered(io, answer, &error)) {
			d->flight--;
			d->done(d->ctx, io, error);
		} else {
			enqueue(d, io);
		}
	}
}

void disk_flush_queue(struct disk *d)
{
	while (d->unsent) {
		/* -EAGAIN, -EBUSY: what is complete must be taken first. */
		/* syscall: io_uring_enter */
		if (io_uring_submit(&d->ring) >= 0)
			d->unsent = io_uring_sq_ready(&d->ring);
		reap_ring(d);
	}
}

void disk_reap(struct disk *d)
{
	reap_ring(d);
	disk_flush_queue(d);
}

void disk_wait(struct disk *d)
{
	struct io_uring_cqe *cqe;

	disk_flush_queue(d);
	while (d->flight && d->async) {
		(void)io_uring_wait_cqe(&d->ring, &cqe);
		disk_reap(d);
	}
}
