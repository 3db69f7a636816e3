// SPDX-License-Identifier: Apache-2.0
// The thread that talks to gdb: who has the word, and when CPUs run.
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vmm/gdb/session.h"

static void ask_all(struct gdb *g)
{
	pthread_mutex_lock(&g->lock);
	gdb_hold_all(g);
	pthread_mutex_unlock(&g->lock);
}

/* Chooses the CPU to tell of; false when no CPU has a reason of its own. */
static bool take_cause(struct gdb *g, bool watch_only)
{
	for (unsigned int i = 0; i < g->m->board.cpus; i++) {
		struct gdb_cpu *c = &g->cpu[i];

		if (c->cause == GDB_CAUSE_NONE)
			continue;
		/* A breakpoint is met again: its instruction has not run. */
		if (watch_only && (c->cause != GDB_CAUSE_WATCH ||
				   !g->points.hard[c->point].used)) {
			c->cause = GDB_CAUSE_NONE;
			continue;
		}
		g->stop_cpu = i;
		g->stop = c->cause;
		g->stop_point = c->point;
		c->cause = GDB_CAUSE_NONE;
		return true;
	}
	return false;
}

static void say_stopped(struct gdb *g)
{
	g->current = g->stop_cpu;
	g->state = GDB_STOPPED;
	gdb_say_stop(g);
}

void gdb_resume(struct gdb *g, const enum gdb_action *action)
{
	if (take_cause(g, true)) {
		say_stopped(g);
		return;
	}
	for (unsigned int i = 0; i < g->m->board.cpus; i++)
		gdb_cpu_arm(g, &g->m->cpu[i], action[i] == GDB_STEP);
	g->state = GDB_RUNNING;
	pthread_mutex_lock(&g->lock);
	for (unsigned int i = 0; i < g->m->board.cpus; i++) {
		if (action[i] == GDB_STAY)
			continue;
		g->cpu[i].held = false;
		g->held--;
		atomic_store(&g->cpu[i].action, action[i]);
		gdb_kick(g, i);
	}
	pthread_mutex_unlock(&g->lock);
}

static void hang_up(struct gdb *g)
{
	close(g->conn_fd);
	g->conn_fd = -1;
	g->no_ack = false;
	memset(&g->in, 0, sizeof(g->in));
}

/* All CPUs are held: nothing of gdb's stays behind. */
static void let_go(struct gdb *g)
{
	static const enum gdb_action go[RUN_CPUS_MAX] = { [0 ... RUN_CPUS_MAX -
							   1] = GDB_CONTINUE };

	gdb_points_clear(&g->points, &g->m->mem);
	(void)take_cause(g, true);
	for (unsigned int i = 0; i < g->m->board.cpus; i++)
		g->cpu[i].cause = GDB_CAUSE_NONE;
	gdb_resume(g, go);
	g->state = GDB_IDLE;
}

void gdb_detach(struct gdb *g)
{
	hang_up(g);
	if (g->state == GDB_LOOKING) {
		g->done = true;
	} else if (g->state == GDB_STOPPED) {
		let_go(g);
	} else {
		ask_all(g);
		g->state = GDB_LEAVING;
	}
}

void gdb_kill(struct gdb *g)
{
	pthread_mutex_lock(&g->lock);
	if (!g->over)
		machine_stop(g->m, NULL, STOP_SIGNAL, SIGKILL, "");
	pthread_mutex_unlock(&g->lock);
}

static void on_all_held(struct gdb *g)
{
	if (g->state == GDB_STOPPING) {
		g->state = GDB_STOPPED;
		/* What a gdb that has just come did not ask for. */
		(void)take_cause(g, false);
		g->stop = GDB_CAUSE_NONE;
		g->current = g->stop_cpu = 0;
	} else if (g->state == GDB_LEAVING) {
		let_go(g);
	} else if (g->state == GDB_RUNNING) {
		g->stop = GDB_CAUSE_NONE;
		(void)take_cause(g, false);
		say_stopped(g);
	}
}

/* The machine has ended. Only a gdb that can do something with it stays. */
static void on_look(struct gdb *g)
{
	bool waits = g->state == GDB_RUNNING;

	if (g->state == GDB_LOOKING)
		return;
	g->state = GDB_LOOKING;
	g->current = g->stop_cpu = g->m->report->cpu;
	if (g->conn_fd < 0) {
		g->done = true;
	} else if (!gdb_is_crash(g->m->report)) {
		if (waits)
			gdb_say_exit(g);
		g->done = true;
	} else if (waits) {
		gdb_say_stop(g);
	}
}

static void on_connect(struct gdb *g)
{
	if (!gdb_accept(g))
		return;
	g->state = GDB_STOPPING;
	ask_all(g);
}

static void on_byte(struct gdb *g, uint8_t byte)
{
	enum gdb_event event = gdb_in_byte(&g->in, byte);
	bool has_word = g->state == GDB_STOPPED || g->state == GDB_LOOKING;

	if (event == GDB_EVENT_INTERRUPT && g->state == GDB_RUNNING)
		ask_all(g);
	if (!has_word)
		return;
	if (event == GDB_EVENT_PACKET) {
		gdb_ack(g, '+');
		gdb_command(g);
	} else if (event == GDB_EVENT_BAD) {
		gdb_ack(g, '-');
	} else if (event == GDB_EVENT_AGAIN) {
		gdb_send_again(g);
	}
}

static void on_input(struct gdb *g)
{
	uint8_t bytes[512];
	/* syscall: recvfrom */
	ssize_t n = recv(g->conn_fd, bytes, sizeof(bytes), 0);

	if (n <= 0) {
		gdb_detach(g);
		return;
	}
	for (ssize_t i = 0; i < n && g->conn_fd >= 0 && !g->done; i++)
		on_byte(g, bytes[i]);
}

/* While the CPUs are on their way nobody listens to gdb: it asks them. */
static bool is_deaf(const struct gdb *g)
{
	return g->state == GDB_STOPPING || g->state == GDB_LEAVING;
}

static void wait_for_something(struct gdb *g)
{
	bool has_gdb = g->conn_fd >= 0;
	struct pollfd p[2] = {
		{ .fd = g->wake_fd, .events = POLLIN },
		{ .fd = is_deaf(g) ? -1
			: has_gdb  ? g->conn_fd
				   : g->listen_fd,
		  .events = POLLIN },
	};
	eventfd_t count;

	/* syscall: poll, read, write */
	if (poll(p, 2, -1) < 0)
		return;
	if (p[0].revents)
		(void)eventfd_read(g->wake_fd, &count);
	if (p[1].revents && has_gdb)
		on_input(g);
	else if (p[1].revents)
		on_connect(g);
}

void *gdb_session(void *arg)
{
	struct gdb *g = arg;

	while (!g->done) {
		bool all, look;

		wait_for_something(g);
		pthread_mutex_lock(&g->lock);
		all = g->held == g->m->board.cpus;
		look = g->look;
		pthread_mutex_unlock(&g->lock);
		if (look)
			on_look(g);
		else if (all)
			on_all_held(g);
	}
	if (g->conn_fd >= 0)
		hang_up(g);
	return NULL;
}
