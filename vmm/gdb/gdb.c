// SPDX-License-Identifier: Apache-2.0
// The gdb stub: what CPU threads and the main thread do with it.
#include "vmm/gdb/gdb.h"

#include <elf.h>
#include <errno.h>
#include <linux/kvm.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "vmm/gdb/session.h"

#define DR6_STEP  (UINT64_C(1) << 14)
#define VECTOR_DB 1
#define VECTOR_BP 3

/* --- on the CPU threads --------------------------------------------------- */

static void tell_session(struct gdb *g)
{
	(void)eventfd_write(g->wake_fd, 1);
}

void gdb_kick(struct gdb *g, unsigned int id)
{
	struct machine *m = g->m;

	if (!g->over)
		pthread_kill(id == 0 ? m->main : m->cpu[id].thread, RUN_KICK);
}

void gdb_hold_all(struct gdb *g)
{
	for (unsigned int i = 0; i < g->m->board.cpus; i++) {
		atomic_store(&g->cpu[i].action, GDB_STAY);
		if (!g->cpu[i].held)
			gdb_kick(g, i);
	}
}

bool gdb_holds(const struct vcpu *cpu)
{
	const struct gdb *g = cpu->machine->gdb;

	return g && atomic_load(&g->cpu[cpu->id].action) == GDB_STAY;
}

bool gdb_hold(struct vcpu *cpu)
{
	struct machine *m = cpu->machine;
	struct gdb *g = m->gdb;
	struct pollfd signals = { .events = POLLIN };

	if (!gdb_holds(cpu) || atomic_load(&m->stopping))
		return false;
	gdb_cpu_settle(cpu);
	pthread_mutex_lock(&g->lock);
	/* Asked again under the lock: it counts those that will not run. */
	if (gdb_holds(cpu) && !g->cpu[cpu->id].held) {
		g->cpu[cpu->id].held = true;
		if (++g->held == m->board.cpus)
			tell_session(g);
	}
	pthread_mutex_unlock(&g->lock);
	signals.fd = cpu->id == 0 ? g->main_fd : g->kick_fd;
	(void)poll(&signals, 1, -1);
	return true;
}

/* Why it stopped; false when the kernel itself is to have the exception. */
static bool find_cause(const struct gdb *g, const struct vcpu *cpu,
		       struct gdb_cpu *to)
{
	const struct kvm_debug_exit_arch *d = &cpu->run->debug.arch;

	if (d->exception == VECTOR_BP) {
		to->cause = GDB_CAUSE_SOFT;
		return gdb_points_soft_at(&g->points, d->pc);
	}
	for (unsigned int i = 0; i < GDB_HARD_MAX; i++) {
		const struct gdb_hard *h = &g->points.hard[i];

		if (!(d->dr6 >> i & 1) || !h->used)
			continue;
		to->point = i;
		to->cause = h->type == GDB_POINT_HARD ? GDB_CAUSE_HARD
						      : GDB_CAUSE_WATCH;
		return true;
	}
	to->cause = GDB_CAUSE_STEP;
	return to->stepping;
}

/* The first CPU that has something to tell stops all of them. */
static void stopped_itself(struct gdb *g, const struct vcpu *cpu,
			   const struct gdb_cpu *why)
{
	pthread_mutex_lock(&g->lock);
	g->cpu[cpu->id].cause = why->cause;
	g->cpu[cpu->id].point = why->point;
	gdb_hold_all(g);
	pthread_mutex_unlock(&g->lock);
}

void gdb_on_debug(struct vcpu *cpu)
{
	struct gdb *g = cpu->machine->gdb;
	struct gdb_cpu why = { .point = 0 };

	if (!g)
		return;
	why.stepping = g->cpu[cpu->id].stepping;
	if (find_cause(g, cpu, &why))
		stopped_itself(g, cpu, &why);
	else
		gdb_cpu_inject(g, cpu,
			       cpu->run->debug.arch.exception == VECTOR_BP);
}

bool gdb_on_refused(struct vcpu *cpu)
{
	static const struct gdb_cpu why = { .cause = GDB_CAUSE_SOFT };
	struct gdb *g = cpu->machine->gdb;

	if (!g || !gdb_points_soft_at(&g->points, cpu->snapshot.rip))
		return false;
	stopped_itself(g, cpu, &why);
	return true;
}

/* --- on the main thread --------------------------------------------------- */

/* What makes poll() return is left for whoever takes the signals. */
static int signal_fd(const struct machine *m, bool main)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, RUN_KICK);
	if (main)
		watch_set(m, &set);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int gdb_open(struct machine *m, struct err *e)
{
	struct gdb *g;

	if (!m->config->gdb)
		return 0;
	g = calloc(1, sizeof(*g));
	if (!g)
		return err_set(e, -ENOMEM, "--gdb: no memory");
	m->gdb = g;
	g->m = m;
	g->listen_fd = g->conn_fd = -1;
	pthread_mutex_init(&g->lock, NULL);
	for (unsigned int i = 0; i < RUN_CPUS_MAX && !m->config->gdb_wait; i++)
		g->cpu[i].action = GDB_CONTINUE;
	g->wake_fd = eventfd(0, EFD_CLOEXEC);
	g->kick_fd = signal_fd(m, false);
	g->main_fd = signal_fd(m, true);
	if (g->wake_fd < 0 || g->kick_fd < 0 || g->main_fd < 0)
		return err_set(e, -errno, "--gdb: %s", strerror(errno));
	return gdb_listen(g, m->config->gdb, e);
}

void gdb_place(struct machine *m, const struct image *img)
{
	const struct exit_report *r = m->report;
	struct segment s;

	if (m->gdb && img->elf && !image_is_elf64(img))
		m->gdb->width = GDB_NARROW;
	/* With virt_base the kernel runs where it is linked. */
	if (!m->gdb || !r->slide || r->virt_base)
		return;
	for (size_t i = 0; i < img->elf_phnum && !m->gdb->text_base; i++)
		if (image_segment(img, i, &s, NULL) == 0 && s.type == PT_LOAD)
			m->gdb->text_base = s.vaddr + r->slide;
}

int gdb_start(struct machine *m, struct err *e)
{
	struct gdb *g = m->gdb;
	int rc;

	if (!g)
		return 0;
	rc = pthread_create(&g->thread, NULL, gdb_session, g);
	if (rc)
		return err_set(e, -rc, "--gdb: no thread: %s", strerror(rc));
	g->has_thread = true;
	if (m->config->notify && m->config->gdb_wait)
		m->config->notify(m->config->notify_arg, NOTICE_GDB, m->report);
	return 0;
}

void gdb_ran(struct machine *m)
{
	if (!m->gdb)
		return;
	pthread_mutex_lock(&m->gdb->lock);
	m->gdb->over = true;
	pthread_mutex_unlock(&m->gdb->lock);
}

void gdb_last_look(struct machine *m)
{
	struct gdb *g = m->gdb;

	if (!g || !g->has_thread)
		return;
	pthread_mutex_lock(&g->lock);
	g->look = true;
	pthread_mutex_unlock(&g->lock);
	tell_session(g);
	pthread_join(g->thread, NULL);
	g->has_thread = false;
}

void gdb_close(struct machine *m)
{
	struct gdb *g = m->gdb;

	if (!g)
		return;
	gdb_ran(m);
	gdb_last_look(m);
	if (g->listen_fd >= 0)
		close(g->listen_fd);
	janitor_finish(&g->janitor);
	close(g->wake_fd);
	close(g->kick_fd);
	close(g->main_fd);
	pthread_mutex_destroy(&g->lock);
	free(g);
	m->gdb = NULL;
}
