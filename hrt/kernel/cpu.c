// SPDX-License-Identifier: Apache-2.0
// The CPUs and the registers each of them begins with.
#include "cpu.h"

#include <dive/cpu.h>

#include "apic.h"

#define EFER_SCE 1
/* Flags that SYSCALL clears: AC, NT, DF, IF, TF, as Linux does. */
#define SYSCALL_CLEARS 0x44700

#define CPUID_BRAND     0x80000002
#define CPUID_BRAND_END 0x80000004
#define CPUID_EXTENDED  0x80000000

struct cpu cpus[DIVE_CPUS_MAX];
unsigned int cpu_count;

extern const char entry_syscall[];

void cpu_init(const struct dive_boot *boot)
{
	cpu_count = boot->cpu_count;
	for (unsigned int i = 0; i < cpu_count; i++) {
		struct cpu *cpu = &cpus[i];

		cpu->self = cpu;
		cpu->index = i;
		cpu->apicid = boot->cpu[i].apicid;
		cpu->crash = boot->cpu[i].crash;
		cpu->alarm_ns = UINT64_MAX;
		list_init(&cpu->ready);
		list_init(&cpu->timers);
	}
}

void cpu_setup(struct cpu *cpu)
{
	thread_adopt(&cpu->idle, cpu);
	cpu->current = &cpu->idle;
	cpu_write_msr(MSR_GS_BASE, (uintptr_t)cpu);
	irq_load();
	apic_setup();
	/*
	 * Kernel code and data for SYSCALL: a program runs in kernel mode too.
	 * There is no SYSRET, which would leave it.
	 */
	cpu_write_msr(MSR_STAR, (uint64_t)DIVE_SEL_CODE << 32);
	cpu_write_msr(MSR_LSTAR, (uintptr_t)entry_syscall);
	cpu_write_msr(MSR_SFMASK, SYSCALL_CLEARS);
	cpu_write_msr(MSR_EFER, cpu_read_msr(MSR_EFER) | EFER_SCE);
	__atomic_store_n(&cpu->online, true, __ATOMIC_SEQ_CST);
}

void cpu_brand(char name[49])
{
	uint32_t regs[4];

	memset(name, 0, 49);
	cpu_id(CPUID_EXTENDED, 0, regs);
	if (regs[0] < CPUID_BRAND_END)
		return;
	for (uint32_t i = 0; i < 3; i++) {
		cpu_id(CPUID_BRAND + i, 0, regs);
		memcpy(name + 16 * i, regs, 16);
	}
}
