/* SPDX-License-Identifier: Apache-2.0 */
/* What CPUID tells the guest. */
#ifndef VMM_CPUID_H
#define VMM_CPUID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "vmm/vm.h"

struct kvm_cpuid2;

/**
 * cpuid_create() - what KVM supports, less what the user masks
 * @vm: open VM
 * @mask: words like "-x2apic,-rdrand", NULL for none
 * @ret: to be released with free()
 * @e: names an unknown word and lists the known ones
 *
 * Return: 0 or -errno; -EINVAL for a bad mask.
 */
int must_check cpuid_create(const struct vm *vm, const char *mask,
			    struct kvm_cpuid2 **ret, struct err *e);

/**
 * cpuid_set_cpu() - write the parts that differ between CPUs
 * @cpuid: changed in place
 * @cpu: number, equal to the local APIC id
 * @cpus: how many there are
 */
void cpuid_set_cpu(struct kvm_cpuid2 *cpuid, unsigned int cpu,
		   unsigned int cpus);

/**
 * cpuid_has_x2apic() - will the guest see x2APIC
 * @cpuid: as created
 *
 * Return: true when it does.
 */
bool cpuid_has_x2apic(const struct kvm_cpuid2 *cpuid);

/**
 * cpuid_address_bits() - width of guest-physical addresses
 * @cpuid: as created
 *
 * Return: bits, 36 where KVM does not say.
 */
unsigned int cpuid_address_bits(const struct kvm_cpuid2 *cpuid);

/**
 * cpuid_xcr0() - which states XSAVE has for the guest (Intel SDM 1, 13.2)
 * @cpuid: as created
 *
 * Return: bits of XCR0, 0 without XSAVE.
 */
uint64_t cpuid_xcr0(const struct kvm_cpuid2 *cpuid);

#endif
