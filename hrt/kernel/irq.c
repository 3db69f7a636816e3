// SPDX-License-Identifier: Apache-2.0
// The interrupt table, and what happens behind each of its entries.
#include "irq.h"

#include <dive/cpu.h>
#include <dive/crash.h>

#include "apic.h"
#include "cpu.h"
#include "sched.h"

/* Exceptions that can only be reported: they stay with the stub. */
#define VECTOR_NMI           2
#define VECTOR_DOUBLE_FAULT  8
#define VECTOR_MACHINE_CHECK 18

#define VECTOR_STACK_FAULT 12

/* 64-bit interrupt gate (Intel SDM 3A 6.14.1). */
struct gate {
	uint16_t offset0;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t offset1;
	uint32_t offset2;
	uint32_t reserved;
};

struct __attribute__((packed)) table_pointer {
	uint16_t limit;
	uint64_t base;
};

extern const char entry_vectors[][16], entry_hlt[];
extern const char guard_read_access[], guard_exchange_access[], guard_failed[];

static struct gate idt[256];
static void (*handlers[VECTORS])(void);

static void set_gate(unsigned int vector)
{
	uintptr_t at = (uintptr_t)entry_vectors[vector];

	idt[vector] = (struct gate){ .offset0 = (uint16_t)at,
				     .selector = DIVE_SEL_CODE,
				     .ist = 1, /* entry.S says why */
				     .type = 0x8e,
				     .offset1 = (uint16_t)(at >> 16),
				     .offset2 = (uint32_t)(at >> 32) };
}

void irq_init(void)
{
	struct table_pointer stub;

	__asm__ volatile("sidt %0" : "=m"(stub));
	memcpy(idt, (const void *)stub.base, sizeof(idt));
	for (unsigned int i = 0; i < VECTOR_EXCEPTIONS; i++)
		if (i != VECTOR_NMI && i != VECTOR_DOUBLE_FAULT &&
		    i != VECTOR_MACHINE_CHECK)
			set_gate(i);
	/* The library's gates: none may write to the stack of a program. */
	for (unsigned int i = VECTOR_EXCEPTIONS; i < 256; i++)
		idt[i].ist = 1;
}

void irq_load(void)
{
	struct table_pointer pointer = { sizeof(idt) - 1, (uintptr_t)idt };

	__asm__ volatile("lidt %0" ::"m"(pointer));
}

void irq_set(unsigned int vector, void (*handler)(void))
{
	handlers[vector] = handler;
	set_gate(vector);
}

/* The report that the stub would have made (contract section 7). */
_Noreturn static void crash(const struct frame *frame, uint64_t address)
{
	struct dive_crash *record = (struct dive_crash *)cpu_this()->crash;
	const uint64_t gpr[DIVE_GPRS] = { frame->rax, frame->rcx, frame->rdx,
					  frame->rbx, frame->rsp, frame->rbp,
					  frame->rsi, frame->rdi, frame->r8,
					  frame->r9,  frame->r10, frame->r11,
					  frame->r12, frame->r13, frame->r14,
					  frame->r15 };

	if (record->state == DIVE_CRASH_NONE) {
		record->vector = frame->vector;
		record->error = frame->error;
		record->rip = frame->rip;
		record->rflags = frame->rflags;
		record->cs = frame->cs;
		record->ss = frame->ss;
		memcpy(record->gpr, gpr, sizeof(gpr));
		__asm__("mov %%cr0, %0" : "=r"(record->cr0));
		record->cr2 = address;
		__asm__("mov %%cr3, %0" : "=r"(record->cr3));
		__asm__("mov %%cr4, %0" : "=r"(record->cr4));
		__atomic_store_n(&record->state, DIVE_CRASH_EXCEPTION,
				 __ATOMIC_RELEASE);
	}
	/* It keeps the record, tells the host and stops. */
	dive_panic("exception %lu", frame->vector);
}

/* Did the thread run its program: is the kernel stack empty but for frame. */
static bool is_program(const struct thread *thread, const struct frame *frame)
{
	return (uintptr_t)(frame + 1) == thread->stack + STACK_SIZE;
}

static uint64_t read_cr2(void)
{
	uint64_t cr2;

	__asm__ volatile("mov %%cr2, %0" : "=r"(cr2));
	return cr2;
}

/* Is the fault an answer? See guard.S. */
static bool is_guarded(const struct frame *frame)
{
	return frame->rip == (uintptr_t)guard_read_access ||
	       frame->rip == (uintptr_t)guard_exchange_access;
}

static void exception(struct thread *thread, struct frame *frame)
{
	/* The next page fault, perhaps of another thread, replaces it. */
	uint64_t address = read_cr2();

	if (is_guarded(frame)) {
		frame->rip = (uintptr_t)guard_failed;
		return;
	}
	/* Without interrupts it was no program and nothing that may block. */
	if (thread->ops && thread->ops->fault && frame->rflags & RFLAGS_IF) {
		dive_irq_on();
		if (thread->ops->fault(frame, address))
			return;
		dive_irq_off();
	}
	crash(frame, address);
}

static void interrupt(struct frame *frame)
{
	/*
	 * Emulators exist that let an interrupt in between STI and HLT (QEMU
	 * 7.2's nested SVM): cpu_halt() must not miss what it waits for.
	 */
	if (frame->rip == (uintptr_t)entry_hlt)
		frame->rip++;
	cpu_this()->interrupts++;
	apic_end();
	handlers[frame->vector]();
	sched_interrupted();
}

void irq_leave(struct frame *frame)
{
	struct thread *thread = thread_current();

	dive_irq_off();
	while (thread->ops && thread->ops->resume &&
	       __atomic_exchange_n(&thread->interrupted, 0, __ATOMIC_SEQ_CST)) {
		dive_irq_on();
		thread->ops->resume(frame);
		dive_irq_off();
	}
	/* From here to IRETQ sched_kick() makes an interrupt wait. */
}

void irq_dispatch(struct frame *frame)
{
	struct thread *thread = thread_current();

	if (frame->rsp - thread->stack < STACK_GUARD + STACK_ROOM) {
		if (frame->vector >= VECTOR_EXCEPTIONS)
			frame->vector = VECTOR_STACK_FAULT;
		crash(frame, read_cr2());
	} else if (frame->vector < VECTOR_EXCEPTIONS) {
		exception(thread, frame);
	} else if (frame->vector < VECTORS) {
		interrupt(frame);
	} else {
		dive_irq_on();
		if (thread->ops && thread->ops->syscall)
			thread->ops->syscall(frame);
		else
			dive_panic("SYSCALL in a thread without a program");
	}
	if (is_program(thread, frame))
		irq_leave(frame);
}
