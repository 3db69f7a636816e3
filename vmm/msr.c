// SPDX-License-Identifier: Apache-2.0
// MSR accesses by way of dive, so that they can be traced and counted.
#include "vmm/msr.h"

#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>

#define REASONS                                                   \
	(KVM_MSR_EXIT_REASON_FILTER | KVM_MSR_EXIT_REASON_INVAL | \
	 KVM_MSR_EXIT_REASON_UNKNOWN)
#define READ  KVM_MSR_FILTER_READ
#define WRITE KVM_MSR_FILTER_WRITE

/*
 * What stays inside. The CPU itself serves these when it may (Linux
 * arch/x86/kvm/{vmx/vmx,svm/svm}.c, the MSRs that are passed through). A
 * write to the first, second and fifth means something else when it comes from
 * here (arch/x86/kvm/x86.c, host_initiated).
 */
static const struct {
	uint32_t base;
	uint32_t count;
	uint32_t flags;
} inside[] = {
	{ 0x10, 1, READ | WRITE },       /* TSC */
	{ 0x3b, 1, WRITE },              /* TSC_ADJUST */
	{ 0x48, 2, READ | WRITE },       /* SPEC_CTRL, PRED_CMD */
	{ 0x10b, 1, READ | WRITE },      /* FLUSH_CMD */
	{ 0x8b, 1, WRITE },              /* microcode revision */
	{ 0x174, 3, READ | WRITE },      /* SYSENTER_CS, _ESP, _EIP */
	{ 0x1c4, 2, READ | WRITE },      /* XFD, XFD_ERR */
	{ 0xc0000081, 4, READ | WRITE }, /* STAR, LSTAR, CSTAR, FMASK */
	{ 0xc0000100, 3, READ | WRITE }, /* bases of FS and GS */
};

#define INSIDE (sizeof(inside) / sizeof(inside[0]))
_Static_assert(INSIDE <= KVM_MSR_FILTER_MAX_RANGES, "more than KVM takes");

int msr_watch(const struct vm *vm, bool must, struct err *e)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_X86_USER_SPACE_MSR,
				      .args[0] = REASONS };
	struct kvm_msr_filter filter = { .flags = KVM_MSR_FILTER_DEFAULT_DENY };
	uint8_t all = 0xff; /* a set bit is an MSR that stays inside */

	for (size_t i = 0; i < INSIDE; i++)
		filter.ranges[i] = (struct kvm_msr_filter_range){
			.flags = inside[i].flags,
			.nmsrs = inside[i].count,
			.base = inside[i].base,
			.bitmap = &all,
		};
	if (ioctl(vm->fd, KVM_ENABLE_CAP, &cap) == 0 &&
	    ioctl(vm->fd, KVM_X86_SET_MSR_FILTER, &filter) == 0)
		return 0;
	return must ? err_set(e, -errno,
			      "--trace msr: this KVM does not show MSRs (%s): "
			      "leave msr out",
			      strerror(errno))
		    : 0;
}

void msr_serve(struct vcpu *cpu, struct exit_event *ev)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry one;
	} msr = { .head.nmsrs = 1 };
	bool write = cpu->run->exit_reason == KVM_EXIT_X86_WRMSR;

	msr.one.index = cpu->run->msr.index;
	msr.one.data = write ? cpu->run->msr.data : 0;
	/* syscall: ioctl[1=KVM_GET_MSRS], ioctl[1=KVM_SET_MSRS] */
	/* An MSR that KVM does not know or refuses is a #GP, as it would be. */
	if (cpu->run->msr.reason != KVM_MSR_EXIT_REASON_FILTER ||
	    ioctl(cpu->fd, write ? KVM_SET_MSRS : KVM_GET_MSRS, &msr) != 1)
		cpu->run->msr.error = 1;
	else
		cpu->run->msr.error = 0;
	if (!write)
		cpu->run->msr.data = msr.one.data;
	ev->write = write;
	ev->size = sizeof(msr.one.data);
	ev->addr = msr.one.index;
	ev->value = msr.one.data;
}
