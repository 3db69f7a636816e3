// SPDX-License-Identifier: Apache-2.0
// The shootdown: one request at a time, every CPU answers it.
#include "tlb.h"

#include "apic.h"
#include "cpu.h"
#include "page.h"

/* Above this a CPU forgets everything instead. */
#define PAGES_MAX 32

static uintptr_t start, end;
/* CPUs that have not answered. */
static uint32_t pending;

static void flush_here(void)
{
	if (end - start > PAGES_MAX * PAGE_SIZE) {
		page_load();
		return;
	}
	for (uintptr_t va = start; va < end; va += PAGE_SIZE)
		__asm__ volatile("invlpg (%0)" ::"r"(va) : "memory");
}

static void on_flush(void)
{
	flush_here();
	__atomic_fetch_sub(&pending, 1, __ATOMIC_RELEASE);
}

void tlb_init(void)
{
	irq_set(VECTOR_FLUSH, on_flush);
}

void tlb_flush(uintptr_t va, size_t size)
{
	uint64_t flags = irq_save();
	uint32_t others = 0;

	start = va;
	end = va + size;
	for (unsigned int i = 0; i < cpu_count; i++)
		others += cpus[i].online && &cpus[i] != cpu_this();
	__atomic_store_n(&pending, others, __ATOMIC_SEQ_CST);
	for (unsigned int i = 0; others && i < cpu_count; i++)
		if (cpus[i].online && &cpus[i] != cpu_this())
			apic_send(cpus[i].apicid, VECTOR_FLUSH);
	flush_here();
	irq_restore(flags);
	while (__atomic_load_n(&pending, __ATOMIC_ACQUIRE))
		dive_pause();
}
