// SPDX-License-Identifier: Apache-2.0
// Calls that are interrupted, and signals for the program.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "hrt/partner/test/rig.h"

#define ROUNDS 2000

static int64_t interrupt(struct rig *r, uint64_t channel)
{
	return rig_request(r, 0, DIVE_CALL_INTERRUPT, channel);
}

static void post_read(struct rig *r, int fd)
{
	rig_post(r, 1, DIVE_CALL_SYSCALL, SYS_read,
		 (const uint64_t[6]){ (uint64_t)fd, r->p.begin, 1 });
}

/* struct timespec at the begin of the program's memory. */
static void put_time(struct rig *r, long ns)
{
	const struct timespec t = { .tv_nsec = ns };

	memcpy(rig_memory(r), &t, sizeof(t));
}

static uint32_t counted(const struct rig *r, int number)
{
	return __atomic_load_n(&partner_delegate(&r->p)->signal[number - 1],
			       __ATOMIC_SEQ_CST);
}

static void wait_counted(const struct rig *r, int number, uint32_t want)
{
	for (unsigned int i = 0; i < 50000 && counted(r, number) != want; i++)
		rig_nap(100);
	assert_int_equal(counted(r, number), want);
}

static void test_interrupt(void **state)
{
	struct rig r;

	(void)state;
	rig_up(&r);
	post_read(&r, r.pipe[0]);
	rig_wait_blocked(&r, r.child);
	assert_int_equal(interrupt(&r, 1), 0);
	assert_int_equal(rig_answer(&r, 1), -EINTR);
	/* One without a call is for none that comes later. */
	assert_int_equal(interrupt(&r, 1), 0);
	assert_int_equal(rig_call(&r, 1, SYS_getpid, 0), r.child);
	rig_wait_asleep(&r, 1);
	assert_int_equal(interrupt(&r, 1), 0);
	put_time(&r, 1000000);
	assert_int_equal(rig_call(&r, 1, SYS_nanosleep, r.p.begin, 0), 0);
	/* What a handler would not end either. */
	put_time(&r, 999999999);
	rig_post(&r, 1, DIVE_CALL_SYSCALL, SYS_nanosleep,
		 (const uint64_t[6]){ r.p.begin, r.p.begin });
	rig_wait_blocked(&r, r.child);
	assert_int_equal(interrupt(&r, 1), 0);
	assert_int_equal(rig_answer(&r, 1), -EINTR);
	rig_end_well(&r);
}

static void test_interrupt_whom(void **state)
{
	struct rig r;

	(void)state;
	rig_up(&r);
	assert_int_equal(interrupt(&r, 0), -EINVAL);
	assert_int_equal(interrupt(&r, DIVE_CHANNELS_MAX), -EINVAL);
	assert_int_equal(interrupt(&r, UINT64_MAX), -EINVAL);
	assert_int_equal(interrupt(&r, 2), -ESRCH);
	rig_thread(&r, 2);
	assert_int_equal(interrupt(&r, 2), 0);
	rig_request(&r, 2, DIVE_CALL_LEAVE, 0);
	assert_int_equal(interrupt(&r, 2), -ESRCH);
	rig_end_well(&r);
}

/* At every moment of a call that would never end: it always ends. */
static void test_interrupt_early(void **state)
{
	struct rig r;

	(void)state;
	rig_up(&r);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		int64_t result;

		post_read(&r, r.pipe[0]);
		for (volatile unsigned int spin = 0; spin < i % 997; spin++)
			;
		assert_int_equal(interrupt(&r, 1), 0);
		result = rig_answer(&r, 1);
		assert_true(result == -EINTR || result == DIVE_CALL_NOT_BEGUN);
	}
	rig_end_well(&r);
}

/* Around the end of a call: the next one is not hit. */
static void test_interrupt_late(void **state)
{
	struct rig r;

	(void)state;
	rig_up(&r);
	put_time(&r, 1000);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		int64_t result;

		rig_post(&r, 1, DIVE_CALL_SYSCALL, SYS_nanosleep,
			 (const uint64_t[6]){ r.p.begin, 0 });
		for (volatile unsigned int spin = 0; spin < i % 997; spin++)
			;
		assert_int_equal(interrupt(&r, 1), 0);
		result = rig_answer(&r, 1);
		assert_true(result == 0 || result == -EINTR ||
			    result == DIVE_CALL_NOT_BEGUN);
		assert_int_equal(rig_call(&r, 1, SYS_nanosleep, r.p.begin, 0),
				 0);
	}
	rig_end_well(&r);
}

static void test_signals(void **state)
{
	struct rig r;
	uint32_t rings;

	(void)state;
	rig_up(&r);
	rig_thread(&r, 2);
	rings = __atomic_load_n(r.rings, __ATOMIC_SEQ_CST);
	/* A call is not ended: whether it shall is for the kernel to say. */
	put_time(&r, 300000000);
	rig_post(&r, 1, DIVE_CALL_SYSCALL, SYS_nanosleep,
		 (const uint64_t[6]){ r.p.begin, 0 });
	rig_wait_blocked(&r, r.child);
	for (uint32_t i = 1; i <= 10; i++) {
		kill(r.child, SIGUSR1);
		wait_counted(&r, SIGUSR1, i);
	}
	kill(r.child, SIGSEGV);
	wait_counted(&r, SIGSEGV, 1);
	assert_int_equal(rig_call(&r, 2, SYS_kill, (uint64_t)r.child,
				  (uint64_t)SIGRTMAX),
			 0);
	wait_counted(&r, SIGRTMAX, 1);
	assert_int_equal(rig_answer(&r, 1), 0);
	assert_true(__atomic_load_n(r.rings, __ATOMIC_SEQ_CST) >= rings + 12);
	assert_int_equal(counted(&r, SIGUSR2), 0);
	rig_end_well(&r);
}

/* A signal that a call brings is counted before its answer. */
static void test_broken_pipe(void **state)
{
	struct rig r;

	(void)state;
	rig_up(&r);
	rig_thread(&r, 2);
	assert_int_equal(rig_call(&r, 1, SYS_close, (uint64_t)r.pipe[0]), 0);
	close(r.pipe[0]);
	r.pipe[0] = -1;
	for (uint32_t i = 1; i < 5; i++) {
		assert_int_equal(rig_call(&r, 1 + i % 2, SYS_write,
					  (uint64_t)r.pipe[1], r.p.begin, 1),
				 -EPIPE);
		assert_int_equal(counted(&r, SIGPIPE), i);
	}
	rig_end_well(&r);
}

/* One that was ignored stays so. */
static void test_ignored(void **state)
{
	struct rig r;

	(void)state;
	signal(SIGHUP, SIG_IGN);
	rig_up(&r);
	signal(SIGHUP, SIG_DFL);
	kill(r.child, SIGHUP);
	kill(r.child, SIGUSR1);
	wait_counted(&r, SIGUSR1, 1);
	assert_int_equal(counted(&r, SIGHUP), 0);
	rig_end_well(&r);
}

/* Before there is a kernel they are the partner's. */
static void test_no_kernel(void **state)
{
	struct rig r;
	int status;

	(void)state;
	rig_make(&r);
	rig_start(&r);
	while (__atomic_load_n(&partner_delegate(&r.p)->partner_state,
			       __ATOMIC_SEQ_CST) != DIVE_PARTNER_READY)
		rig_nap(100);
	rig_nap(10000);
	kill(r.child, SIGINT);
	status = rig_status(&r);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
	assert_int_equal(r.left, DIVE_PARTNER_READY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interrupt),
		cmocka_unit_test(test_interrupt_whom),
		cmocka_unit_test(test_interrupt_early),
		cmocka_unit_test(test_interrupt_late),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_broken_pipe),
		cmocka_unit_test(test_ignored),
		cmocka_unit_test(test_no_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
