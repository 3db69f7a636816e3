// SPDX-License-Identifier: Apache-2.0
// Signals and time: everything that interrupts the machine from outside.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "vmm/gdb/gdb.h"
#include "vmm/kind.h"
#include "vmm/plug.h"

#define TICK_NS      NS_PER_S
#define FLUSH_NS     10000000ull
#define GRACE_NS     (2 * NS_PER_S)
#define DEAD_TICKS   2u /* in a row, so that a waking CPU is not missed */
#define TIMER_MIN_NS 1000ull

static bool has_signals(const struct machine *m)
{
	return m->config->role != RUN_ROS;
}

/* 0 = off. */
static void set_timer(const struct machine *m, uint64_t in_ns)
{
	struct timespec in = { .tv_sec = (time_t)(in_ns / NS_PER_S),
			       .tv_nsec = (long)(in_ns % NS_PER_S) };
	struct itimerval t = { .it_value = { in.tv_sec, in.tv_nsec / 1000 } };
	struct itimerspec own = { .it_value = in };

	/* syscall: setitimer, timer_settime */
	if (has_signals(m))
		setitimer(ITIMER_REAL, &t, NULL);
	else
		syscall(SYS_timer_settime, m->watch.own_timer, 0, &own, NULL);
}

/*
 * The process has one interval timer. A machine beside the one that has it
 * makes its own, for its thread. (timer_create() of glibc could do more, and
 * is larger.)
 */
static int make_timer(struct machine *m, struct err *e)
{
	struct sigevent to = { .sigev_notify = SIGEV_THREAD_ID,
			       .sigev_signo = RUN_KICK };

	to._sigev_un._tid = gettid();
	/* syscall: timer_create, timer_delete */
	if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &to,
		    &m->watch.own_timer)) {
		m->watch.own_timer = -1;
		return err_set(e, -errno, "no timer for a second machine: %s",
			       strerror(errno));
	}
	return 0;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	if (a == 0 || b == 0)
		return a ? a : b;
	return a < b ? a : b;
}

/* Set the one timer to whatever comes first. Lock held. */
static void rearm(struct machine *m)
{
	struct watch *w = &m->watch;
	uint64_t timeout = m->config->timeout_ns;
	uint64_t next = earlier(w->tick_ns, w->flush_ns);
	uint64_t now = clock_now_ns();

	if (timeout)
		next = earlier(next, w->start_ns + timeout);
	next = earlier(next, w->grace_ns);
	if (next == w->timer_ns)
		return;
	w->timer_ns = next;
	set_timer(m, next > now + TIMER_MIN_NS ? next - now : TIMER_MIN_NS);
}

int watch_begin(struct machine *m, struct err *e)
{
	int rc = has_signals(m) ? 0 : make_timer(m, e);

	if (rc)
		return rc;
	m->watch.start_ns = clock_now_ns();
	m->watch.tick_ns = m->watch.start_ns + TICK_NS;
	rearm(m);
	return 0;
}

void watch_flush_at(struct machine *m)
{
	if (m->watch.flush_ns)
		return;
	m->watch.flush_ns = clock_now_ns() + FLUSH_NS;
	rearm(m);
}

void watch_cpu(struct vcpu *cpu)
{
	if (vcpu_is_dead(cpu))
		atomic_fetch_add(&cpu->dead_ticks, 1);
	else
		atomic_store(&cpu->dead_ticks, 0);
}

static bool all_dead(struct machine *m)
{
	for (unsigned int i = 0; i < m->board.cpus; i++)
		if (atomic_load(&m->cpu[i].dead_ticks) < DEAD_TICKS)
			return false;
	return true;
}

static void notify(struct machine *m, const struct vcpu *cpu,
		   const struct cpu_regs *regs, enum run_notice why)
{
	const struct run_config *c = m->config;
	/* Another CPU may be writing the real one. */
	const struct exit_report now = {
		.cpu = cpu->id,
		.has_screen = m->report->has_screen,
		.regs = *regs,
		.slide = m->report->slide,
		.virt_base = m->report->virt_base,
		.mem = m->mem,
		.image_fd = m->report->image_fd,
	};

	if (!c->notify)
		return;
	c->notify(c->notify_arg, why, &now);
}

/*
 * SIGQUIT: where is every CPU? The kernel runs on. Each CPU looks at itself:
 * KVM answers another thread only when the CPU next leaves the guest.
 */
static void on_question(struct machine *m)
{
	struct cpu_regs regs;

	for (unsigned int i = 1; i < m->board.cpus; i++) {
		atomic_store(&m->cpu[i].question, QUESTION_ASKED);
		pthread_kill(m->cpu[i].thread, RUN_KICK);
	}
	if (vcpu_regs(&m->cpu[0], &regs) == 0)
		notify(m, &m->cpu[0], &regs, NOTICE_ASKED);
}

void watch_answer(struct vcpu *cpu)
{
	if (atomic_load(&cpu->question) != QUESTION_ASKED ||
	    vcpu_regs(cpu, &cpu->answer))
		return;
	atomic_store(&cpu->question, QUESTION_ANSWERED);
	pthread_kill(cpu->machine->main, RUN_KICK);
}

static void pass_answers(struct machine *m)
{
	for (unsigned int i = 1; i < m->board.cpus; i++) {
		struct vcpu *cpu = &m->cpu[i];

		if (atomic_load(&cpu->question) != QUESTION_ANSWERED)
			continue;
		notify(m, cpu, &cpu->answer, NOTICE_ASKED);
		atomic_store(&cpu->question, QUESTION_NONE);
	}
}

/* A device has lost what serves it. */
static void pass_trouble(struct machine *m)
{
	const struct run_config *c = m->config;
	struct exit_report now = { .reason = STOP_NONE };

	if (c->notify && kind_trouble(m, now.text, sizeof(now.text)))
		c->notify(c->notify_arg, NOTICE_LOST, &now);
}

/* Once: nothing was printed for so long; tell where the kernel is. */
static void say_hello(struct machine *m, uint64_t now)
{
	const struct run_config *c = m->config;
	struct cpu_regs regs;

	if (m->watch.said_hello || !c->notify || !c->hello_ns ||
	    now - m->watch.start_ns < c->hello_ns ||
	    atomic_load(&m->streams.first_output_ns))
		return;
	m->watch.said_hello = true;
	if (vcpu_regs(&m->cpu[0], &regs) == 0)
		notify(m, &m->cpu[0], &regs, NOTICE_SILENT);
}

static void tick(struct machine *m, uint64_t now)
{
	if (gdb_holds(&m->cpu[0]))
		return; /* nobody is late and nobody is dead */
	watch_cpu(&m->cpu[0]);
	if (all_dead(m)) {
		machine_stop(m, &m->cpu[0], STOP_HALTED, 0, "");
		return;
	}
	/* The others look at themselves; main sees it at the next tick. */
	for (unsigned int i = 1; i < m->board.cpus; i++)
		pthread_kill(m->cpu[i].thread, RUN_KICK);
	say_hello(m, now);
}

static void on_timer(struct machine *m)
{
	struct watch *w = &m->watch;
	uint64_t now = clock_now_ns();

	if (m->config->timeout_ns && now - w->start_ns >= m->config->timeout_ns)
		machine_stop(m, &m->cpu[0], STOP_TIMEOUT, 0, "");
	if (w->grace_ns && now >= w->grace_ns)
		machine_stop(m, &m->cpu[0], STOP_SIGNAL, (uint32_t)w->signal,
			     "");
	if (now >= w->tick_ns) {
		w->tick_ns = now + TICK_NS;
		tick(m, now);
	}
	if (atomic_load(&m->stopping))
		return;
	pthread_mutex_lock(&m->lock);
	if (w->flush_ns && now >= w->flush_ns) {
		w->flush_ns = 0;
		plug_flush(m);
	}
	w->timer_ns = 0;
	rearm(m);
	pthread_mutex_unlock(&m->lock);
}

/* A signal that was ignored when dive was started (nohup) stays ignored. */
static bool is_ignored(int signal)
{
	struct sigaction now;

	return sigaction(signal, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/* It may catch it, or be ended by it: then so are we. */
static bool is_the_programs(struct machine *m, int signal)
{
	struct run_program *p = m->config->program;

	return p && (is_ignored(signal) || p->signal(p, signal));
}

/* First request: let the kernel end by itself. Second: end it. */
static void on_end_signal(struct machine *m, int signal)
{
	bool first = m->watch.signal == 0;

	m->watch.signal = signal;
	if (first && lean_request_shutdown(m)) {
		pthread_mutex_lock(&m->lock);
		m->watch.grace_ns = clock_now_ns() + GRACE_NS;
		rearm(m);
		pthread_mutex_unlock(&m->lock);
		return;
	}
	machine_stop(m, &m->cpu[0], STOP_SIGNAL, (uint32_t)signal, "");
}

/* Ctrl-Z: the terminal goes back to the shell while we are stopped. */
static void on_suspend(struct machine *m)
{
	struct tty *tty = &m->seat->tty;
	bool was_active;
	sigset_t only;
	int fd;

	pthread_mutex_lock(&m->seat->lock);
	fd = tty->fd;
	was_active = tty->active;
	tty_leave(tty);
	sigemptyset(&only);
	sigaddset(&only, SIGTSTP);
	raise(SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &only, NULL); /* stops here */
	pthread_sigmask(SIG_BLOCK, &only, NULL);
	if (was_active)
		tty_enter(tty, fd);
	pthread_mutex_unlock(&m->seat->lock);
}

void watch_set(const struct machine *m, sigset_t *set)
{
	static const int process[] = { SIGALRM, SIGINT,  SIGTERM,
				       SIGHUP,  SIGTSTP, SIGQUIT,
				       SIGUSR1, SIGUSR2, SIGWINCH };
	const size_t count = m->config->program ? 9 : 6;

	sigemptyset(set);
	sigaddset(set, RUN_KICK);
	for (size_t i = 0; has_signals(m) && i < count; i++)
		sigaddset(set, process[i]);
}

static int next_signal(const sigset_t *set)
{
	static const struct timespec zero;

	/* syscall: rt_sigtimedwait */
	return sigtimedwait(set, NULL, &zero);
}

void watch_ours(sigset_t *set)
{
	sigaddset(set, RUN_KICK);
	sigaddset(set, SIGUSR1); /* from outside: no kernel has asked for it */
	sigaddset(set, SIGALRM);
	sigaddset(set, SIGPIPE);
}

void watch_forget(void)
{
	sigset_t ours;

	sigemptyset(&ours);
	watch_ours(&ours);
	while (next_signal(&ours) > 0)
		;
}

void watch_end(struct machine *m)
{
	if (has_signals(m)) {
		set_timer(m, 0);
		watch_forget();
		return;
	}
	/* What is pending was for this thread, which ends. */
	if (m->watch.own_timer >= 0)
		syscall(SYS_timer_delete, m->watch.own_timer);
	m->watch.own_timer = -1;
}

void watch_signals(struct machine *m)
{
	sigset_t wanted;
	int signal;

	watch_set(m, &wanted);
	while ((signal = next_signal(&wanted)) > 0) {
		if (signal == SIGALRM ||
		    (signal == RUN_KICK && !has_signals(m)))
			on_timer(m);
		else if (signal == SIGTSTP)
			on_suspend(m);
		else if (signal == RUN_KICK || is_the_programs(m, signal))
			continue;
		else if (signal == SIGQUIT)
			on_question(m);
		else if (!is_ignored(signal))
			on_end_signal(m, signal);
	}
	pass_answers(m);
	pass_trouble(m);
	if (atomic_exchange(&m->output_lost, false))
		on_end_signal(m, SIGPIPE);
}
