/* SPDX-License-Identifier: Apache-2.0 */
/* One virtual CPU: its descriptor, its registers, its last exits. */
#ifndef VMM_VCPU_H
#define VMM_VCPU_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/run.h"
#include "loader/entry.h"
#include "vmm/vm.h"

struct kvm_run;
struct kvm_cpuid2;
struct machine;

enum vcpu_question {
	QUESTION_NONE,
	QUESTION_ASKED,    /* by the main thread, for the CPU's thread */
	QUESTION_ANSWERED, /* the other way round */
};

/**
 * struct vcpu - a virtual CPU
 * @machine: the machine it belongs to
 * @id: number, equal to the local APIC id
 * @fd: KVM descriptor; -1 = not created
 * @run: shared with KVM
 * @thread: runs it; CPU 0 runs on the main thread
 * @has_thread: @thread must be joined
 * @exits: to user space, by kind
 * @exit_count: the sum
 * @events: last exits, @event_next is the oldest
 * @event_next: free-running
 * @snapshot: registers at the last exit
 * @stepping: it stops behind every instruction
 * @snapshot_ns: CLOCK_MONOTONIC of @snapshot
 * @observer: looks at every exit; NULL = nobody does, then the next three are
 *	not used
 * @left_ns: CLOCK_MONOTONIC when KVM_RUN last returned
 * @entered_ns: and when it began again
 * @left_event: @event_next at @left_ns
 * @dead_ticks: seconds in a row it was found halted with interrupts off
 * @question: whether somebody asked where it is; whose turn it is
 * @answer: registers, when QUESTION_ANSWERED
 */
struct vcpu {
	struct machine *machine;
	unsigned int id;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	bool has_thread;
	uint64_t exits[EXIT_KINDS];
	uint64_t exit_count;
	struct exit_event events[REPORT_EVENTS_MAX];
	unsigned int event_next;
	struct cpu_regs snapshot;
	bool stepping;
	uint64_t snapshot_ns;
	struct observer *observer;
	uint64_t left_ns;
	uint64_t entered_ns;
	unsigned int left_event;
	atomic_uint dead_ticks;
	_Atomic enum vcpu_question question;
	struct cpu_regs answer;
};

/**
 * vcpu_create() - create a CPU with its CPUID
 * @cpu: @machine and @id set; the rest is written
 * @vm: VM with memory and interrupt chip
 * @cpuid: adapted to this CPU and handed to KVM
 * @cpus: how many CPUs there are
 * @e: why not
 *
 * Return: 0 or -errno; vcpu_destroy() in both cases.
 */
int must_check vcpu_create(struct vcpu *cpu, const struct vm *vm,
			   struct kvm_cpuid2 *cpuid, unsigned int cpus,
			   struct err *e);

/**
 * vcpu_destroy() - release descriptor and mapping
 * @cpu: after vcpu_create(), successful or not; its thread has ended
 * @vm: the same
 */
void vcpu_destroy(struct vcpu *cpu, const struct vm *vm);

/**
 * vcpu_enter() - set the state of the first instruction
 * @cpu: created, not run yet
 * @entry: the state
 * @x2apic: local APIC starts in x2APIC mode
 * @e: why not
 *
 * Without this call a CPU waits for INIT and SIPI (CPU 0: starts at reset).
 *
 * Return: 0 or -errno.
 */
int must_check vcpu_enter(struct vcpu *cpu, const struct entry_state *entry,
			  bool x2apic, struct err *e);

/**
 * vcpu_step() - stop behind every instruction from now on
 * @cpu: created, not running
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check vcpu_step(struct vcpu *cpu, struct err *e);

/**
 * vcpu_tsc_khz() - frequency of the guest's TSC
 * @cpu: created
 *
 * Return: kHz, 0 when KVM does not know.
 */
uint64_t vcpu_tsc_khz(const struct vcpu *cpu);

/**
 * vcpu_tsc() - the guest's TSC now
 * @cpu: not running
 *
 * Return: ticks, 0 when KVM does not tell.
 */
uint64_t vcpu_tsc(const struct vcpu *cpu);

/**
 * vcpu_snapshot() - remember the registers of the exit just made
 * @cpu: KVM_RUN has returned
 *
 * General registers every time, the system registers now and then: reading
 * them costs about as much as the exit itself on some CPUs.
 */
void vcpu_snapshot(struct vcpu *cpu);

/**
 * vcpu_regs() - registers now
 * @cpu: not running
 * @ret: written on success
 *
 * Return: 0 or -errno.
 */
int must_check vcpu_regs(const struct vcpu *cpu, struct cpu_regs *ret);

/**
 * vcpu_is_dead() - halted with interrupts off, or waiting to be started
 * @cpu: not running
 *
 * Return: true when nothing but another CPU can wake it.
 */
bool vcpu_is_dead(const struct vcpu *cpu);

#endif
