// SPDX-License-Identifier: ISC
// Interrupts, doorbells, timer, and the start of other CPUs.
#include "../dive/cpu.h"
#include "internal.h"

#define LAPIC_BASE   0xfee00000
#define APIC_ID      0x020
#define APIC_EOI     0x0b0
#define APIC_SVR     0x0f0
#define APIC_ICR_LO  0x300
#define APIC_ICR_HI  0x310
#define APIC_LVT     0x320 /* timer */
#define APIC_INITIAL 0x380
#define APIC_DIVIDE  0x3e0

#define LVT_MASKED   0x10000
#define LVT_PERIODIC 0x20000
#define DIVIDE_BY_1  0xb

/* x2APIC register r is MSR 0x800 + r / 16 (Intel SDM 3A 10.12.1.2). */
#define X2APIC_MSR(reg) (0x800 + (reg) / 16)

/* 64-bit interrupt gate (Intel SDM 3A 6.14.1). */
struct gate {
	uint16_t offset0;
	uint16_t selector;
	uint16_t type; /* low byte: IST */
	uint16_t offset1;
	uint32_t offset2;
	uint32_t reserved;
};

struct __attribute__((packed)) table_pointer {
	uint16_t limit;
	uint64_t base;
};

/* Intel SDM 3A, figure 6-8. */
struct interrupt_frame {
	uint64_t rip;
	uint64_t cs;
	uint64_t rflags;
	uint64_t rsp;
	uint64_t ss;
};

/* The HLT of dive_wait(). */
extern const char dive_wait_hlt[];

static struct gate idt[256];
static void (*timer_tick)(void);

static void write_msr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)value),
			 "d"((uint32_t)(value >> 32))
			 : "memory");
}

void dive_apic_write(uint32_t reg, uint32_t value)
{
	if (dive_links.x2apic)
		write_msr(X2APIC_MSR(reg), value);
	else
		*(volatile uint32_t *)(uintptr_t)(LAPIC_BASE + reg) = value;
}

uint32_t dive_apic_read(uint32_t reg)
{
	uint32_t low, high;

	if (!dive_links.x2apic)
		return *(volatile uint32_t *)(uintptr_t)(LAPIC_BASE + reg);
	__asm__ volatile("rdmsr"
			 : "=a"(low), "=d"(high)
			 : "c"(X2APIC_MSR(reg)));
	return low;
}

uint32_t dive_apicid(void)
{
	uint32_t id = dive_apic_read(APIC_ID);

	return dive_links.x2apic ? id : id >> 24;
}

void dive_ipi(uint32_t apicid, uint32_t vector)
{
	if (dive_links.x2apic) {
		/* WRMSR to the ICR does not order earlier stores. */
		__asm__ volatile("mfence; lfence" ::: "memory");
		write_msr(X2APIC_MSR(APIC_ICR_LO),
			  (uint64_t)apicid << 32 | vector);
		return;
	}
	dive_apic_write(APIC_ICR_HI, apicid << 24);
	dive_apic_write(APIC_ICR_LO, vector);
}

void dive_ring_host(void)
{
	if (dive_links.doorbell == DOORBELL_PIO)
		dive_outl((uint16_t)dive_links.port, 0);
	else if (dive_links.doorbell == DOORBELL_IPI)
		dive_ipi(dive_links.apicid, dive_links.vector);
}

/*
 * Emulators exist that let an interrupt in between STI and HLT (QEMU 7.2's
 * nested SVM): a CPU that halts after it would miss what it was woken for.
 */
static void end_wait(struct interrupt_frame *frame)
{
	if (frame->rip == (uintptr_t)dive_wait_hlt)
		frame->rip++;
}

__attribute__((interrupt)) static void
on_doorbell(struct interrupt_frame *frame)
{
	end_wait(frame);
	dive_apic_write(APIC_EOI, 0);
}

__attribute__((interrupt)) static void on_timer(struct interrupt_frame *frame)
{
	end_wait(frame);
	dive_apic_write(APIC_EOI, 0);
	if (timer_tick)
		timer_tick();
}

__attribute__((interrupt)) static void
on_spurious(struct interrupt_frame *frame)
{
	(void)frame; /* no EOI: Intel SDM 3A 10.9 */
}

static void set_gate(unsigned int vector,
		     void (*handler)(struct interrupt_frame *frame))
{
	uintptr_t at = (uintptr_t)handler;

	idt[vector] = (struct gate){ .offset0 = (uint16_t)at,
				     .selector = DIVE_SEL_CODE,
				     .type = 0x8e00,
				     .offset1 = (uint16_t)(at >> 16),
				     .offset2 = (uint32_t)(at >> 32) };
}

static void load_idt(void)
{
	struct table_pointer pointer = { sizeof(idt) - 1, (uintptr_t)idt };

	__asm__ volatile("lidt %0" ::"m"(pointer));
}

void dive_irq_init(void)
{
	struct table_pointer stub;

	/* Exceptions stay with the stub: it fills the crash page. */
	if (dive_control()) {
		__asm__ volatile("sidt %0" : "=m"(stub));
		memcpy(idt, (const void *)stub.base, sizeof(idt));
	} else {
		dive_apic_write(APIC_SVR, DIVE_ENTRY_SVR);
	}
	set_gate(DIVE_VECTOR_DOORBELL, on_doorbell);
	set_gate(DIVE_VECTOR_TIMER, on_timer);
	set_gate(DIVE_ENTRY_SVR & 0xff, on_spurious);
	load_idt();
	if (dive_control()) {
		dive_control()->irq_apicid = dive_apicid();
		__atomic_store_n(&dive_control()->irq_vector,
				 DIVE_VECTOR_DOORBELL, __ATOMIC_RELEASE);
	}
	/* The other machine's rings do not pass the host: it must know now. */
	if (dive_boot.window.size)
		dive_ring_host();
}

void dive_window_ring(void)
{
	/* Linux must not look before what was written is there. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (dive_links.window_port)
		dive_outl((uint16_t)dive_links.window_port, 0);
}

__attribute__((weak, noinline)) void dive_wait(void)
{
	/* STI takes effect after the next instruction. */
	__asm__ volatile("sti\n"
			 ".globl dive_wait_hlt\n"
			 "dive_wait_hlt: hlt" ::
				 : "memory");
}

bool dive_timer(uint32_t period_us, void (*tick)(void))
{
	uint64_t count = dive_boot.lapic_hz * period_us / 1000000;

	dive_apic_write(APIC_LVT, LVT_MASKED);
	if (!period_us || !count || count > UINT32_MAX)
		return !period_us;
	timer_tick = tick;
	dive_apic_write(APIC_DIVIDE, DIVIDE_BY_1);
	dive_apic_write(APIC_LVT, LVT_PERIODIC | DIVE_VECTOR_TIMER);
	dive_apic_write(APIC_INITIAL, (uint32_t)count);
	return true;
}

uint64_t dive_now_us(void)
{
	uint64_t ticks = dive_tsc(), per_ms = dive_boot.tsc_khz;

	if (!per_ms)
		return 0;
	return ticks / per_ms * 1000 + ticks % per_ms * 1000 / per_ms;
}

/* Where a released CPU comes in: RDI = device tree, RSI = its job. */
void dive_entry_ap(void);
__asm__(".globl dive_entry_ap\n"
	"dive_entry_ap:\n"
	"	cld\n"
	"	xorl %ebp, %ebp\n"
	"	call dive_start_ap\n");

/* Per CPU, so that several may start at once. */
static struct job {
	void (*entry)(void *arg);
	void *arg;
} jobs[DIVE_CPUS_MAX];

bool dive_cpu_start(unsigned int cpu, void (*entry)(void *arg), void *arg)
{
	struct dive_mailbox *box;

	if (!cpu || cpu >= dive_boot.cpu_count || !dive_boot.cpu[cpu].mailbox)
		return false;
	jobs[cpu] = (struct job){ entry, arg };
	box = (struct dive_mailbox *)dive_boot.cpu[cpu].mailbox;
	box->arg = (uintptr_t)&jobs[cpu];
	__atomic_store_n(&box->entry, (uintptr_t)dive_entry_ap,
			 __ATOMIC_RELEASE);
	dive_ipi(dive_boot.cpu[cpu].apicid, DIVE_RELEASE_VECTOR);
	return true;
}

void dive_start_ap(const void *fdt, void *arg)
{
	struct job *job = arg;

	(void)fdt;
	load_idt();
	job->entry(job->arg);
	for (;;)
		dive_wait();
}
