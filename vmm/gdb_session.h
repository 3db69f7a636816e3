/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the gdb stub: the session, shared by gdb.c, its commands and KVM. */
#ifndef VMM_GDB_SESSION_H
#define VMM_GDB_SESSION_H

#include "vmm/gdb.h"
#include "vmm/gdb_packet.h"
#include "vmm/gdb_points.h"
#include "vmm/gdb_regs.h"

/* Numbers of gdb's protocol (include/gdb/signals.def), not the host's. */
enum gdb_signal {
	GDB_SIGINT = 2,
	GDB_SIGILL = 4,
	GDB_SIGTRAP = 5,
	GDB_SIGABRT = 6,
	GDB_SIGFPE = 8,
	GDB_SIGKILL = 9,
	GDB_SIGBUS = 10,
	GDB_SIGSEGV = 11,
	GDB_SIGALRM = 14,
};

enum gdb_cause {
	GDB_CAUSE_NONE,
	GDB_CAUSE_ASKED, /* Ctrl-C, or gdb has come */
	GDB_CAUSE_STEP,
	GDB_CAUSE_SOFT,
	GDB_CAUSE_HARD,
	GDB_CAUSE_WATCH,
	GDB_CAUSE_CRASH,
};

/**
 * struct gdb_cpu - one CPU as gdb drives it
 * @action: what it shall do; it reads this before it enters the guest
 * @stepping: KVM was told to stop it behind the next instruction
 * @held: it waits in gdb_hold()
 * @cause: why it wants to stop, not yet reported
 * @point: which debug register, GDB_CAUSE_WATCH
 */
struct gdb_cpu {
	_Atomic enum gdb_action action;
	bool stepping;
	bool held;
	enum gdb_cause cause;
	unsigned int point;
};

enum gdb_state {
	GDB_IDLE,     /* no gdb */
	GDB_RUNNING,  /* gdb waits for a stop */
	GDB_STOPPING, /* gdb has come, the CPUs are on their way */
	GDB_STOPPED,  /* gdb has the word */
	GDB_LOOKING,  /* the same after the end of the machine */
};

/**
 * struct gdb - the stub
 * @m: the machine
 * @lock: @cpu, @held, @over, @look; taken last
 * @thread: the session, when @has_thread
 * @has_thread: see @thread
 * @listen_fd: where gdb connects
 * @conn_fd: -1 = no gdb
 * @wake_fd: eventfd: all CPUs are held, or the machine is over
 * @path: of a Unix socket, to be removed; NULL = none
 * @image_base: linked address of the first segment, when @relocated
 * @relocated: gdb must move its symbols by the report's slide
 * @cpu: one for each CPU
 * @held: how many are
 * @over: CPU threads end: no more signals to them
 * @look: the report is complete
 * @points: changed by the session while all CPUs are held
 * @state: session thread only, as all below
 * @current: CPU that the next command means
 * @stop_cpu: CPU of the last stop
 * @stop: why it stopped
 * @stop_point: see struct gdb_cpu
 * @no_ack: gdb wants no '+'
 * @done: the session ends
 * @in: from gdb
 * @out: to gdb; kept for '-'
 * @xml: target description, made when first asked for
 */
struct gdb {
	struct machine *m;
	pthread_mutex_t lock;
	pthread_t thread;
	bool has_thread;
	int listen_fd;
	int conn_fd;
	int wake_fd;
	const char *path;
	gva_t image_base;
	bool relocated;
	struct gdb_cpu cpu[RUN_CPUS_MAX];
	unsigned int held;
	bool over;
	bool look;
	struct gdb_points points;
	enum gdb_state state;
	unsigned int current;
	unsigned int stop_cpu;
	enum gdb_cause stop;
	unsigned int stop_point;
	bool no_ack;
	bool done;
	struct gdb_in in;
	struct gdb_out out;
	char xml[GDB_XML_MAX];
};

/* gdb_listen.c */

/**
 * gdb_listen() - open the socket that --gdb names
 * @g: listen_fd and path are written
 * @where: "tcp:[HOST]:PORT" or "unix:PATH"; kept
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check gdb_listen(struct gdb *g, const char *where, struct err *e);

/**
 * gdb_accept() - take the gdb that connects
 * @g: conn_fd is written
 *
 * Return: false when there is none after all.
 */
bool gdb_accept(struct gdb *g);

/* gdb.c */

/**
 * gdb_resume() - let CPUs run
 * @g: GDB_STOPPED; session thread
 * @action: for each CPU
 *
 * A CPU that still has something to report is reported instead.
 */
void gdb_resume(struct gdb *g, const enum gdb_action *action);

/**
 * gdb_detach() - take all points back and let everything run
 * @g: session thread; gdb has gone or is about to
 */
void gdb_detach(struct gdb *g);

/* gdb_command.c */

/**
 * gdb_command() - obey one packet
 * @g: in has it; gdb has the word; session thread
 */
void gdb_command(struct gdb *g);

/**
 * gdb_say_stop() - say why the machine stopped
 * @g: stop_cpu, stop and stop_point set
 */
void gdb_say_stop(struct gdb *g);

/**
 * gdb_say_exit() - say that and how the machine has ended
 * @g: look set
 */
void gdb_say_exit(struct gdb *g);

/**
 * gdb_send() - end the packet in out and send it
 * @g: out begun
 */
void gdb_send(struct gdb *g);

/* gdb_cpu.c: KVM */

/**
 * gdb_cpu_settle() - make KVM take the registers of the first entry over
 * @cpu: not running
 */
void gdb_cpu_settle(struct vcpu *cpu);

/**
 * gdb_cpu_walk_regs() - the registers that translate addresses
 * @g: all CPUs held, or looking
 * @ret: written on success
 *
 * Return: 0 or -errno.
 */
int must_check gdb_cpu_walk_regs(const struct gdb *g, struct cpu_regs *ret);

/**
 * gdb_cpu_get() - read all registers of the current CPU
 * @g: all CPUs held, or looking: then those of the report where it has them
 * @ret: written on success
 *
 * Return: 0 or -errno.
 */
int must_check gdb_cpu_get(const struct gdb *g, struct gdb_regs *ret);

/**
 * gdb_cpu_set() - write all registers of the current CPU
 * @g: all CPUs held
 * @from: as read by gdb_cpu_get(), some changed
 *
 * Return: 0 or -errno; what KVM refuses stays as it was.
 */
int must_check gdb_cpu_set(const struct gdb *g, const struct gdb_regs *from);

/**
 * gdb_cpu_arm() - tell KVM where and when to stop a CPU
 * @g: its points
 * @cpu: held
 * @step: behind the next instruction
 */
void gdb_cpu_arm(struct gdb *g, const struct vcpu *cpu, bool step);

/**
 * gdb_cpu_inject() - hand the kernel an exception that was not ours
 * @g: its points
 * @cpu: has just left the guest with it; on its own thread
 * @breakpoint: INT3, else a debug exception
 */
void gdb_cpu_inject(struct gdb *g, const struct vcpu *cpu, bool breakpoint);

#endif
