// SPDX-License-Identifier: Apache-2.0
// The virtiofsd of this machine behind a file system device: a small FUSE
// client makes directories, with root and without, where it may and may not.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/fuse.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "vmm/share_daemon.h"
#include "vmm/virtio/fs.h"

#define DESC    0x1000u
#define AVAIL   0x2000u
#define USED    0x3000u
#define IN      0x4000u
#define OUT     0x5000u
#define RAM     0x6000u
#define SIZE    8u
#define ROOT    1u /* node number of the shared directory */
#define REQUEST 1
#define NOBODY  65534
#define PASSED  42 /* status of a test in a child */
#define SKIPPED 77

struct client {
	struct daemon daemon;
	int socket;
	int ram_fd;
	uint8_t *ram;
	struct gmem mem;
	struct fs fs;
	uint64_t unique;
};

static char dir[] = "/tmp/share, d\\test.XXXXXX";

static void on_interrupt(void *transport, unsigned int queue)
{
	(void)transport;
	(void)queue;
}

static void on_kick(void *ctx, struct virtio_device *d, unsigned int queue)
{
	(void)ctx;
	(void)d;
	(void)queue;
}

static void on_live(void *ctx, struct virtio_device *d, bool on)
{
	(void)ctx;
	(void)d;
	(void)on;
}

static void on_lost(void *ctx, struct vhost *v, const char *why)
{
	(void)ctx;
	(void)v;
	(void)why;
}

static void drive(struct client *c)
{
	const uint8_t driver = VIRTIO_CONFIG_S_ACKNOWLEDGE |
			       VIRTIO_CONFIG_S_DRIVER |
			       VIRTIO_CONFIG_S_FEATURES_OK;
	struct virtio_device *d = &c->fs.vhost.dev;
	struct virtq *vq = &d->queue[REQUEST];

	d->interrupt = on_interrupt;
	d->host = (struct virtio_host){ .kick = on_kick, .live = on_live };
	virtio_accept(d, 1, 1);
	virtio_set_status(d, driver);
	vq->size = SIZE;
	vq->desc_at = DESC;
	vq->avail_at = AVAIL;
	vq->used_at = USED;
	virtio_enable_queue(d, REQUEST);
	virtio_set_status(d, driver | VIRTIO_CONFIG_S_DRIVER_OK);
}

/* Returns the error of fuse_out_header; 1 when no answer came. */
static int call(struct client *c, uint32_t opcode, const void *args,
		size_t size)
{
	struct fuse_in_header in = { .len = (uint32_t)(sizeof(in) + size),
				     .opcode = opcode,
				     .unique = ++c->unique,
				     .nodeid = ROOT,
				     .uid = 0,
				     .gid = 0 };
	struct vring_desc *desc = (struct vring_desc *)(void *)(c->ram + DESC);
	struct vring_avail *avail =
		(struct vring_avail *)(void *)(c->ram + AVAIL);
	struct vring_used *used = (struct vring_used *)(void *)(c->ram + USED);
	struct fuse_out_header out;
	uint16_t before = used->idx;

	memcpy(c->ram + IN, &in, sizeof(in));
	memcpy(c->ram + IN + sizeof(in), args, size);
	desc[0] = (struct vring_desc){ IN, in.len, VRING_DESC_F_NEXT, 1 };
	desc[1] = (struct vring_desc){ OUT, 4096, VRING_DESC_F_WRITE, 0 };
	avail->ring[avail->idx % SIZE] = 0;
	avail->idx++;
	virtio_serve(&c->fs.vhost.dev, REQUEST);
	while (used->idx == before) {
		struct pollfd p[] = {
			{ c->fs.vhost.queue[REQUEST].call, POLLIN, 0 },
			{ c->socket, POLLIN, 0 },
		};

		if (poll(p, 2, 10000) < 1)
			return 1;
		if (p[0].revents)
			vhost_called(&c->fs.vhost, REQUEST);
		if (p[1].revents)
			vhost_lose(&c->fs.vhost, "it has gone");
	}
	memcpy(&out, c->ram + OUT, sizeof(out));
	assert_int_equal(out.unique, in.unique);
	return out.error;
}

static int init(struct client *c)
{
	const struct fuse_init_in args = { .major = 7, .minor = 31 };

	return call(c, FUSE_INIT, &args, sizeof(args));
}

static int make(struct client *c, const char *name)
{
	struct {
		struct fuse_mkdir_in in;
		char name[20];
	} args = { .in = { .mode = 0755 } };

	snprintf(args.name, sizeof(args.name), "%s", name);
	return call(c, FUSE_MKDIR, &args, sizeof(args.in) + strlen(name) + 1);
}

/* Containers often forbid what the daemon confines itself with. */
static bool may_confine(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static void begin(struct client *c, bool readonly)
{
	const struct run_share share = { dir, "tag", readonly };
	struct vhost_user_region r = { 0, RAM, 0, 0 };
	struct gmem_region region = { .size = RAM };
	struct err e = { 0 };
	int rc;

	if (!may_confine())
		skip();
	memset(c, 0, sizeof(*c));
	c->ram_fd = r.fd = memfd_create("ram", 0);
	assert_int_equal(ftruncate(r.fd, RAM), 0);
	c->ram = region.host =
		mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, 0);
	assert_int_equal(gmem_add(&c->mem, &region, NULL), 0);
	rc = share_daemon_start(&c->daemon, &share, &c->socket, &e);
	if (rc == -ENODEV)
		skip();
	if (rc)
		fail_msg("%s", e.msg);
	fs_init(&c->fs, &c->mem, share.tag);
	c->fs.vhost.lost = on_lost;
	rc = vhost_connect(&c->fs.vhost, c->socket, &r, 1, &e);
	if (rc) {
		char words[200];

		daemon_end(&c->daemon, 0, words, sizeof(words));
		fail_msg("%s: %s", e.msg, words);
	}
	drive(c);
}

static void end(struct client *c)
{
	char words[200];

	vhost_free(&c->fs.vhost);
	close(c->socket);
	daemon_end(&c->daemon, 5000000000u, words, sizeof(words));
	assert_null(strstr(words, "signal"));
	munmap(c->ram, RAM);
	close(c->ram_fd);
}

static bool made(const char *name, uid_t owner)
{
	char path[80];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == owner && rmdir(path) == 0;
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(dir) && chmod(dir, 0777) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	return rmdir(dir);
}

static void test_write(void **state)
{
	struct client c;

	(void)state;
	begin(&c, false);
	assert_int_equal(init(&c), 0);
	assert_int_equal(make(&c, "new"), 0);
	assert_true(made("new", geteuid()));
	end(&c);
}

static void test_readonly(void **state)
{
	struct client c;

	(void)state;
	begin(&c, true);
	assert_int_equal(init(&c), 0);
	assert_int_equal(make(&c, "new"), -EROFS);
	end(&c);
}

/* An ordinary user, who is in groups that nobody lets him leave. */
static void as_nobody(bool readonly)
{
	const gid_t groups[] = { 4, 20, 100 };
	int status;
	pid_t pid;

	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0) {
		struct client c;

		if (setgroups(3, groups) || setresgid(NOBODY, NOBODY, NOBODY) ||
		    setresuid(NOBODY, NOBODY, NOBODY) ||
		    prctl(PR_SET_DUMPABLE, 1)) /* as after a login */
			_exit(2);
		if (!may_confine())
			_exit(SKIPPED);
		begin(&c, readonly);
		assert_int_equal(init(&c), 0);
		assert_int_equal(make(&c, "new"), readonly ? -EROFS : 0);
		assert_int_equal(made("new", NOBODY), !readonly);
		end(&c);
		_exit(PASSED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WEXITSTATUS(status) == SKIPPED)
		skip();
	assert_int_equal(WEXITSTATUS(status), PASSED);
}

static void test_user_writes(void **state)
{
	(void)state;
	as_nobody(false);
}

static void test_user_readonly(void **state)
{
	(void)state;
	as_nobody(true);
}

static void test_killed(void **state)
{
	char words[100];
	struct client c;

	(void)state;
	begin(&c, false);
	assert_int_equal(init(&c), 0);
	daemon_end(&c.daemon, 0, words, sizeof(words));
	assert_non_null(strstr(words, "signal 9"));
	assert_int_equal(make(&c, "new"), -EIO);
	assert_int_equal(make(&c, "new"), -EIO);
	end(&c);
}

static void test_no_directory(void **state)
{
	const struct run_share file = { "/dev/null", "tag", false };
	const struct run_share nothing = { "/nonexistent", "tag", false };
	struct daemon d;
	struct err e;
	int fd;

	(void)state;
	assert_int_equal(share_daemon_start(&d, &file, &fd, &e), -EINVAL);
	assert_string_equal(e.msg, "not a directory");
	assert_int_equal(share_daemon_start(&d, &nothing, &fd, &e), -EINVAL);
	assert_string_equal(e.msg, "No such file or directory");
}

#ifdef __SANITIZE_THREAD__
#define COUNT 1 /* its own thread forbids the name space of a daemon */
#else
#define COUNT 6
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_directory),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_readonly),
		cmocka_unit_test(test_user_writes),
		cmocka_unit_test(test_user_readonly),
		cmocka_unit_test(test_killed),
	};

	return _cmocka_run_group_tests("daemon", tests, COUNT, setup, teardown);
}
