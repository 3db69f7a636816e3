// SPDX-License-Identifier: Apache-2.0
// The vCPU threads: KVM_RUN, and what to do when it returns.
#include <errno.h>
#include <inttypes.h>
#include <linux/kvm.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/gdb/gdb.h"
#include "vmm/kind.h"
#include "vmm/msr.h"
#include "vmm/observe.h"

/* The kernel gives no use of KVM more per exit: sizes are checked below. */
#define PIO_SIZE_MAX 4u

static struct exit_event *note_event(struct vcpu *cpu, enum exit_kind kind)
{
	struct exit_event *ev =
		&cpu->events[cpu->event_next++ % REPORT_EVENTS_MAX];

	cpu->exits[kind]++;
	*ev = (struct exit_event){ .kind = kind, .rip = cpu->snapshot.rip };
	return ev;
}

/* An access that nobody claimed: counted, fatal under --strict. */
static void unclaimed(struct vcpu *cpu, const struct exit_event *ev)
{
	struct machine *m = cpu->machine;

	if (m->report->unclaimed++ == 0)
		m->report->unclaimed_addr = ev->addr;
	if (!m->config->strict)
		return;
	snprintf(m->report->text, sizeof(m->report->text),
		 "%s of %u bytes %s %s 0x%" PRIx64 ", where nothing is",
		 ev->write ? "write" : "read", ev->size,
		 ev->write ? "to" : "from",
		 ev->kind == EXIT_PIO ? "port" : "address", ev->addr);
}

/* One access under the lock; true when --strict ends the run. */
static bool access_bus(struct vcpu *cpu, struct bus *bus, struct exit_event *ev,
		       void *data)
{
	struct machine *m = cpu->machine;
	bool claimed;

	pthread_mutex_lock(&m->lock);
	m->accessing = cpu;
	if (ev->write) {
		memcpy(&ev->value, data, ev->size);
		claimed = bus_write(bus, ev->addr, ev->size, ev->value);
	} else {
		ev->value = bus_read(bus, ev->addr, ev->size, &claimed);
		memcpy(data, &ev->value, ev->size);
	}
	if (!claimed)
		unclaimed(cpu, ev);
	pthread_mutex_unlock(&m->lock);
	return !claimed && m->config->strict;
}

static void on_io(struct vcpu *cpu)
{
	struct machine *m = cpu->machine;
	uint8_t *data = (uint8_t *)cpu->run + cpu->run->io.data_offset;
	unsigned int size = cpu->run->io.size;
	uint16_t port = cpu->run->io.port;
	bool out = cpu->run->io.direction == KVM_EXIT_IO_OUT;

	if (out && m->kind == MACHINE_LEAN && m->board.doorbell_port == port) {
		struct exit_event *ev = note_event(cpu, EXIT_DOORBELL);

		ev->write = true;
		ev->size = size;
		ev->addr = port;
		lean_doorbell(cpu);
		return;
	}
	/* REP INS and OUTS bring several at once. */
	for (uint32_t i = 0; i < cpu->run->io.count && size <= PIO_SIZE_MAX;
	     i++) {
		struct exit_event *ev = note_event(cpu, EXIT_PIO);

		ev->write = out;
		ev->size = size;
		ev->addr = port;
		if (access_bus(cpu, &m->pio, ev, data + i * (uint64_t)size))
			machine_stop(m, cpu, STOP_STRICT, 0, "");
	}
}

static void on_mmio(struct vcpu *cpu)
{
	struct machine *m = cpu->machine;
	struct exit_event *ev = note_event(cpu, EXIT_MMIO);

	ev->write = cpu->run->mmio.is_write;
	ev->size = cpu->run->mmio.len > 8 ? 8 : cpu->run->mmio.len;
	ev->addr = cpu->run->mmio.phys_addr;
	if (access_bus(cpu, &m->mmio, ev, cpu->run->mmio.data))
		machine_stop(m, cpu, STOP_STRICT, 0, "");
}

static void on_msr(struct vcpu *cpu)
{
	msr_serve(cpu, note_event(cpu, EXIT_MSR));
}

/* Its address is KVM's reason. */
static void note_other(struct vcpu *cpu)
{
	note_event(cpu, EXIT_OTHER)->addr = cpu->run->exit_reason;
}

/* Only without an interrupt chip: nothing can ever wake it. */
static void on_halt(struct vcpu *cpu)
{
	note_other(cpu);
	machine_stop(cpu->machine, cpu, STOP_HALTED, 0, "");
}

static void on_shutdown(struct vcpu *cpu)
{
	note_other(cpu);
	machine_stop(cpu->machine, cpu, STOP_TRIPLE_FAULT, 0, "");
}

static void stop_kvm(struct vcpu *cpu, const char *text, uint64_t detail)
{
	struct machine *m = cpu->machine;

	note_other(cpu);
	pthread_mutex_lock(&m->lock);
	if (m->report->reason == STOP_NONE)
		snprintf(m->report->text, sizeof(m->report->text),
			 "%s (0x%" PRIx64 ")", text, detail);
	pthread_mutex_unlock(&m->lock);
	machine_stop(m, cpu, STOP_KVM, 0, "");
}

static void on_fail_entry(struct vcpu *cpu)
{
	stop_kvm(cpu, "the CPU refused the state that the kernel made",
		 cpu->run->fail_entry.hardware_entry_failure_reason);
}

static void take_signals(struct vcpu *cpu)
{
	struct machine *m = cpu->machine;
	sigset_t kick;
	static const struct timespec zero;

	if (cpu->id == 0) {
		watch_signals(m);
		return;
	}
	sigemptyset(&kick);
	sigaddset(&kick, RUN_KICK);
	while (sigtimedwait(&kick, NULL, &zero) > 0)
		;
	watch_answer(cpu);
	if (!atomic_load(&m->stopping))
		watch_cpu(cpu);
}

/* All that interrupts a CPU; while gdb holds it, again and again. */
static void on_interrupt(struct vcpu *cpu)
{
	do
		take_signals(cpu);
	while (gdb_hold(cpu));
}

static void on_internal_error(struct vcpu *cpu)
{
	bool emulation =
		cpu->run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION;

	if (emulation && gdb_on_refused(cpu)) {
		on_interrupt(cpu);
		return;
	}
	stop_kvm(cpu,
		 emulation ? "KVM cannot emulate the instruction at RIP"
			   : "KVM met an internal error",
		 cpu->run->internal.suberror);
}

/* With config.step its snapshot is all it is for. */
static void on_debug(struct vcpu *cpu)
{
	cpu->exits[EXIT_OTHER]++;
	gdb_on_debug(cpu);
	if (gdb_holds(cpu))
		on_interrupt(cpu);
}

static void (*const handlers[])(struct vcpu *cpu) = {
	[KVM_EXIT_IO] = on_io,
	[KVM_EXIT_MMIO] = on_mmio,
	[KVM_EXIT_HLT] = on_halt,
	[KVM_EXIT_SHUTDOWN] = on_shutdown,
	[KVM_EXIT_FAIL_ENTRY] = on_fail_entry,
	[KVM_EXIT_INTERNAL_ERROR] = on_internal_error,
	[KVM_EXIT_DEBUG] = on_debug,
	[KVM_EXIT_X86_RDMSR] = on_msr,
	[KVM_EXIT_X86_WRMSR] = on_msr,
};

static void handle_exit(struct vcpu *cpu)
{
	uint32_t reason = cpu->run->exit_reason;

	vcpu_snapshot(cpu);
	if (reason < sizeof(handlers) / sizeof(handlers[0]) && handlers[reason])
		handlers[reason](cpu);
	else
		stop_kvm(cpu, "KVM stopped for a reason unknown here", reason);
}

static void on_interrupted(struct vcpu *cpu)
{
	cpu->exits[EXIT_INTERRUPTED]++;
	on_interrupt(cpu);
}

static void take_exit(struct vcpu *cpu, int error)
{
	if (error == 0)
		handle_exit(cpu);
	else if (error == EINTR)
		on_interrupted(cpu);
	else if (error != EAGAIN) /* EAGAIN: an AP heard its SIPI */
		stop_kvm(cpu, strerror(error), (uint64_t)error);
}

static void run_cpu(struct vcpu *cpu)
{
	struct machine *m = cpu->machine;

	while (gdb_hold(cpu))
		take_signals(cpu);
	while (!atomic_load(&m->stopping)) {
		int error;

		cpu->run->immediate_exit = gdb_holds(cpu);
		/* syscall: ioctl[1=KVM_RUN] */
		error = ioctl(cpu->fd, KVM_RUN, 0) ? errno : 0;
		if (!cpu->observer) {
			take_exit(cpu, error);
			continue;
		}
		observe_begin(cpu);
		take_exit(cpu, error);
		observe_end(cpu, error);
	}
}

static void pin_self(const struct vcpu *cpu)
{
	const struct machine *m = cpu->machine;
	cpu_set_t set;

	if (!m->pinned)
		return;
	CPU_ZERO(&set);
	CPU_SET(m->pin[cpu->id], &set);
	/* syscall: sched_setaffinity[0=0] */
	/* The CPU list was checked when it was read; a CPU may still go. */
	(void)sched_setaffinity(0, sizeof(set), &set);
}

static void *cpu_thread(void *arg)
{
	struct vcpu *cpu = arg;

	pin_self(cpu);
	run_cpu(cpu);
	return NULL;
}

/* All are stopping. Who stops the machine once more must not find it. */
static void join_cpu(struct vcpu *cpu)
{
	bool has_thread;

	pthread_mutex_lock(&cpu->machine->lock);
	has_thread = cpu->has_thread;
	cpu->has_thread = false;
	pthread_mutex_unlock(&cpu->machine->lock);
	if (has_thread)
		pthread_join(cpu->thread, NULL);
}

int machine_run(struct machine *m, struct err *e)
{
	int rc = watch_begin(m, e);

	if (rc)
		return rc;
	/* A CPU that stops at once is to find the threads of all others. */
	pthread_mutex_lock(&m->lock);
	for (unsigned int i = 1; i < m->board.cpus && !rc; i++) {
		struct vcpu *cpu = &m->cpu[i];

		rc = pthread_create(&cpu->thread, NULL, cpu_thread, cpu);
		cpu->has_thread = rc == 0;
	}
	pthread_mutex_unlock(&m->lock);
	if (rc)
		rc = err_set(e, -rc, "no thread for a virtual CPU: %s",
			     strerror(rc));
	else
		rc = gdb_start(m, e);
	if (rc) {
		machine_stop(m, NULL, STOP_KVM, 0, "");
	} else {
		pin_self(&m->cpu[0]);
		run_cpu(&m->cpu[0]);
	}
	gdb_ran(m);
	for (unsigned int i = 1; i < m->board.cpus; i++)
		join_cpu(&m->cpu[i]);
	return rc;
}
