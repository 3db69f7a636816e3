/* SPDX-License-Identifier: Apache-2.0 */
/* What each CPU has for itself, and the instructions that C lacks. */
#ifndef MINNOW_CPU_H
#define MINNOW_CPU_H

#include "layout.h"
#include "list.h"
#include "lock.h"
#include "thread.h"

#define MSR_APIC_BASE 0x1b
#define MSR_EFER      0xc0000080
#define MSR_STAR      0xc0000081
#define MSR_LSTAR     0xc0000082
#define MSR_SFMASK    0xc0000084
#define MSR_FS_BASE   0xc0000100
#define MSR_GS_BASE   0xc0000101

/**
 * struct cpu - one CPU
 * @self: this structure, so that GS:0 finds it
 * @current: the thread that runs
 * @scratch: entry.S: RSP of a program while its system call comes in
 * @index: in cpus
 * @apicid: local APIC id
 * @crash: the contract's crash page
 * @lock: sched.c: of the queue; also held while a thread is being left
 * @ready_count: sched.c: members of @ready
 * @ready: sched.c: threads that want to run here
 * @previous: sched.c: the thread that was left last
 * @switched_ns: sched.c: when it was left
 * @slice_end_ns: sched.c: when @current has to let others run
 * @timers: clock.c: by deadline
 * @alarm_ns: clock.c: what the local APIC's timer is set to
 * @timer_lock: clock.c: of @timers
 * @online: takes interrupts and threads
 * @has_fpu: fpu.c: it has been switched on
 * @has_xsave: fpu.c: it has XSAVE
 * @interrupts: how many came
 * @idle: the thread that runs when no other wants to
 */
struct cpu {
	struct cpu *self;
	struct thread *current;
	uint64_t scratch;
	unsigned int index;
	uint32_t apicid;
	uint64_t crash;

	struct spin lock;
	unsigned int ready_count;
	struct list ready;
	struct thread *previous;
	uint64_t switched_ns;
	uint64_t slice_end_ns;

	struct list timers;
	uint64_t alarm_ns;
	struct spin timer_lock;

	bool online;
	bool has_fpu;
	bool has_xsave;
	uint64_t interrupts;
	struct thread idle;
};

_Static_assert(offsetof(struct cpu, self) == CPU_SELF, "entry.S");
_Static_assert(offsetof(struct cpu, current) == CPU_CURRENT, "entry.S");
_Static_assert(offsetof(struct cpu, scratch) == CPU_SCRATCH, "entry.S");

extern struct cpu cpus[DIVE_CPUS_MAX];
extern unsigned int cpu_count;

/**
 * cpu_this() - the CPU that runs this
 *
 * Only with interrupts off is it still true when the caller looks at it.
 *
 * Return: its structure.
 */
static inline struct cpu *cpu_this(void)
{
	struct cpu *cpu;

	__asm__ volatile("movq %%gs:%c1, %0" : "=r"(cpu) : "i"(CPU_SELF));
	return cpu;
}

/**
 * cpu_init() - fill cpus, all but the first offline
 * @boot: from the contract
 */
void cpu_init(const struct dive_boot *boot);

/**
 * cpu_setup() - this CPU's registers; it is online from here
 * @cpu: which it is
 *
 * Interrupts off, on the stack that its idle thread keeps.
 */
void cpu_setup(struct cpu *cpu);

/**
 * cpu_halt() - sleep until an interrupt; returns with interrupts on
 *
 * Call with interrupts off: one that comes in between ends the sleep.
 */
void cpu_halt(void);

/**
 * cpu_brand() - what the CPU calls itself
 * @name: 49 bytes, written
 */
void cpu_brand(char name[49]);

/**
 * cpu_id() - CPUID
 * @leaf: EAX
 * @subleaf: ECX
 * @regs: written: EAX, EBX, ECX, EDX
 */
static inline void cpu_id(uint32_t leaf, uint32_t subleaf, uint32_t regs[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(regs[0]), "=b"(regs[1]), "=c"(regs[2]),
			   "=d"(regs[3])
			 : "a"(leaf), "c"(subleaf));
}

/**
 * cpu_write_msr() - WRMSR
 * @msr: number
 * @value: written
 */
static inline void cpu_write_msr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)value),
			 "d"((uint32_t)(value >> 32))
			 : "memory");
}

/**
 * cpu_read_msr() - RDMSR
 * @msr: number
 *
 * Return: its value.
 */
static inline uint64_t cpu_read_msr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

#endif
