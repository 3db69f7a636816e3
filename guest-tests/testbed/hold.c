// SPDX-License-Identifier: Apache-2.0
// Keeps KVM of a test bed with several processors from changing its own code.
//
// Linux switches rare paths by patching instructions: KVM does so when the
// first virtual machine appears, when the last is gone, and with processors
// that have no local APIC or a disabled one. QEMU 7.2 with several threads
// sometimes goes on running a breakpoint that such a patch put there for a
// moment, for ever (README.md has the counts). One machine of each kind that
// stays makes these switches stay, too.
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A machine with one processor, which never runs. */
static int hold(int kvm, int irqchip)
{
	struct kvm_sregs sregs;
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);
	int vcpu;

	if (vm < 0 || (irqchip && ioctl(vm, KVM_CREATE_IRQCHIP, 0)))
		return -1;
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (vcpu < 0 || ioctl(vcpu, KVM_GET_SREGS, &sregs))
		return -1;
	sregs.apic_base &= ~0x800ull; /* APIC global enable, SDM 3A 11.4.3 */
	return ioctl(vcpu, KVM_SET_SREGS, &sregs);
}

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (kvm < 0 || hold(kvm, 0) || hold(kvm, 1))
		return 1;
	if (daemon(0, 0))
		return 1;
	for (;;)
		pause();
}
