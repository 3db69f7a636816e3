// SPDX-License-Identifier: ISC
// Tries an access and survives the page fault.
#include "conform.h"

#include "contract/dive/cpu.h"

struct frame {
	uint64_t rip;
	uint64_t cs;
	uint64_t rflags;
	uint64_t rsp;
	uint64_t ss;
};

uint64_t fault_rsp;
extern char fault_resume[];
bool fault_try(void (*fn)(uint64_t address), uint64_t address);

/* Calls fn(address); back here with 1 when the handler says so. */
__asm__(".globl fault_try, fault_resume\n"
	"fault_try:\n"
	"	push %rbx\n"
	"	push %rbp\n"
	"	push %r12\n"
	"	push %r13\n"
	"	push %r14\n"
	"	push %r15\n"
	"	sub $8, %rsp\n"
	"	mov %rsp, fault_rsp(%rip)\n"
	"	mov %rdi, %rax\n"
	"	mov %rsi, %rdi\n"
	"	call *%rax\n"
	"	xor %eax, %eax\n"
	"	jmp 1f\n"
	"fault_resume:\n"
	"	mov $1, %eax\n"
	"1:	add $8, %rsp\n"
	"	pop %r15\n"
	"	pop %r14\n"
	"	pop %r13\n"
	"	pop %r12\n"
	"	pop %rbp\n"
	"	pop %rbx\n"
	"	ret\n");

__attribute__((interrupt)) static void on_page_fault(struct frame *frame,
						     uint64_t error)
{
	/* clang takes the frame for a copy and drops stores to it. */
	volatile struct frame *real = frame;

	(void)error;
	real->rip = (uintptr_t)fault_resume;
	real->rsp = fault_rsp;
}

bool faults(void (*fn)(uint64_t address), uint64_t address)
{
	uintptr_t handler = (uintptr_t)on_page_fault;
	struct table_pointer idt;
	uint64_t *gate, before[2];
	bool faulted;

	__asm__ volatile("sidt %0" : "=m"(idt));
	gate = (uint64_t *)idt.base + 14 * 2;
	memcpy(before, gate, sizeof(before));
	gate[0] = (handler & 0xffff) | (uint64_t)DIVE_SEL_CODE << 16 |
		  0x8eull << 40 | (handler >> 16 & 0xffff) << 48;
	gate[1] = handler >> 32;
	faulted = fault_try(fn, address);
	memcpy(gate, before, sizeof(before));
	return faulted;
}

void probe_read(uint64_t address)
{
	(void)*(volatile uint8_t *)address;
}

void probe_write(uint64_t address)
{
	volatile uint8_t *byte = (volatile uint8_t *)address;

	/* cppcheck-suppress selfAssignment */
	*byte = *byte;
}

void probe_execute(uint64_t address)
{
	((void (*)(void))address)();
}
