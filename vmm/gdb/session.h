/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the gdb stub: the session, shared by gdb.c, its commands and KVM. */
#ifndef VMM_GDB_SESSION_H
#define VMM_GDB_SESSION_H

#include "base/janitor.h"
#include "vmm/gdb/gdb.h"
#include "vmm/gdb/packet.h"
#include "vmm/gdb/points.h"
#include "vmm/gdb/regs.h"

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
	GDB_CAUSE_NONE, /* nothing but that somebody asked */
	GDB_CAUSE_STEP,
	GDB_CAUSE_SOFT,
	GDB_CAUSE_HARD,
	GDB_CAUSE_WATCH,
};

/**
 * struct gdb_cpu - one CPU as gdb drives it
 * @action: what it shall do; it reads this before it enters the guest
 * @stepping: KVM was told to stop it behind the next instruction
 * @held: it is in gdb_hold(), and was not told to go on
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
	GDB_LEAVING,  /* gdb has gone, the CPUs are on their way */
	GDB_LOOKING,  /* as GDB_STOPPED, after the end of the machine */
};

/**
 * struct gdb - the stub
 * @m: the machine
 * @lock: @cpu, @held, @over, @look; taken last
 * @thread: the session, when @has_thread
 * @has_thread: see @thread
 * @listen_fd: where gdb connects
 * @conn_fd: -1 = no gdb
 * @wake_fd: eventfd: all CPUs are held, or the report is complete
 * @kick_fd: signalfd of RUN_KICK, never read: what a held CPU waits for
 * @main_fd: the same with all signals that CPU 0 takes
 * @janitor: removes a Unix socket
 * @width: of the image
 * @text_base: where the first segment of a moved image lies; 0 = not moved
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
	int kick_fd;
	int main_fd;
	struct janitor janitor;
	enum gdb_width width;
	gva_t text_base;
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

/* listen.c */

/**
 * gdb_listen() - open the socket that --gdb names
 * @g: listen_fd and janitor are written
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
 * gdb_kick() - make a CPU look at what it shall do
 * @g: lock held
 * @id: which CPU
 */
void gdb_kick(struct gdb *g, unsigned int id);

/**
 * gdb_hold_all() - ask all CPUs to stop
 * @g: lock held
 */
void gdb_hold_all(struct gdb *g);

/* session.c */

/**
 * gdb_session() - the thread that talks to gdb
 * @arg: struct gdb
 *
 * Return: NULL, when the machine has ended and gdb has let go.
 */
void *gdb_session(void *arg);

/**
 * gdb_resume() - let CPUs run
 * @g: GDB_STOPPED; session thread
 * @action: for each CPU; one at least shall run
 *
 * When a watchpoint has stopped another CPU too, that is reported instead.
 */
void gdb_resume(struct gdb *g, const enum gdb_action *action);

/**
 * gdb_detach() - take all points back and let everything run
 * @g: gdb has gone or is about to; session thread
 */
void gdb_detach(struct gdb *g);

/**
 * gdb_kill() - end the machine
 * @g: session thread
 */
void gdb_kill(struct gdb *g);

/* command.c */

/**
 * gdb_command() - obey one packet
 * @g: in has it; gdb has the word; session thread
 */
void gdb_command(struct gdb *g);

/* data.c */

/**
 * gdb_on_get_regs() - g: all registers of the current CPU
 * @g: gdb has the word; it is answered
 * @a: what follows the letter
 */
void gdb_on_get_regs(struct gdb *g, struct gdb_args *a);

/**
 * gdb_on_set_regs() - G: write them
 * @g: gdb has the word; it is answered
 * @a: what follows the letter
 */
void gdb_on_set_regs(struct gdb *g, struct gdb_args *a);

/**
 * gdb_on_get_reg() - p: one register
 * @g: gdb has the word; it is answered
 * @a: what follows the letter
 */
void gdb_on_get_reg(struct gdb *g, struct gdb_args *a);

/**
 * gdb_on_set_reg() - P: write one register
 * @g: gdb has the word; it is answered
 * @a: what follows the letter
 */
void gdb_on_set_reg(struct gdb *g, struct gdb_args *a);

/**
 * gdb_on_read() - m: read memory
 * @g: gdb has the word; it is answered
 * @a: what follows the letter
 */
void gdb_on_read(struct gdb *g, struct gdb_args *a);

/**
 * gdb_on_write() - M: write memory
 * @g: gdb has the word; it is answered
 * @a: what follows the letter
 */
void gdb_on_write(struct gdb *g, struct gdb_args *a);

/**
 * gdb_on_insert() - Z: set a point
 * @g: gdb has the word; it is answered
 * @a: what follows the letter
 */
void gdb_on_insert(struct gdb *g, struct gdb_args *a);

/**
 * gdb_on_remove() - z: take a point back
 * @g: gdb has the word; it is answered
 * @a: what follows the letter
 */
void gdb_on_remove(struct gdb *g, struct gdb_args *a);

/* say.c */

/**
 * gdb_finish() - end the packet in out and send it
 * @g: out begun
 */
void gdb_finish(struct gdb *g);

/**
 * gdb_say() - send a packet
 * @g: connected
 * @text: without # $ } *
 */
void gdb_say(struct gdb *g, const char *text);

/**
 * gdb_say_result() - send OK or an error
 * @g: connected
 * @rc: 0 or -errno
 */
void gdb_say_result(struct gdb *g, int rc);

/**
 * gdb_say_stop() - say why the machine stopped
 * @g: GDB_STOPPED with stop_cpu, stop and stop_point set, or GDB_LOOKING
 */
void gdb_say_stop(struct gdb *g);

/**
 * gdb_say_exit() - say that and how the machine has ended
 * @g: GDB_LOOKING
 */
void gdb_say_exit(struct gdb *g);

/**
 * gdb_ack() - acknowledge a packet, while gdb wants that
 * @g: connected
 * @sign: '+' or '-'
 */
void gdb_ack(struct gdb *g, char sign);

/**
 * gdb_send_again() - gdb did not get the last packet
 * @g: connected
 */
void gdb_send_again(struct gdb *g);

/**
 * gdb_is_crash() - did the kernel fail
 * @r: complete
 *
 * Return: true when there is something to look at.
 */
bool gdb_is_crash(const struct exit_report *r);

/* cpu.c: KVM */

/**
 * gdb_cpu_settle() - make KVM take the registers of the first entry over
 * @cpu: not running; on its own thread
 */
void gdb_cpu_settle(const struct vcpu *cpu);

/**
 * gdb_cpu_walk_regs() - the registers that translate addresses
 * @g: all CPUs held, or looking
 * @ret: written on success
 *
 * Return: 0 or -errno.
 */
int must_check gdb_cpu_walk_regs(const struct gdb *g, struct cpu_regs *ret);

/**
 * gdb_cpu_known() - what the report knows better than KVM
 * @g: any state
 *
 * Return: the report once the machine has ended, else NULL.
 */
const struct exit_report *gdb_cpu_known(const struct gdb *g);

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
