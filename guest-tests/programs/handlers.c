// SPDX-License-Identifier: ISC
// Signals that a program sends itself, and what its handlers see.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "check.h"

static volatile sig_atomic_t count, last;
static siginfo_t seen;
static char stack[65536];
static int order[8];
static int pipe_ends[2];
static pthread_t first;

static void on_signal(int signal)
{
	count++;
	last = signal;
}

static void on_info(int signal, siginfo_t *info, void *context)
{
	(void)context;
	order[count++ % 8] = signal == SIGUSR1 ? -1 : info->si_value.sival_int;
	seen = *info;
	last = signal;
}

static void handle(int signal, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigaction(signal, &action, NULL);
	count = 0;
	last = 0;
}

static void handle_info(int signal, int flags)
{
	struct sigaction action = { .sa_sigaction = on_info,
				    .sa_flags = SA_SIGINFO | flags };

	sigaction(signal, &action, NULL);
	count = 0;
}

static void test_actions(void)
{
	struct sigaction old;

	handle(SIGUSR1, on_signal, (int)SA_RESETHAND);
	sigaction(SIGUSR1, NULL, &old);
	check(old.sa_handler == on_signal, "an action is kept");
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &old);
	check(count == 1 && last == SIGUSR1 && old.sa_handler == SIG_DFL,
	      "SA_RESETHAND");
	handle(SIGUSR1, SIG_IGN, 0);
	raise(SIGUSR1);
	raise(SIGCHLD);
	check(!count, "ignored");
	check(signal(SIGKILL, on_signal) == SIG_ERR && errno == EINVAL,
	      "SIGKILL cannot be handled");
	handle_info(SIGUSR1, 0);
	kill(getpid(), SIGUSR1);
	check(count == 1 && seen.si_code == SI_USER && seen.si_pid == getpid(),
	      "who sent it");
}

static void on_nested(int signal)
{
	sigset_t set;

	sigprocmask(SIG_SETMASK, NULL, &set);
	if (!sigismember(&set, SIGUSR2))
		order[7] = 1;
	if (sigismember(&set, signal))
		order[6] = 1;
	if (count++ < 3)
		raise(signal);
}

static void test_masks(void)
{
	struct sigaction action = { .sa_handler = on_nested };
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	handle(SIGUSR1, on_signal, 0);
	sigprocmask(SIG_BLOCK, &set, &old);
	raise(SIGUSR1);
	raise(SIGUSR1);
	sigpending(&set);
	check(!count && sigismember(&set, SIGUSR1), "blocked, it waits");
	sigprocmask(SIG_SETMASK, &old, NULL);
	check(count == 1, "... once, and comes");

	sigaddset(&action.sa_mask, SIGUSR2);
	memset(order, 0, sizeof(order));
	action.sa_flags = SA_NODEFER;
	sigaction(SIGUSR1, &action, NULL);
	count = 0;
	raise(SIGUSR1);
	check(count == 4 && !order[7] && !order[6], "SA_NODEFER, sa_mask");
	action.sa_flags = 0;
	sigaction(SIGUSR1, &action, NULL);
	count = 3;
	raise(SIGUSR1);
	check(count == 4 && order[6], "blocked in its handler");
	sigprocmask(SIG_SETMASK, NULL, &set);
	check(!sigismember(&set, SIGUSR1) && !sigismember(&set, SIGUSR2),
	      "... not behind it");
}

static void test_queue(void)
{
	union sigval value;
	sigset_t set, old;

	handle_info(SIGRTMIN + 1, 0);
	handle_info(SIGUSR1, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, &old);
	for (int i = 1; i <= 3; i++) {
		value.sival_int = i;
		sigqueue(getpid(), SIGRTMIN + 1, value);
	}
	kill(getpid(), SIGUSR1);
	sigprocmask(SIG_SETMASK, &old, NULL);
	/* A frame for each: the last one runs first, whatever its number. */
	check(count == 4, "real-time signals wait one by one");
	check(seen.si_code == SI_QUEUE || seen.si_code == SI_USER,
	      "... with what they carry");
	printf("order %d %d %d %d\n", order[0], order[1], order[2], order[3]);
}

static void on_stack(int signal)
{
	char here;

	(void)signal;
	last = &here > stack && &here < stack + sizeof(stack);
}

static void test_stack(void)
{
	stack_t new = { .ss_sp = stack, .ss_size = sizeof(stack) }, old;

	check(!sigaltstack(&new, &old) && old.ss_flags == SS_DISABLE,
	      "there is no other stack");
	handle(SIGUSR1, on_stack, SA_ONSTACK);
	raise(SIGUSR1);
	check(last == 1, "a handler on it");
	handle(SIGUSR1, on_stack, 0);
	raise(SIGUSR1);
	check(last == 0, "a handler not on it");
	new.ss_size = 100;
	check(sigaltstack(&new, NULL) && errno == ENOMEM, "too small");
	new.ss_flags = SS_DISABLE;
	sigaltstack(&new, NULL);
}

static void on_change(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)signal;
	(void)info;
	uc->uc_mcontext.gregs[REG_RBX] = 42;
	/* Vector registers of the handler are its own. */
	__asm__ volatile("xorps %%xmm3, %%xmm3; fninit" ::: "xmm3");
}

/* A loop in registers, with data in the red zone, and a signal in the middle. */
static long spin(volatile sig_atomic_t *until)
{
	uint64_t in = 0x123456789abcdef0, out, zone, changed;

	__asm__ volatile("	movq	%4, %%xmm3\n"
			 "	movq	%4, -8(%%rsp)\n"
			 "	movl	$1, %%ebx\n"
			 "1:	cmpl	$0, (%3)\n"
			 "	jne	2f\n"
			 "	cmpl	$42, %%ebx\n"
			 "	jne	1b\n"
			 "2:	movq	%%xmm3, %0\n"
			 "	movq	-8(%%rsp), %1\n"
			 "	movq	%%rbx, %2\n"
			 : "=&r"(out), "=&r"(zone), "=&r"(changed)
			 : "r"(until), "r"(in)
			 : "rbx", "xmm3", "memory", "cc");
	return (out == in) | (zone == in) << 1 | (changed == 42) << 2;
}

static void *kick(void *arg)
{
	(void)arg;
	usleep(20000);
	pthread_kill(first, SIGUSR2);
	return NULL;
}

static void test_registers(void)
{
	struct sigaction action = { .sa_sigaction = on_change,
				    .sa_flags = SA_SIGINFO };
	static volatile sig_atomic_t never;
	pthread_t thread;
	long good;

	sigaction(SIGUSR2, &action, NULL);
	pthread_create(&thread, NULL, kick, NULL);
	good = spin(&never);
	pthread_join(thread, NULL);
	check(good & 1, "vector registers behind a handler");
	check(good & 2, "the red zone");
	check(good & 4, "a register that the handler has changed");
}

static void *kick_and_write(void *arg)
{
	usleep(30000);
	pthread_kill(first, SIGUSR1);
	usleep(30000);
	if (write(pipe_ends[1], arg, 1) != 1)
		abort();
	return NULL;
}

static ssize_t read_beside(char *byte)
{
	static char sent = 'y';
	pthread_t thread;
	ssize_t got;
	int error;

	pthread_create(&thread, NULL, kick_and_write, &sent);
	got = read(pipe_ends[0], byte, 1);
	error = errno;
	pthread_join(thread, NULL);
	errno = error;
	return got;
}

static void test_restart(void)
{
	struct timespec long_time = { 5, 0 }, rest = { 0, 0 };
	pthread_t thread;
	char byte = 0;
	int ret;

	if (pipe(pipe_ends))
		return;
	handle(SIGUSR1, on_signal, SA_RESTART);
	check(read_beside(&byte) == 1 && byte == 'y' && count == 1,
	      "SA_RESTART: a read goes on");
	handle(SIGUSR1, on_signal, 0);
	check(read_beside(&byte) == -1 && errno == EINTR && count == 1,
	      "without: it is interrupted");
	check(read(pipe_ends[0], &byte, 1) == 1, "... and can be repeated");
	handle(SIGUSR1, SIG_IGN, 0);
	check(read_beside(&byte) == 1, "an ignored signal does nothing");

	handle(SIGUSR1, on_signal, SA_RESTART);
	pthread_create(&thread, NULL, kick_and_write, &byte);
	ret = nanosleep(&long_time, &rest);
	check(ret == -1 && errno == EINTR && rest.tv_sec == 4,
	      "a sleep is interrupted, and says what is left");
	pthread_join(thread, NULL);
}

static void test_wait(void)
{
	struct timespec none = { 0, 10000000 };
	sigset_t set, old;
	pthread_t thread;
	siginfo_t info;

	handle(SIGUSR1, on_signal, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	check(sigtimedwait(&set, &info, &none) == -1 && errno == EAGAIN,
	      "no signal comes");
	pthread_create(&thread, NULL, kick_and_write, "z");
	check(sigwaitinfo(&set, &info) == SIGUSR1 && !count &&
		      info.si_code == SI_USER,
	      "a signal that is waited for has no handler");
	pthread_join(thread, NULL);
	pthread_create(&thread, NULL, kick_and_write, "z");
	check(sigsuspend(&old) == -1 && errno == EINTR && count == 1,
	      "sigsuspend");
	pthread_join(thread, NULL);
	pthread_sigmask(SIG_SETMASK, NULL, &set);
	check(sigismember(&set, SIGUSR1), "... blocked again");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void test_timer(void)
{
	struct itimerval timer = { .it_interval = { 0, 10000 },
				   .it_value = { 0, 10000 } };

	handle(SIGALRM, on_signal, SA_RESTART);
	setitimer(ITIMER_REAL, &timer, NULL);
	/* In its code, and in calls that it makes. */
	while (count < 3)
		;
	while (count < 6)
		pause();
	memset(&timer, 0, sizeof(timer));
	setitimer(ITIMER_REAL, &timer, NULL);
	check(last == SIGALRM, "a timer of Linux");
	handle(SIGPIPE, on_signal, 0);
	close(pipe_ends[0]);
	check(write(pipe_ends[1], "x", 1) == -1 && errno == EPIPE &&
		      count == 1 && last == SIGPIPE,
	      "a signal that a call raises");
}

int main(void)
{
	first = pthread_self();
	test_actions();
	test_masks();
	test_queue();
	test_stack();
	test_registers();
	test_restart();
	test_wait();
	test_timer();
	check(kill(getpid(), 0) == 0, "the program is there");
	check(syscall(SYS_tgkill, getpid(), 1, 0) == -1 && errno == ESRCH,
	      "a thread that is not");
	return 0;
}
