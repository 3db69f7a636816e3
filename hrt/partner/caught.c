// SPDX-License-Identifier: Apache-2.0
// Signals: those for the program are counted, one ends a call.
#include "hrt/partner/caught.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "hrt/partner/call.h"

/* glibc keeps it for itself, and uses it for pthread_cancel() only. */
#define SIGNAL_INTERRUPT 32

/* As the kernel has it: sigaction() refuses that one. */
struct kernel_action {
	void (*handler)(int number, siginfo_t *info, void *context);
	uint64_t flags;
	void (*restorer)(void);
	uint64_t mask;
};

#define SA_RESTORER 0x04000000u

/* A handler knows nothing else. */
static struct partner *caught;

static void install(int number,
		    void (*handler)(int number, siginfo_t *info, void *context),
		    uint32_t flags)
{
	struct kernel_action action = { .handler = handler,
					.flags = flags | SA_SIGINFO |
						 SA_RESTORER,
					.restorer = call_return,
					.mask = UINT64_MAX };

	syscall(SYS_rt_sigaction, number, &action, NULL, sizeof(action.mask));
}

/* By something that this process did; if somebody else sent it, it is not. */
static bool is_fault(int number, const siginfo_t *info)
{
	switch (number) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGTRAP:
	case SIGSYS:
		return info->si_code > 0;
	default:
		return false;
	}
}

static void count(int number, siginfo_t *info, void *context)
{
	struct dive_delegate *d = partner_delegate(caught);
	int error = errno;

	(void)context;
	if (is_fault(number, info)) {
		signal(number, SIG_DFL); /* and once more */
	} else {
		__atomic_add_fetch(&d->signal[number - 1], 1, __ATOMIC_SEQ_CST);
		caught->ring();
	}
	errno = error;
}

/* The one that is sent is for the call that is on; see caught_call(). */
static void interrupt(int number, siginfo_t *info, void *context)
{
	ucontext_t *c = context;
	greg_t *rip = &c->uc_mcontext.gregs[REG_RIP];

	(void)number;
	(void)info;
	if ((uintptr_t)*rip >= (uintptr_t)call_linux &&
	    (uintptr_t)*rip <= (uintptr_t)call_linux_begins)
		*rip = (greg_t)(uintptr_t)call_linux_not;
}

void caught_start(struct partner *p)
{
	struct kernel_action was;
	sigset_t all;

	caught = p;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	for (int i = 1; i <= DIVE_SIGNALS; i++) {
		memset(&was, 0, sizeof(was));
		syscall(SYS_rt_sigaction, i, NULL, &was, sizeof(was.mask));
		if ((uintptr_t)was.handler != (uintptr_t)SIG_IGN)
			install(i, count, SA_RESTART);
	}
	install(SIGNAL_INTERRUPT, interrupt, 0);
}

void caught_here(void)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_UNBLOCK, &all, NULL);
}

void caught_calls(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGXFSZ);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void caught_interrupt(struct worker *w, uint32_t number)
{
	uint64_t serving = SERVING_CALL | number, was = serving;

	/* Looked at after the worker has said what it serves, and before. */
	__atomic_store_n(&w->interrupted, serving, __ATOMIC_SEQ_CST);
	if (!__atomic_compare_exchange_n(&w->serving, &was,
					 serving | SERVING_SIGNAL, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	syscall(SYS_tgkill, getpid(), w->tid, SIGNAL_INTERRUPT);
	__atomic_store_n(&w->serving, serving | SERVING_SIGNALED,
			 __ATOMIC_SEQ_CST);
}

int64_t caught_call(struct worker *w, uint32_t number,
		    const struct channel_call *call)
{
	uint64_t serving = SERVING_CALL | number, was = serving;
	int64_t result;

	__atomic_store_n(&w->serving, serving, __ATOMIC_SEQ_CST);
	result = call_linux(call->nr, call->arg, &w->interrupted, serving);
	if (__atomic_compare_exchange_n(&w->serving, &was, 0, false,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return result;
	/* The signal must not come during another call than this one. */
	while (__atomic_load_n(&w->serving, __ATOMIC_SEQ_CST) !=
	       (serving | SERVING_SIGNALED))
		sched_yield();
	sched_yield(); /* any call: on its way back what was sent is taken */
	__atomic_store_n(&w->serving, 0, __ATOMIC_SEQ_CST);
	return result;
}
