// SPDX-License-Identifier: Apache-2.0
// What the partner does for a kernel: calls, memory, threads, the end.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "hrt/partner/test/rig.h"
#include "hrt/partner/window.h"

static void assert_exit(int status, int want)
{
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), want);
}

static void test_calls(void **state)
{
	struct rig r;
	char got[6] = "";

	(void)state;
	rig_up(&r);
	assert_int_equal(rig_call(&r, 1, SYS_getpid, 0), r.child);
	assert_int_equal(rig_call(&r, 1, SYS_gettid, 0), r.child);
	assert_int_equal(rig_call(&r, 1, SYS_close, 100000), -EBADF);
	assert_int_equal(rig_call(&r, 1, 100000, 0), -ENOSYS);
	/* The same bytes by the program's address and by the window. */
	memcpy(rig_memory(&r) + 100, "hello", 5);
	assert_int_equal(rig_call(&r, 1, SYS_write, (uint64_t)r.pipe[1],
				  r.p.begin + 100, 5),
			 5);
	assert_int_equal(read(r.pipe[0], got, sizeof(got)), 5);
	assert_string_equal(got, "hello");
	assert_int_equal(write(r.pipe[1], "world", 5), 5);
	assert_int_equal(rig_call(&r, 1, SYS_read, (uint64_t)r.pipe[0],
				  r.p.begin + DIVE_PIECE - 5, 5),
			 5);
	assert_memory_equal(rig_memory(&r) + DIVE_PIECE - 5, "world", 5);
	/* What is not mapped is not there. */
	assert_int_equal(rig_call(&r, 1, SYS_write, (uint64_t)r.pipe[1],
				  r.p.begin + DIVE_PIECE, 5),
			 -EFAULT);
	/* All six arguments. */
	assert_int_equal(rig_call(&r, 1, SYS_pselect6, 0, 0, 0, 0,
				  r.p.begin + 8, 1),
			 -EFAULT);
	assert_exit(rig_end(&r, 256 + 7, 0), 7);
}

static void test_no_such_request(void **state)
{
	struct rig r;

	(void)state;
	rig_up(&r);
	assert_int_equal(rig_request(&r, 1, 0, 0), -ENOSYS);
	assert_int_equal(rig_request(&r, 1, UINT32_MAX, 0), -ENOSYS);
	assert_int_equal(rig_request(&r, 1, DIVE_CALL_THREAD, 2), -ENOSYS);
	assert_int_equal(rig_request(&r, 1, DIVE_CALL_EXIT, 2), -ENOSYS);
	assert_int_equal(rig_request(&r, 1, DIVE_CALL_INTERRUPT, 1), -ENOSYS);
	assert_int_equal(rig_request(&r, 0, DIVE_CALL_LEAVE, 0), -ENOSYS);
	rig_end_well(&r);
}

static void test_map(void **state)
{
	const uint64_t piece = DIVE_PIECE, memory = DIVE_DELEGATE_MEMORY;
	char *first, *last;
	struct rig r;
	uint64_t at, end;

	(void)state;
	rig_up(&r);
	at = r.p.begin;
	end = r.p.end;
	const uint64_t bad[][3] = {
		{ at + 4096, memory, piece },
		{ at, memory + 4096, piece },
		{ at, memory, 4096 },
		{ at, memory, 0 },
		{ at - piece, memory, piece },
		{ 0, memory, piece },
		{ end, memory, piece },
		{ end - piece, memory, 2 * piece },
		{ -piece, memory, piece },
		{ -piece, memory, 2 * piece },
		{ at, memory, -piece },
		{ at, 0, piece },
		{ at, memory - piece, piece },
		{ at, RIG_WINDOW, piece },
		{ at, RIG_WINDOW - piece, 2 * piece },
		{ at, -piece, piece },
		{ at, -piece, 2 * piece },
		{ at, memory, (RIG_PIECES + 1) * piece },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(rig_ask(&r, 1, DIVE_CALL_MAP, 0,
					 (const uint64_t[6]){ bad[i][0],
							      bad[i][1],
							      bad[i][2] }),
				 -EINVAL);
	/* The last piece to the last address; then all, over what is there. */
	assert_int_equal(rig_request(&r, 1, DIVE_CALL_MAP, end - piece,
				     RIG_WINDOW - piece, piece),
			 0);
	assert_int_equal(rig_request(&r, 1, DIVE_CALL_MAP, at, memory,
				     RIG_PIECES * piece),
			 0);
	first = rig_memory(&r);
	last = first + (RIG_PIECES - 1) * piece;
	memcpy(first + 8, "/dev/null", 10);
	memcpy(last, "/dev/nul", 9);
	assert_int_equal(rig_call(&r, 1, SYS_access, at + 8, F_OK), 0);
	assert_int_equal(rig_call(&r, 1, SYS_access, end - piece, F_OK),
			 -ENOENT);
	last[8] = 'l';
	assert_int_equal(rig_call(&r, 1, SYS_access, end - piece, F_OK), 0);
	assert_int_equal(rig_call(&r, 1, SYS_access,
				  at + (RIG_PIECES - 1) * piece, F_OK),
			 0);
	rig_end_well(&r);
}

static void test_threads(void **state)
{
	struct rig r;
	int64_t tid, other;

	(void)state;
	rig_up(&r);
	assert_int_equal(rig_request(&r, 0, DIVE_CALL_THREAD, 0), -EINVAL);
	assert_int_equal(rig_request(&r, 0, DIVE_CALL_THREAD, 1), -EINVAL);
	assert_int_equal(rig_request(&r, 0, DIVE_CALL_THREAD,
				     DIVE_CHANNELS_MAX),
			 -EINVAL);
	assert_int_equal(rig_request(&r, 0, DIVE_CALL_THREAD, UINT64_MAX),
			 -EINVAL);
	tid = rig_thread(&r, 2);
	assert_true(tid > 0 && tid != r.child);
	assert_int_equal(rig_call(&r, 2, SYS_gettid, 0), tid);
	assert_int_equal(rig_request(&r, 0, DIVE_CALL_THREAD, 2), -EBUSY);
	for (unsigned int i = 3; i < DIVE_CHANNELS_MAX; i++)
		assert_true(rig_thread(&r, i) > 0);
	for (unsigned int i = 3; i < DIVE_CHANNELS_MAX; i++)
		assert_int_equal(rig_request(&r, i, DIVE_CALL_LEAVE, 0), 0);
	/* A channel can be used again, at once; one that is left is silent. */
	for (unsigned int i = 0; i < 100; i++) {
		assert_int_equal(rig_request(&r, 2, DIVE_CALL_LEAVE, 0), 0);
		other = rig_thread(&r, 2);
		assert_true(other > 0 && other != tid);
		tid = other;
	}
	assert_int_equal(rig_call(&r, 2, SYS_gettid, 0), tid);
	/* The first one leaves: the process goes on. */
	assert_int_equal(rig_request(&r, 1, DIVE_CALL_LEAVE, 0), 0);
	assert_int_equal(rig_call(&r, 2, SYS_getpid, 0), r.child);
	assert_exit(rig_end(&r, 3, 0), 3);
}

/* A call that blocks holds up its own thread only. */
static void test_blocked(void **state)
{
	struct rig r;

	(void)state;
	rig_up(&r);
	rig_thread(&r, 2);
	rig_post(&r, 1, DIVE_CALL_SYSCALL, SYS_read,
		 (const uint64_t[6]){ (uint64_t)r.pipe[0], r.p.begin, 1 });
	rig_wait_blocked(&r, r.child);
	memcpy(rig_memory(&r) + 64, "x", 1);
	assert_int_equal(rig_call(&r, 2, SYS_write, (uint64_t)r.pipe[1],
				  r.p.begin + 64, 1),
			 1);
	assert_int_equal(rig_answer(&r, 1), 1);
	assert_memory_equal(rig_memory(&r), "x", 1);
	rig_end_well(&r);
}

/* It needs the bell then, and no longer than it says so. */
static void test_sleep(void **state)
{
	struct channel_call call = { .type = DIVE_CALL_SYSCALL,
				     .nr = SYS_getpid };
	const struct dive_delegate *d;
	uint32_t one = 1;
	uint64_t before;
	struct rig r;

	(void)state;
	rig_up(&r);
	d = partner_delegate(&r.p);
	rig_wait_asleep(&r, 1);
	rig_wait_blocked(&r, r.child);
	before = d->partner_wakes;
	/* Without the bell nothing happens. */
	assert_true(channel_post(&r.end[1], &call));
	rig_nap(100000);
	assert_false(channel_poll(&r.end[1], &call));
	assert_int_equal(write(r.bell, &one, sizeof(one)), sizeof(one));
	assert_int_equal(rig_answer(&r, 1), r.child);
	assert_int_equal(d->partner_wakes, before + 1);
	for (unsigned int i = 0; i < 50; i++) {
		rig_wait_asleep(&r, 1);
		assert_int_equal(rig_call(&r, 1, SYS_getpid, 0), r.child);
	}
	/* It may look once more just when it is asked. */
	assert_true(d->partner_wakes > before + 25);
	rig_end_well(&r);
}

/* The kernel is rung if it asks for it, else not. */
static void test_ring(void **state)
{
	struct rig r;
	uint32_t before;

	(void)state;
	rig_up(&r);
	before = __atomic_load_n(r.rings, __ATOMIC_SEQ_CST);
	for (unsigned int i = 0; i < 100; i++)
		rig_call(&r, 1, SYS_getpid, 0);
	assert_int_equal(__atomic_load_n(r.rings, __ATOMIC_SEQ_CST), before);
	channel_kernel_sleeps(&r.end[1], true);
	for (unsigned int i = 0; i < 100; i++) {
		rig_call(&r, 1, SYS_getpid, 0);
		while (__atomic_load_n(r.rings, __ATOMIC_SEQ_CST) !=
		       before + i + 1)
			rig_nap(10);
	}
	rig_end_well(&r);
}

/* All of the program's descriptors go; the partner has none among them. */
static void test_descriptors(void **state)
{
	struct rig r;

	(void)state;
	rig_up(&r);
	assert_int_equal(rig_call(&r, 1, SYS_close_range, 0, UINT32_MAX, 0), 0);
	rig_wait_asleep(&r, 1);
	assert_int_equal(rig_call(&r, 1, SYS_dup, 0), -EBADF);
	assert_true(rig_thread(&r, 2) > 0);
	assert_int_equal(rig_request(&r, 2, DIVE_CALL_MAP,
				     r.p.begin + DIVE_PIECE,
				     DIVE_DELEGATE_MEMORY, DIVE_PIECE),
			 0);
	rig_end_well(&r);
}

static void test_ends(void **state)
{
	const struct {
		uint64_t status, signal;
		int want;
	} ends[] = { { 0, SIGTERM, SIGTERM }, { 1, SIGSEGV, SIGSEGV },
		     { 0, SIGKILL, SIGKILL }, { 0, SIGPIPE, SIGPIPE },
		     { 0, SIGCHLD, -145 },    { 5, 65, -5 },
		     { 5, UINT64_MAX, -5 },   { UINT64_MAX, 0, -255 } };
	struct rig r;

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		int status;

		rig_up(&r);
		status = rig_end(&r, ends[i].status, ends[i].signal);
		assert_int_equal(r.left, DIVE_PARTNER_NONE);
		if (ends[i].want < 0) {
			assert_exit(status, -ends[i].want);
		} else {
			assert_true(WIFSIGNALED(status));
			assert_int_equal(WTERMSIG(status), ends[i].want);
			assert_false(WCOREDUMP(status));
		}
	}
}

/* Not the kernel that took the job: it knows nothing of it. */
static void test_reboot(void **state)
{
	struct rig r;

	(void)state;
	rig_up(&r);
	__atomic_store_n(&partner_delegate(&r.p)->kernel_boot, 2,
			 __ATOMIC_SEQ_CST);
	assert_exit(rig_status(&r), 125);
	assert_int_equal(r.left, DIVE_PARTNER_NONE);
}

static void test_second(void **state)
{
	struct partner other = { 0 };
	struct rig r;
	struct err err;
	char path[64];
	int fd;

	(void)state;
	rig_up(&r);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", r.window);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(window_map(&other, fd, &err), -EBUSY);
	rig_end_well(&r);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_no_such_request),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_blocked),
		cmocka_unit_test(test_sleep),
		cmocka_unit_test(test_ring),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_reboot),
		cmocka_unit_test(test_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
