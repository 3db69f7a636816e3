// SPDX-License-Identifier: Apache-2.0
// Programs that others bring: this test is them, and Linux's machine.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/local.h"
#include "hrt/keep.h"

#define PATIENCE_MS 5000

static struct program p;
static struct keep *k;
static char path[64];

static void wake(void *ctx)
{
	(void)ctx; /* we look by ourselves */
}

static int setup(void **state)
{
	static const struct job_frame ready = { JOB_READY, 0 };
	struct err e;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/keep_test.%d", getpid());
	assert_int_equal(program_open(&p, NULL, &e), 0);
	p.wake = wake;
	assert_int_equal(keep_open(&k, path, &p, &e), 0);
	assert_int_equal(keep_start(k, &e), 0);
	p.run.said(&p.run, (const uint8_t *)&ready, sizeof(ready));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	keep_close(k);
	program_close(&p);
	assert_int_equal(access(path, F_OK), -1);
	return 0;
}

static bool pass_a_millisecond(int *left)
{
	usleep(1000);
	return (*left)-- > 0;
}

/* Connect and bring a program, "cat", that says it has @argc words. */
static int bring_words(uint32_t argc, const char *cwd, const int *fds)
{
	struct {
		struct job_frame head;
		struct job_start start;
		char strings[512];
	} m = { .start = { .argc = argc } };
	struct err e;
	int fd = local_connect(path, &e);
	int n;

	assert_true(fd >= 0);
	n = snprintf(m.strings, sizeof(m.strings), "cat%c%s", 0, cwd) + 1;
	m.head = (struct job_frame){ JOB_START,
				     (uint32_t)(sizeof(m.start) + (size_t)n) };
	assert_true(local_send(fd, &m, sizeof(m.head) + m.head.size, fds));
	return fd;
}

static int bring(const char *cwd, const int *fds)
{
	return bring_words(1, cwd, fds);
}

static int bring_here(void)
{
	static const int fds[LOCAL_FDS] = { 0, 1, 2 };
	char *cwd = getcwd(NULL, 0);
	int fd = bring(cwd, fds), left = PATIENCE_MS;

	while (!p.run.begin(&p.run))
		assert_true(pass_a_millisecond(&left));
	p.run.idle(&p.run);
	free(cwd);
	return fd;
}

static void say(enum job_type type, int32_t number)
{
	const struct {
		struct job_frame head;
		int32_t number;
	} m = { { type, sizeof(number) }, number };
	const uint8_t *from;
	size_t n;

	while ((n = p.run.next(&p.run, &from)) != 0)
		p.run.taken(&p.run, n);
	p.run.said(&p.run, (const uint8_t *)&m, sizeof(m));
}

static void hear(int fd, enum job_type type, int32_t number)
{
	struct {
		struct job_frame head;
		int32_t number;
	} m;
	char rest[256];

	assert_true(local_receive(fd, &m, sizeof(m), NULL));
	assert_int_equal(m.head.type, type);
	assert_int_equal(m.number, number);
	assert_in_range(m.head.size, 4, sizeof(rest));
	assert_true(local_receive(fd, rest, m.head.size - 4, NULL));
}

static void finish(int32_t status)
{
	say(JOB_STARTED, 9);
	say(JOB_ENDED, status);
	assert_true(p.run.over);
	assert_false(p.run.finish(&p.run));
	assert_int_equal(p.run.fd[0], -1);
	p.run.idle(&p.run);
}

static void test_one_after_the_other(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		int fd = bring_here();

		assert_string_equal(p.name, "cat");
		for (int s = 0; s < 3; s++) {
			assert_true(p.run.fd[s] > 2);
			assert_true(fcntl(p.run.fd[s], F_GETFD) >= 0);
		}
		finish(i << 8);
		hear(fd, JOB_STARTED, 0);
		hear(fd, JOB_ENDED, i << 8);
		close(fd);
	}
}

static void test_signals(void **state)
{
	const struct {
		struct job_frame head;
		int32_t number;
	} m = { { JOB_SIGNAL, 4 }, SIGUSR2 };
	int left = PATIENCE_MS, fd = bring_here();

	(void)state;
	say(JOB_STARTED, 9);
	assert_false(p.run.signal(&p.run, SIGTERM)); /* one of the keeper's */
	assert_true(local_send(fd, &m, sizeof(m), NULL));
	while (atomic_load(&p.signals) != UINT64_C(1) << (SIGUSR2 - 1))
		assert_true(pass_a_millisecond(&left));
	close(fd);
	while (!(atomic_load(&p.signals) & UINT64_C(1) << (SIGHUP - 1)))
		assert_true(pass_a_millisecond(&left));
	say(JOB_ENDED, SIGHUP);
	assert_false(p.run.finish(&p.run));
	p.run.idle(&p.run);
	close(bring_here());
	finish(0);
}

/* Refused: it is told nothing, or why. */
static void test_hostile(void **state)
{
	static const struct job_frame wrong[] = {
		{ JOB_ENDED, 0 },
		{ JOB_START, 0 },
		{ JOB_START, JOB_FRAME_MAX + 1 },
		{ UINT32_MAX, UINT32_MAX },
	};
	static const int fds[LOCAL_FDS] = { 0, 1, 2 };
	struct err e;
	char byte;
	int fd;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		fd = local_connect(path, &e);
		assert_true(fd >= 0);
		assert_true(local_send(fd, &wrong[i], sizeof(wrong[i]), fds));
		assert_false(local_receive(fd, &byte, 1, NULL));
		close(fd);
	}
	fd = bring("/", NULL);
	assert_false(local_receive(fd, &byte, 1, NULL));
	close(fd);
	fd = bring("/nowhere", fds); /* the first decides what can be written */
	hear(fd, JOB_FAILED, EXDEV);
	close(fd);
	assert_false(p.run.begin(&p.run));
	close(bring_here());
	finish(0);
	/* Linux would end for it, and with it what others bring. */
	for (uint32_t argc = 0; argc < 3; argc += 2) {
		fd = bring_words(argc, "/", fds);
		assert_false(local_receive(fd, &byte, 1, NULL));
		close(fd);
	}
	fd = bring("nowhere", fds);
	assert_false(local_receive(fd, &byte, 1, NULL));
	close(fd);
	assert_false(p.run.begin(&p.run));
}

static unsigned int count_descriptors(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* What comes with it beyond the streams is not kept. */
static void test_descriptors(void **state)
{
	static const int fds[LOCAL_FDS + 1] = { 0, 1, 2, 2 };
	const struct job_frame head = { JOB_ENDED, 0 };
	unsigned int before = count_descriptors();
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(fds))];
	} control = { .bytes = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)&head, sizeof(head) };
	const struct msghdr msg = { .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = &control,
				    .msg_controllen = sizeof(control) };
	struct err e;
	char byte;

	(void)state;
	control.head = (struct cmsghdr){ CMSG_LEN(sizeof(fds)), SOL_SOCKET,
					 SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.head), fds, sizeof(fds));
	for (int i = 0; i < 3; i++) {
		int fd = local_connect(path, &e);

		assert_true(fd >= 0);
		assert_true(sendmsg(fd, &msg, 0) == (ssize_t)sizeof(head));
		assert_false(local_receive(fd, &byte, 1, NULL));
		close(fd);
	}
	assert_int_equal(count_descriptors(), before);
}

static void test_left_before_it_began(void **state)
{
	static const int fds[LOCAL_FDS] = { 0, 1, 2 };
	char *cwd = getcwd(NULL, 0);
	int first = bring_here(), left = PATIENCE_MS;

	(void)state;
	close(bring(cwd, fds));
	finish(0x100);
	hear(first, JOB_STARTED, 0);
	hear(first, JOB_ENDED, 0x100);
	close(first);
	/* It may have been taken all the same: then it gets a signal. */
	while (left > PATIENCE_MS - 500) {
		if (p.run.begin(&p.run))
			finish(0);
		(void)pass_a_millisecond(&left);
	}
	close(bring_here());
	finish(0);
	free(cwd);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_one_after_the_other),
		T(test_signals),
		T(test_hostile),
		T(test_descriptors),
		T(test_left_before_it_began),
	};

	return cmocka_run_group_tests_name("keep", tests, NULL, NULL);
}
