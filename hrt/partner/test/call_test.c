// SPDX-License-Identifier: Apache-2.0
// A signal at each moment of a call that can be interrupted.
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <cmocka.h>

#include "hrt/partner/call.h"
#include "hrt/partner/caught.h"

#define SIGNAL_INTERRUPT 32
#define TRAP_FLAG        0x100

/* Of the handler, which has no context. */
static volatile int steps, when;

static uint8_t area[DIVE_DELEGATE_CHANNELS]
	__attribute__((aligned(DIVE_DELEGATE_CHANNELS)));

/* After each instruction; the signal comes when this returns. */
static void step(int number, siginfo_t *info, void *context)
{
	const ucontext_t *c = context;
	uintptr_t rip = (uintptr_t)c->uc_mcontext.gregs[REG_RIP];

	(void)number;
	(void)info;
	if (rip >= (uintptr_t)call_linux &&
	    rip <= (uintptr_t)call_linux_begins && steps++ == when)
		syscall(SYS_tgkill, getpid(), gettid(), SIGNAL_INTERRUPT);
}

static int64_t call_in_steps(void)
{
	const uint64_t arg[6] = { 0 }, nothing = 0;
	int64_t result;

	steps = 0;
	__asm__ volatile("pushf; orl %0, (%%rsp); popf" ::"i"(TRAP_FLAG)
			 : "memory", "cc");
	result = call_linux(SYS_getpid, arg, &nothing, 1);
	__asm__ volatile("pushf; andl %0, (%%rsp); popf" ::"i"(~TRAP_FLAG)
			 : "memory", "cc");
	return result;
}

/* In a process of its own: the partner keeps all signals to itself. */
static int interrupt_each(struct partner *p)
{
	struct sigaction trap = { .sa_sigaction = step,
				  .sa_flags = SA_SIGINFO };

	memset(&trap.sa_mask, 0xff, sizeof(trap.sa_mask)); /* 32, too */
	caught_start(p);
	caught_here();
	sigaction(SIGTRAP, &trap, NULL);
	for (when = 0; when < 100; when++) {
		int64_t result = call_in_steps();

		if (steps <= when) /* there are no more: none came */
			return result == getpid() && when >= 8 ? 0 : 1;
		if (result != DIVE_CALL_NOT_BEGUN)
			return 2;
	}
	return 3;
}

static void test_each_instruction(void **state)
{
	struct partner p = { .area = area };
	pid_t child = fork();
	int status;

	(void)state;
	if (!child)
		_exit(interrupt_each(&p));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void test_asked_before(void **state)
{
	const uint64_t arg[6] = { 0 };
	uint64_t interrupted = 5;

	(void)state;
	assert_int_equal(call_linux(SYS_getpid, arg, &interrupted, 5),
			 DIVE_CALL_NOT_BEGUN);
	assert_int_equal(call_linux(SYS_getpid, arg, &interrupted, 6),
			 getpid());
}

struct late {
	struct worker w;
	int pipes[2];
	int64_t result;
	int is_done;
};

static void *read_one(void *context)
{
	struct late *l = context;
	char byte;
	struct channel_call call = { .nr = SYS_read,
				     .arg = { (uint64_t)l->pipes[0],
					      (uintptr_t)&byte, 1 } };

	l->result = caught_call(&l->w, 7, &call);
	__atomic_store_n(&l->is_done, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* The call ends by itself while its signal is on the way: it waits for that. */
static void test_late_signal(void **state)
{
	struct late l = { .result = 0 };
	pthread_t thread;

	(void)state;
	assert_int_equal(pipe(l.pipes), 0);
	assert_int_equal(pthread_create(&thread, NULL, read_one, &l), 0);
	while (__atomic_load_n(&l.w.serving, __ATOMIC_SEQ_CST) !=
	       (SERVING_CALL | 7))
		usleep(100);
	__atomic_store_n(&l.w.serving, SERVING_CALL | SERVING_SIGNAL | 7,
			 __ATOMIC_SEQ_CST);
	assert_int_equal(write(l.pipes[1], "x", 1), 1);
	usleep(50000);
	assert_false(__atomic_load_n(&l.is_done, __ATOMIC_SEQ_CST));
	__atomic_store_n(&l.w.serving, SERVING_CALL | SERVING_SIGNALED | 7,
			 __ATOMIC_SEQ_CST);
	pthread_join(thread, NULL);
	assert_int_equal(l.result, 1);
	assert_int_equal(l.w.serving, 0);
	close(l.pipes[0]);
	close(l.pipes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_instruction),
		cmocka_unit_test(test_asked_before),
		cmocka_unit_test(test_late_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
