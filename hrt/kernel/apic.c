// SPDX-License-Identifier: Apache-2.0
// The local APIC, in either mode (Intel SDM 3A 10). The stub has enabled it.
#include "apic.h"

#include "cpu.h"

#define LAPIC_BASE   0xfee00000
#define APIC_EOI     0x0b0
#define APIC_ICR_LO  0x300
#define APIC_ICR_HI  0x310
#define APIC_LVT     0x320 /* timer */
#define APIC_INITIAL 0x380
#define APIC_DIVIDE  0x3e0

#define DIVIDE_BY_1      0xb
#define APIC_BASE_X2APIC 0x400
/* Intel SDM 3A 10.12.1.2 */
#define X2APIC_MSR(reg) (0x800 + (reg) / 16)

static bool is_x2apic;

static void apic_write(uint32_t reg, uint32_t value)
{
	if (is_x2apic)
		cpu_write_msr(X2APIC_MSR(reg), value);
	else
		*(volatile uint32_t *)(uintptr_t)(LAPIC_BASE + reg) = value;
}

void apic_init(void)
{
	is_x2apic = cpu_read_msr(MSR_APIC_BASE) & APIC_BASE_X2APIC;
}

void apic_end(void)
{
	apic_write(APIC_EOI, 0);
}

void apic_send(uint32_t apicid, uint32_t vector)
{
	if (is_x2apic) {
		/* WRMSR to the ICR does not order earlier stores. */
		__asm__ volatile("mfence; lfence" ::: "memory");
		cpu_write_msr(X2APIC_MSR(APIC_ICR_LO),
			      (uint64_t)apicid << 32 | vector);
		return;
	}
	apic_write(APIC_ICR_HI, apicid << 24);
	apic_write(APIC_ICR_LO, vector);
}

void apic_setup(void)
{
	apic_write(APIC_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_LVT, VECTOR_TIMER);
}

void apic_timer(uint32_t count)
{
	apic_write(APIC_INITIAL, count);
}
