/* SPDX-License-Identifier: Apache-2.0 */
/* The machine that fullvm builds and runs; private to vmm/. */
#ifndef VMM_MACHINE_H
#define VMM_MACHINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/program.h"
#include "base/run.h"
#include "loader/contract.h"
#include "loader/protocol.h"
#include "vmm/bus.h"
#include "vmm/streams.h"
#include "vmm/tty.h"
#include "vmm/vcpu.h"
#include "vmm/virtio/console.h"
#include "vmm/vm.h"

struct gdb;
struct devices;
struct pc;
struct pci;
struct solo5;
struct window;

/**
 * struct lean - what a contract machine has beside CPUs and memory
 * @area: where the shared pages lie
 * @control: control page, shared with the guest
 */
struct lean {
	struct contract_area area;
	struct dive_control *control;
};

/**
 * struct watch - the clock and the signals, main thread only
 * @start_ns: CLOCK_MONOTONIC of the first instruction
 * @tick_ns: next look at the CPUs
 * @flush_ns: when a partial line of COM1 is written; 0 = none waits. Any
 *	thread, under the machine's lock
 * @grace_ns: end of the grace given by a first signal; 0 = none
 * @timer_ns: what the timer is set to; 0 = not set. Under the lock
 * @own_timer: number of a timer that sends RUN_KICK, where another machine has
 *	the process's; -1 = none
 * @signal: the signal that asked for the end, 0 = none
 * @said_hello: config.notify has been called
 */
struct watch {
	uint64_t start_ns;
	uint64_t tick_ns;
	uint64_t flush_ns;
	uint64_t grace_ns;
	uint64_t timer_ns;
	int own_timer;
	int signal;
	bool said_hello;
};

/**
 * struct machine - one VM
 * @config: what the user asked for; borrowed
 * @report: filled when the machine stops; borrowed
 * @vm: KVM descriptors
 * @mem: guest memory
 * @ram: the mapping behind it
 * @ram_size: bytes of @ram
 * @ram_fd: shared memory behind @ram, for daemons; -1 = it is private
 * @board: what the tables describe
 * @cpu: @board.cpus of them
 * @lock: devices, buses, rings before the I/O thread, the report
 * @pin: host CPU of each virtual CPU, when @pinned
 * @pinned: see @pin
 * @accessing: the CPU whose access a device is serving, lock held
 * @pio: ports
 * @mmio: memory-mapped devices
 * @streams: channels to the host
 * @tty: the terminal, when COM1 is on one
 * @lean: contract machine
 * @kind: which of the three it is
 * @pc: PC board, NULL for the others
 * @solo5: Solo5's devices, NULL for the others
 * @window: memory in common with the other machine, NULL = none
 * @space: signalled when a ring of plug_put() has room
 * @gdb: the gdb stub, NULL without --gdb
 * @devices: virtio, NULL when there are none
 * @watch: clock and signals
 * @seat: whose terminal is the user's: this machine, or the other one
 * @main: the thread that runs CPU 0; changes under the lock
 * @stopping: every thread shall return
 * @output_lost: nobody reads our output any more
 */
struct machine {
	const struct run_config *config;
	struct exit_report *report;
	struct vm vm;
	struct gmem mem;
	void *ram;
	size_t ram_size;
	int ram_fd;
	struct board board;
	struct vcpu *cpu;
	pthread_mutex_t lock;
	unsigned int pin[RUN_CPUS_MAX];
	bool pinned;
	const struct vcpu *accessing;
	struct bus pio;
	struct bus mmio;
	struct streams streams;
	struct tty tty;
	struct lean lean;
	enum machine_kind kind;
	struct pc *pc;
	struct gdb *gdb;
	struct devices *devices;
	struct solo5 *solo5;
	struct window *window;
	pthread_cond_t space;
	struct watch watch;
	struct machine *seat;
	pthread_t main;
	atomic_bool stopping;
	atomic_bool output_lost;
};

/* machine.c: memory and life of the machine */

/**
 * machine_map_ram() - memory for the board's RAM ranges
 * @m: board filled
 * @e: why not; names --mem or --hugepages
 *
 * Return: 0 or -errno.
 */
int must_check machine_map_ram(struct machine *m, struct err *e);

/**
 * machine_stop() - end the run; the first call decides the reason
 * @m: running machine; lock not held
 * @cpu: which CPU, NULL for none in particular
 * @reason: why
 * @status: see exit_report
 * @channel: static name, "" when not by an exit channel
 *
 * Any vCPU thread.
 */
void machine_stop(struct machine *m, const struct vcpu *cpu,
		  enum stop_reason reason, uint32_t status,
		  const char *channel);

/**
 * machine_stop_locked() - the same with the lock held
 * @m: see machine_stop()
 * @cpu: see machine_stop()
 * @reason: see machine_stop()
 * @status: see machine_stop()
 * @channel: see machine_stop()
 */
void machine_stop_locked(struct machine *m, const struct vcpu *cpu,
			 enum stop_reason reason, uint32_t status,
			 const char *channel);

/**
 * machine_start_io() - start the I/O thread if there is none
 * @m: lock held
 *
 * When that fails the run ends: the kernel would wait for ever.
 */
void machine_start_io(struct machine *m);

/* finish.c: the end of a run */

/**
 * machine_finish() - what is left to do when no CPU runs any more
 * @m: has run, on this thread; the report is written but for its output
 */
void machine_finish(struct machine *m);

/**
 * machine_flush() - write the output that is left, complete the report
 * @m: finished; any thread
 * @signals: mask to take on: a signal that it lets in ends the process
 */
void machine_flush(struct machine *m, const sigset_t *signals);

/* teardown.c */

/**
 * machine_leave_teardown() - let a child close the VM
 * @m: stopped; this process exits right after
 */
void machine_leave_teardown(const struct machine *m);

/* quiet.c: --pin and --quiet-cpu */

/**
 * quiet_cpus() - decide which host CPUs to run on
 * @m: config set; pin and pinned are written
 * @e: why there are not enough, or why one cannot be used
 *
 * Return: 0 or -errno.
 */
int must_check quiet_cpus(struct machine *m, struct err *e);

/**
 * quiet_memory() - bind RAM to the NUMA node of CPU 0 and lock it
 * @m: RAM mapped; nothing happens without --quiet-cpu
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check quiet_memory(struct machine *m, struct err *e);

/**
 * quiet_vm() - let HLT, PAUSE and MWAIT run without an exit
 * @m: VM open, no vCPU yet; nothing happens without --quiet-cpu
 * @e: why not
 *
 * What KVM cannot do goes to report.quiet_missing.
 *
 * Return: 0 or -errno.
 */
int must_check quiet_vm(struct machine *m, struct err *e);

/* run.c: the vCPU threads */

/**
 * machine_run() - run all CPUs until the machine stops
 * @m: ready
 * @e: why a thread could not be started
 *
 * Return: 0 or -errno (nothing has run).
 */
int must_check machine_run(struct machine *m, struct err *e);

/* watch.c: signals and time */

/**
 * watch_set() - the signals that CPU 0 takes
 * @m: any machine
 * @set: written
 *
 * Those of the process, unless another machine of it takes them.
 */
void watch_set(const struct machine *m, sigset_t *set);

/**
 * watch_begin() - start the clock
 * @m: about to run, on this thread
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check watch_begin(struct machine *m, struct err *e);

/**
 * watch_end() - stop the clock, forget the signals of our own making
 * @m: has run, on this thread
 *
 * Signals still blocked, other threads of @m ended.
 */
void watch_end(struct machine *m);

/**
 * watch_ours() - signals that a run sends to itself
 * @set: they are added
 */
void watch_ours(sigset_t *set);

/**
 * watch_forget() - take those that are pending
 *
 * They are blocked.
 */
void watch_forget(void);

/**
 * watch_signals() - take pending signals and act on them
 * @m: running machine; main thread, lock not held
 */
void watch_signals(struct machine *m);

/**
 * watch_flush_at() - have a partial line of output written soon
 * @m: lock held; any vCPU thread
 */
void watch_flush_at(struct machine *m);

/**
 * watch_cpu() - look whether a CPU is dead, once a second
 * @cpu: not running; on its own thread
 */
void watch_cpu(struct vcpu *cpu);

/**
 * watch_answer() - say where a CPU is, when somebody asked
 * @cpu: not running, not CPU 0; on its own thread
 */
void watch_answer(struct vcpu *cpu);

/* devices.c: virtio */

/**
 * devices_create() - open what the user asked for and put it on the board
 * @m: board begun, no memory yet; nothing happens when nothing was asked for
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check devices_create(struct machine *m, struct err *e);

/**
 * devices_cmdline() - boot arguments of the kernel
 * @m: after devices_create()
 *
 * Return: config.cmdline, with a "virtio_mmio.device=" for each memory-mapped
 * device of a PC. Valid until devices_free().
 */
const char *devices_cmdline(const struct machine *m);

/**
 * devices_console() - the virtio console
 * @m: any machine
 *
 * Return: NULL when there is none.
 */
struct console *devices_console(const struct machine *m);

/**
 * devices_map() - tell the devices where memory is
 * @m: memory mapped
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check devices_map(struct machine *m, struct err *e);

/**
 * devices_wait() - until what serves them outside is ready
 * @m: after devices_create()
 * @e: why it will not be
 *
 * Return: 0 or -errno.
 */
int must_check devices_wait(struct machine *m, struct err *e);

/**
 * devices_trouble() - has one lost what serves it outside
 * @m: running machine; main thread, lock not held
 * @words: what happened and what it means, if so
 * @size: of @words
 *
 * Return: true once.
 */
bool devices_trouble(struct machine *m, char *words, size_t size);

/**
 * devices_stop() - end the I/O thread and finish what is in flight
 * @m: no CPU runs any more; lock not held
 */
void devices_stop(struct machine *m);

/**
 * devices_free() - release what devices_create() took
 * @m: stopped
 */
void devices_free(struct machine *m);

#endif
