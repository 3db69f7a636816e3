// SPDX-License-Identifier: Apache-2.0
// XSAVE state of threads (Intel SDM 1, 13), or FXSAVE state on a CPU without.
#include "fpu.h"

#include <asm/errno.h>

#include "cpu.h"
#include "ram.h"

#define CPUID_FEATURES   1
#define FEATURES_C_XSAVE (1u << 26)
#define CPUID_XSAVE      0xd

#define CR4_OSXSAVE 0x40000ull
/* x87, SSE, AVX, AVX-512, PKRU: what programs use, and what Linux gives them. */
#define XCR0_WANTED 0x2e7

#define FXSAVE_SIZE 512
/* Not zero in the initial state (Intel SDM 1, 13.6). */
#define STATE_FCW   0
#define STATE_MXCSR 24
#define FCW_INIT    0x37f
#define MXCSR_INIT  0x1f80

static struct fpu_layout layout = { .size = FXSAVE_SIZE };

static bool has_xsave(void)
{
	uint32_t regs[4];

	cpu_id(CPUID_FEATURES, 0, regs);
	return regs[2] & FEATURES_C_XSAVE;
}

size_t fpu_size(void)
{
	uint32_t regs[4];

	if (!has_xsave())
		return FXSAVE_SIZE;
	/* For all that the CPU has, thus enough. */
	cpu_id(CPUID_XSAVE, 0, regs);
	return regs[2];
}

/* Without XSAVE the contract's CR4 is all that SSE needs. */
static void enable(struct cpu *cpu)
{
	uint32_t regs[4];
	uint64_t cr4;

	cpu->has_fpu = true;
	cpu->has_xsave = has_xsave();
	if (!cpu->has_xsave)
		return;
	cpu_id(CPUID_XSAVE, 0, regs);
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("mov %0, %%cr4" ::"r"(cr4 | CR4_OSXSAVE));
	regs[0] &= XCR0_WANTED;
	__asm__ volatile("xsetbv" ::"a"(regs[0]), "d"(0), "c"(0));
	layout.features = regs[0];
	cpu_id(CPUID_XSAVE, 0, regs);
	layout.size = regs[1];
}

struct fpu_layout fpu_layout(void)
{
	return layout;
}

static void save(const struct cpu *cpu, void *state)
{
	if (cpu->has_xsave)
		__asm__ volatile("xsave64 (%0)" ::"r"(state), "a"(-1), "d"(-1)
				 : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" ::"r"(state) : "memory");
}

static void load(struct cpu *cpu, const void *state)
{
	if (!cpu->has_fpu)
		enable(cpu);
	if (cpu->has_xsave)
		__asm__ volatile("xrstor64 (%0)" ::"r"(state), "a"(-1), "d"(-1)
				 : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" ::"r"(state) : "memory");
}

void fpu_reset(void *state)
{
	uint8_t *bytes = state;

	memset(bytes, 0, layout.size);
	*(uint16_t *)(bytes + STATE_FCW) = FCW_INIT;
	*(uint32_t *)(bytes + STATE_MXCSR) = MXCSR_INIT;
}

int fpu_give(struct thread *thread)
{
	size_t size = fpu_size();
	uint8_t *state = ram_alloc(ram_order(size));
	uint64_t flags;

	if (!state)
		return -ENOMEM;
	memset(state, 0, size);
	fpu_reset(state);
	flags = irq_save();
	thread->fpu = state;
	if (thread == thread_current())
		load(cpu_this(), state);
	irq_restore(flags);
	return 0;
}

void fpu_switch(struct cpu *cpu, struct thread *from, struct thread *to)
{
	if (from->fpu)
		save(cpu, from->fpu);
	if (to->fpu)
		load(cpu, to->fpu);
}

const void *fpu_save(void)
{
	uint64_t flags = irq_save();
	void *state = thread_current()->fpu;

	/* A switch now saves the same: the kernel does not use them. */
	save(cpu_this(), state);
	irq_restore(flags);
	return state;
}

void *fpu_begin(void)
{
	uint64_t flags = irq_save();
	struct thread *thread = thread_current();
	void *state = thread->fpu;

	/* A switch now leaves it alone. */
	thread->fpu = NULL;
	irq_restore(flags);
	return state;
}

void fpu_end(void *state)
{
	uint64_t flags = irq_save();

	thread_current()->fpu = state;
	load(cpu_this(), state);
	irq_restore(flags);
}
