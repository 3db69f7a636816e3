/* SPDX-License-Identifier: Apache-2.0 */
/* MSR accesses by way of dive, so that they can be traced and counted. */
#ifndef VMM_MSR_H
#define VMM_MSR_H

#include "vmm/vcpu.h"

/**
 * msr_watch() - have KVM leave the guest for MSRs
 * @vm: open, no CPU has run
 * @must: fail when this KVM cannot (before Linux 5.10); else do without
 * @e: why not
 *
 * Those that reach KVM anyway, but for the x2APIC's. What the CPU serves by
 * itself goes on doing so: an exit more would be a measurement of itself.
 *
 * Return: 0 or -errno.
 */
int must_check msr_watch(const struct vm *vm, bool must, struct err *e);

/**
 * msr_serve() - answer an access as KVM would have
 * @cpu: left the guest for it; on its thread
 * @ev: address, direction and value are written
 */
void msr_serve(struct vcpu *cpu, struct exit_event *ev);

#endif
