// SPDX-License-Identifier: Apache-2.0
// One virtual CPU.
#include "vmm/vcpu.h"

#include <errno.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/x86.h"
#include "vmm/cpuid.h"
#include "vmm/machine.h"

#define APIC_BASE_BSP    (1ull << 8)
#define APIC_BASE_X2APIC (1ull << 10)
#define APIC_BASE_ENABLE (1ull << 11)
#define MSR_TSC          0x10
#define RFLAGS_IF        (1ull << 9)
/* Every exit of the first so many, then every such one, reads everything. */
#define SNAPSHOT_PERIOD 64

/*
 * All signals are blocked in dive; these interrupt KVM_RUN, which returns
 * with the signal still pending: no handler, no race, no global state.
 */
static int set_signals(const struct vcpu *cpu, struct err *e)
{
	struct {
		struct kvm_signal_mask head;
		uint8_t set[8]; /* the kernel's sigset_t, not aligned */
	} mask = { .head.len = sizeof(mask.set) };
	uint64_t taken = 1ull << (RUN_KICK - 1);
	sigset_t set;

	/* glibc's set is the kernel's, and room behind it. */
	watch_set(cpu->machine, &set);
	if (cpu->id == 0)
		memcpy(&taken, &set, sizeof(taken));
	taken = ~taken;
	memcpy(mask.set, &taken, sizeof(mask.set));
	/* syscall: ioctl[1=KVM_SET_SIGNAL_MASK] */
	if (ioctl(cpu->fd, KVM_SET_SIGNAL_MASK, &mask))
		return err_set(e, -errno, "KVM_SET_SIGNAL_MASK: %s",
			       strerror(errno));
	return 0;
}

/*
 * KVM below an emulator may not be told when a guest executes XSETBV (QEMU 7.2,
 * SVM) and puts back what it knows. So it knows all that CPUID offers, and a
 * guest that wants just that has it. Not alone: a system call that costs time.
 */
static int set_xcr0(const struct vcpu *cpu, const struct kvm_cpuid2 *cpuid,
		    struct err *e)
{
	struct kvm_xcrs xcrs = { .nr_xcrs = 1 };

	xcrs.xcrs[0].value = cpuid_xcr0(cpuid);
	if (cpu->machine->config->role == RUN_ALONE || !xcrs.xcrs[0].value)
		return 0;
	/* syscall: ioctl[1=KVM_SET_XCRS] */
	if (ioctl(cpu->fd, KVM_SET_XCRS, &xcrs))
		return err_set(e, -errno, "KVM_SET_XCRS: %s", strerror(errno));
	return 0;
}

int vcpu_create(struct vcpu *cpu, const struct vm *vm, struct kvm_cpuid2 *cpuid,
		unsigned int cpus, struct err *e)
{
	void *run;
	int rc;

	cpu->run = NULL;
	/* syscall: ioctl[1=KVM_CREATE_VCPU], ioctl[1=KVM_SET_CPUID2] */
	cpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, (unsigned long)cpu->id);
	if (cpu->fd < 0)
		return err_set(e, -errno, "KVM cannot create CPU %u: %s",
			       cpu->id, strerror(errno));
	run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		   cpu->fd, 0);
	if (run == MAP_FAILED)
		return err_set(e, -errno, "cannot map CPU %u: %s", cpu->id,
			       strerror(errno));
	cpu->run = run;
	cpu->run->kvm_valid_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
	cpuid_set_cpu(cpuid, cpu->id, cpus);
	if (ioctl(cpu->fd, KVM_SET_CPUID2, cpuid))
		return err_set(e, -errno, "KVM refuses the CPUID: %s",
			       strerror(errno));
	rc = set_xcr0(cpu, cpuid, e);
	return rc ? rc : set_signals(cpu, e);
}

void vcpu_destroy(struct vcpu *cpu, const struct vm *vm)
{
	if (cpu->run)
		munmap(cpu->run, vm->run_size);
	if (cpu->fd >= 0)
		close(cpu->fd);
	cpu->run = NULL;
	cpu->fd = -1;
}

static void copy_regs(const struct kvm_regs *from, struct cpu_regs *to)
{
	const uint64_t gpr[16] = {
		from->rax, from->rcx, from->rdx, from->rbx,
		from->rsp, from->rbp, from->rsi, from->rdi,
		from->r8,  from->r9,  from->r10, from->r11,
		from->r12, from->r13, from->r14, from->r15,
	};

	memcpy(to->gpr, gpr, sizeof(gpr));
	to->rip = from->rip;
	to->rflags = from->rflags;
}

static void copy_sregs(const struct kvm_sregs *from, struct cpu_regs *to)
{
	to->cr0 = from->cr0;
	to->cr2 = from->cr2;
	to->cr3 = from->cr3;
	to->cr4 = from->cr4;
	to->efer = from->efer;
	to->cs_base = from->cs.base;
	to->gdt_base = from->gdt.base;
	to->gdt_limit = from->gdt.limit;
	to->idt_base = from->idt.base;
	to->idt_limit = from->idt.limit;
	to->cs = from->cs.selector;
	to->ss = from->ss.selector;
}

static struct kvm_segment flat(uint16_t selector, uint8_t type,
			       enum entry_mode mode)
{
	bool is_code = type & 8;
	bool is_long = mode == ENTRY_LONG64 && is_code;

	return (struct kvm_segment){
		.limit = 0xffffffff,
		.selector = selector,
		.type = type,
		.present = 1,
		.s = 1,
		.g = 1,
		.l = is_long,
		.db = !is_long,
	};
}

int vcpu_enter(struct vcpu *cpu, const struct entry_state *entry, bool x2apic,
	       struct err *e)
{
	struct kvm_segment data = flat(entry->ds, 3, entry->mode);
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };

	/* Taken over by the first KVM_RUN: no system call of their own. */
	cpu->run->s.regs.regs = (struct kvm_regs){
		.rip = entry->rip,
		.rsp = entry->rsp,
		.rax = entry->rax,
		.rbx = entry->rbx,
		.rsi = entry->rsi,
		.rdi = entry->rdi,
		.rflags = 2,
	};
	cpu->run->s.regs.sregs = (struct kvm_sregs){
		.cs = flat(entry->cs, 11, entry->mode),
		.ds = data,
		.es = data,
		.fs = data,
		.gs = data,
		.ss = data,
		/* VMX wants a busy TSS in TR (Intel SDM 3C 26.3.1.2). */
		.tr = { .type = 11, .present = 1, .limit = 0x67 },
		.ldt = { .type = 2, .present = 1 },
		.gdt = { .base = entry->gdt, .limit = entry->gdt_limit },
		.cr0 = entry->cr0,
		.cr3 = entry->cr3,
		.cr4 = entry->cr4,
		.efer = entry->efer,
		.apic_base = LAPIC_BASE | APIC_BASE_ENABLE |
			     (cpu->id == 0 ? APIC_BASE_BSP : 0) |
			     (x2apic ? APIC_BASE_X2APIC : 0),
	};
	cpu->run->kvm_dirty_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
	copy_regs(&cpu->run->s.regs.regs, &cpu->snapshot);
	copy_sregs(&cpu->run->s.regs.sregs, &cpu->snapshot);
	cpu->snapshot_ns = clock_now_ns();
	/* syscall: ioctl[1=KVM_SET_MP_STATE] */
	if (cpu->id != 0 && ioctl(cpu->fd, KVM_SET_MP_STATE, &state))
		return err_set(e, -errno, "KVM cannot start CPU %u: %s",
			       cpu->id, strerror(errno));
	return 0;
}

int vcpu_step(struct vcpu *cpu, struct err *e)
{
	struct kvm_guest_debug debug = { .control = KVM_GUESTDBG_ENABLE |
						    KVM_GUESTDBG_SINGLESTEP };

	/* KVM arms the step for the RIP it knows: let it take ours first. */
	cpu->run->immediate_exit = 1;
	(void)ioctl(cpu->fd, KVM_RUN, 0);
	cpu->run->immediate_exit = 0;
	/* syscall: ioctl[1=KVM_SET_GUEST_DEBUG] */
	if (ioctl(cpu->fd, KVM_SET_GUEST_DEBUG, &debug))
		return err_set(e, -errno, "KVM cannot single-step: %s",
			       strerror(errno));
	cpu->stepping = true;
	return 0;
}

uint64_t vcpu_tsc_khz(const struct vcpu *cpu)
{
	/* syscall: ioctl[1=KVM_GET_TSC_KHZ] */
	int khz = ioctl(cpu->fd, KVM_GET_TSC_KHZ, 0);

	return khz > 0 ? (uint64_t)khz : 0;
}

uint64_t vcpu_tsc(const struct vcpu *cpu)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry tsc;
	} msrs = { .head.nmsrs = 1, .tsc.index = MSR_TSC };

	/* syscall: ioctl[1=KVM_GET_MSRS] */
	return ioctl(cpu->fd, KVM_GET_MSRS, &msrs) == 1 ? msrs.tsc.data : 0;
}

void vcpu_snapshot(struct vcpu *cpu)
{
	uint64_t n = ++cpu->exit_count;

	if (cpu->run->exit_reason == KVM_EXIT_SHUTDOWN)
		return; /* what is there now may be the state after reset */
	if (cpu->run->kvm_valid_regs & KVM_SYNC_X86_REGS)
		copy_regs(&cpu->run->s.regs.regs, &cpu->snapshot);
	if (cpu->run->kvm_valid_regs & KVM_SYNC_X86_SREGS)
		copy_sregs(&cpu->run->s.regs.sregs, &cpu->snapshot);
	cpu->snapshot_ns = clock_now_ns();
	cpu->run->kvm_valid_regs = KVM_SYNC_X86_REGS;
	if (cpu->stepping || n < SNAPSHOT_PERIOD || n % SNAPSHOT_PERIOD == 0)
		cpu->run->kvm_valid_regs |= KVM_SYNC_X86_SREGS;
}

int vcpu_regs(const struct vcpu *cpu, struct cpu_regs *ret)
{
	struct kvm_regs regs;
	struct kvm_sregs sregs;

	/* syscall: ioctl[1=KVM_GET_REGS], ioctl[1=KVM_GET_SREGS] */
	if (ioctl(cpu->fd, KVM_GET_REGS, &regs) ||
	    ioctl(cpu->fd, KVM_GET_SREGS, &sregs))
		return -errno;
	copy_regs(&regs, ret);
	copy_sregs(&sregs, ret);
	return 0;
}

bool vcpu_is_dead(const struct vcpu *cpu)
{
	struct kvm_mp_state state;
	struct kvm_regs regs;

	/* syscall: ioctl[1=KVM_GET_MP_STATE] */
	if (ioctl(cpu->fd, KVM_GET_MP_STATE, &state))
		return false;
	if (state.mp_state == KVM_MP_STATE_UNINITIALIZED ||
	    state.mp_state == KVM_MP_STATE_INIT_RECEIVED)
		return true;
	if (state.mp_state != KVM_MP_STATE_HALTED ||
	    ioctl(cpu->fd, KVM_GET_REGS, &regs))
		return false;
	return !(regs.rflags & RFLAGS_IF);
}
