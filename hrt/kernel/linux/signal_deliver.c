// SPDX-License-Identifier: Apache-2.0
// Signals on the way back to the program, and calls that they have interrupted.
#include <asm/errno.h>
#include <asm/unistd_64.h>

#include "signal_state.h"

/* Default action: none. Where Linux would stop the program nothing happens. */
#define SIGNALS_IGNORED                                                     \
	(SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGURG) |   \
	 SIGNAL_BIT(SIGWINCH) | SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | \
	 SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))

#define SYSCALL_SIZE 2

static const struct sigframe_trap no_trap;

/* A call that a signal has interrupted. */
struct interrupted {
	uint64_t nr;
	int64_t result;
};

bool signal_is_ignored(int signal, const struct sigaction *action)
{
	return action->sa_handler == SIG_IGN ||
	       (action->sa_handler == SIG_DFL &&
		SIGNAL_BIT(signal) & SIGNALS_IGNORED);
}

/* The next signal with a handler; the program may end here. */
static int next(siginfo_t *info, struct sigaction *action)
{
	uint64_t set = ~task_current()->signal.blocked;
	struct sigaction once = { .sa_handler = SIG_DFL };
	int signal;

	while ((signal = signal_take(set, info))) {
		signal_action(signal, NULL, action);
		if (signal_is_ignored(signal, action))
			continue;
		if (action->sa_handler == SIG_DFL)
			process_exit(0, signal);
		if (action->sa_flags & SA_RESETHAND)
			signal_action(signal, &once, action);
		return signal;
	}
	return 0;
}

/* Calls that wait for a time, or for one of several events (signal(7)). */
static bool is_final(uint64_t nr)
{
	switch (nr) {
	case __NR_poll:
	case __NR_select:
	case __NR_pselect6:
	case __NR_ppoll:
	case __NR_epoll_wait:
	case __NR_epoll_pwait:
	case __NR_epoll_pwait2:
	case __NR_io_getevents:
	case __NR_semop:
	case __NR_semtimedop:
	case __NR_msgsnd:
	case __NR_msgrcv:
		return true;
	default:
		return false;
	}
}

/* Calls that have had their effect, or keep what was left of it. */
static bool is_done(uint64_t nr)
{
	switch (nr) {
	case __NR_close:
	case __NR_futex:
	case __NR_nanosleep:
	case __NR_clock_nanosleep:
	case __NR_rt_sigtimedwait:
		return true;
	default:
		return false;
	}
}

static bool is_repeated(const struct interrupted *call, bool has_handler,
			uint64_t flags)
{
	/* As if the signal had come before the call. */
	if (call->result == DIVE_CALL_NOT_BEGUN)
		return true;
	if (call->result == -EINTR && is_done(call->nr))
		return false;
	if (!has_handler)
		return true;
	return flags & SA_RESTART && call->result != -SIGNAL_NO_HANDLER &&
	       !is_final(call->nr);
}

static void settle(struct frame *frame, const struct interrupted *call,
		   bool is_again)
{
	frame->rax = is_again ? call->nr : (uint64_t)-EINTR;
	if (is_again)
		frame->rip -= SYSCALL_SIZE;
}

static void enter(struct frame *frame, const struct sigaction *action,
		  const siginfo_t *info, const struct sigframe_trap *trap)
{
	static const siginfo_t no_room = { .si_signo = SIGSEGV,
					   .si_code = SI_KERNEL };

	if (signal_enter(frame, action, info, trap))
		return;
	if (info->si_signo == SIGSEGV)
		process_exit(0, SIGSEGV);
	/* Its handler may have a stack of its own. */
	signal_force(frame, &no_room, &no_trap);
}

/* @call: NULL when the program was interrupted elsewhere. */
static void deliver(struct frame *frame, const struct interrupted *call)
{
	struct task_signal *s = &task_current()->signal;
	struct sigaction action;
	siginfo_t info;

	while (next(&info, &action)) {
		if (call)
			settle(frame, call,
			       is_repeated(call, true, action.sa_flags));
		call = NULL;
		enter(frame, &action, &info, &no_trap);
	}
	if (call)
		settle(frame, call, is_repeated(call, false, 0));
	if (s->has_saved) {
		s->has_saved = false;
		signal_block(s->saved);
	}
}

void signal_deliver(struct frame *frame)
{
	deliver(frame, NULL);
}

void signal_after_call(struct frame *frame, int64_t result)
{
	struct interrupted call = { frame->rax, result };
	struct task_signal *s = &task_current()->signal;

	if (s->has_returned) {
		s->has_returned = false;
		return;
	}
	frame->rax = (uint64_t)result;
	/* Linux has raised a signal that belongs to the result. */
	if (result == -EINTR || result == -EPIPE || result == -EFBIG)
		signal_poll();
	if (result == -EINTR || result == DIVE_CALL_NOT_BEGUN ||
	    result == -SIGNAL_RESTART || result == -SIGNAL_NO_HANDLER)
		deliver(frame, &call);
}

void signal_force(struct frame *frame, const siginfo_t *info,
		  const struct sigframe_trap *trap)
{
	int signal = info->si_signo;
	struct sigaction action, once = { .sa_handler = SIG_DFL };

	signal_action(signal, NULL, &action);
	if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN ||
	    task_current()->signal.blocked & SIGNAL_BIT(signal))
		process_exit(0, signal);
	if (action.sa_flags & SA_RESETHAND)
		signal_action(signal, &once, &action);
	enter(frame, &action, info, trap);
}
