// SPDX-License-Identifier: ISC
// Section 4: what a CPU finds at entry, and how a parked one is released.
#include "conform.h"

#include "contract/dive/cpu.h"

/* What another CPU had in its registers at entry; offsets in the code below. */
struct seen {
	uint64_t rdi;
	uint64_t rsp;
	uint64_t rbp;
	uint64_t rflags;
	uint64_t cr0;
	uint64_t cr3;
	uint64_t cr4;
	uint64_t efer;
	uint64_t done;
};

static struct seen seen;
void cpu_entry(void);

__asm__(".globl cpu_entry\n"
	"cpu_entry:\n"
	"	mov %rdi, 0(%rsi)\n"
	"	mov %rsp, 8(%rsi)\n"
	"	mov %rbp, 16(%rsi)\n"
	"	pushfq\n"
	"	popq 24(%rsi)\n"
	"	mov %cr0, %rax\n"
	"	mov %rax, 32(%rsi)\n"
	"	mov %cr3, %rax\n"
	"	mov %rax, 40(%rsi)\n"
	"	mov %cr4, %rax\n"
	"	mov %rax, 48(%rsi)\n"
	"	mov $0xc0000080, %ecx\n"
	"	rdmsr\n"
	"	mov %eax, 56(%rsi)\n"
	"	movl $1, 64(%rsi)\n"
	"1:	sti\n"
	"	hlt\n"
	"	jmp 1b\n");

static uint64_t read_msr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

#define READ(reg)                                                      \
	({                                                             \
		uint64_t value_;                                       \
		__asm__ volatile("mov %%" #reg ", %0" : "=r"(value_)); \
		value_;                                                \
	})

static void check_control(void)
{
	check(READ(cr0) == DIVE_ENTRY_CR0, "4.2", "CR0");
	check(READ(cr4) == DIVE_ENTRY_CR4, "4.2", "CR4");
	check(read_msr(0xc0000080) == DIVE_ENTRY_EFER, "4.2", "EFER");
	check(read_msr(0x277) ==
		      ((uint64_t)DIVE_ENTRY_PAT_HI << 32 | DIVE_ENTRY_PAT_LO),
	      "4.2", "PAT");
}

static void check_segments(void)
{
	struct table_pointer gdt;
	const uint64_t *entry;
	uint16_t tr;

	__asm__ volatile("str %0" : "=r"(tr));
	check(READ(cs) == DIVE_SEL_CODE, "4.3", "CS");
	check(READ(ds) == DIVE_SEL_DATA && READ(es) == DIVE_SEL_DATA &&
		      READ(ss) == DIVE_SEL_DATA,
	      "4.3", "DS, ES, SS");
	check(READ(fs) == 0 && READ(gs) == 0 && read_msr(0xc0000100) == 0 &&
		      read_msr(0xc0000101) == 0,
	      "4.3", "FS and GS and their bases");
	/* The descriptors and not LAR: KVM does not emulate that. */
	__asm__ volatile("sgdt %0" : "=m"(gdt));
	entry = (const uint64_t *)gdt.base;
	check((entry[DIVE_SEL_CODE / 8] >> 40 & 0xf0fb) == 0xa09b &&
		      (entry[DIVE_SEL_DATA / 8] >> 40 & 0xff) == 0x93,
	      "4.3", "CS is 64-bit code, SS writable data");
	check(tr == DIVE_SEL_TSS, "4.3", "TR");
}

static void check_apic(void)
{
	struct table_pointer idt;

	check((read_msr(0x1b) & 0xc00) == (dive_links.x2apic ? 0xc00 : 0x800),
	      "4.5", "the local APIC is in the mode that the tree says");
	check((dive_apic_read(0xf0) & 0x1ff) == DIVE_ENTRY_SVR, "4.5",
	      "spurious vector register");
	check(dive_apic_read(0x80) == 0, "4.5", "task priority");
	__asm__ volatile("sidt %0" : "=m"(idt));
	/* The library has copied the entries of the stub. */
	check((((uint64_t *)idt.base)[13 * 2] >> 32 & 0xff07) == 0x8e01, "4.7",
	      "exceptions have a gate on IST 1");
}

/* Waits up to a second. */
static bool comes(const uint64_t *flag, uint32_t ms)
{
	uint64_t end = dive_tsc() + dive_boot.tsc_khz * ms;

	while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE) && dive_tsc() < end)
		dive_pause();
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

static void check_release(const struct dive_boot *boot)
{
	struct dive_mailbox *box = (void *)boot->cpu[1].mailbox;

	check(box->entry == 0, "4.6", "the mailbox is empty");
	dive_ipi(boot->cpu[1].apicid, DIVE_RELEASE_VECTOR);
	check(!comes(&seen.done, 5), "4.6", "without an entry a CPU stays");
	box->arg = (uintptr_t)&seen;
	__atomic_store_n(&box->entry, (uintptr_t)cpu_entry, __ATOMIC_RELEASE);
	dive_ipi(boot->cpu[1].apicid, DIVE_RELEASE_VECTOR);
	check(comes(&seen.done, 1000), "4.6", "with an entry it comes");
	check(seen.cr0 == DIVE_ENTRY_CR0 && seen.cr4 == DIVE_ENTRY_CR4 &&
		      seen.efer == DIVE_ENTRY_EFER && seen.cr3 == READ(cr3),
	      "4.2", "control registers of the second CPU");
	check((seen.rflags & 0x600) == 0, "4.2", "IF and DF");
	check(seen.rdi == (uintptr_t)boot->fdt, "4.4", "RDI");
	check(seen.rsp % 16 == 0 &&
		      !faults(probe_write, seen.rsp - DIVE_STACK_SIZE) &&
		      faults(probe_read, seen.rsp - DIVE_STACK_SIZE - 1),
	      "4.4", "RSP, with a stack and a guard page");
	check(seen.rbp == 0, "4.4", "RBP");
}

void cpu_checks(const struct dive_boot *boot)
{
	check_control();
	check_segments();
	check_apic();
	if (boot->cpu_count > 1)
		check_release(boot);
	else
		check_not("4.6", "a CPU is released", "one CPU");
}
