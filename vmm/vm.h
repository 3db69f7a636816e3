/* SPDX-License-Identifier: Apache-2.0 */
/* A KVM virtual machine: file descriptors, memory slots, interrupt chips. */
#ifndef VMM_VM_H
#define VMM_VM_H

#include <stddef.h>

#include "base/err.h"
#include "base/gmem.h"

#define VM_MSIS 80

struct observer;
struct virtio_doorbell;

/**
 * struct vm_msi - a message that KVM sends for an eventfd
 * @address: of the message; 0 = there was none yet
 * @data: of the message
 * @wired: it does at present
 */
struct vm_msi {
	uint64_t address;
	uint32_t data;
	bool wired;
};

/**
 * struct vm - one KVM VM
 * @kvm: /dev/kvm; -1 = closed
 * @fd: the VM; -1 = none
 * @run_size: bytes of a vCPU's shared page area
 * @observer: is told of interrupts; NULL = nobody is
 * @msi: see vm_wire_msi()
 */
struct vm {
	int kvm;
	int fd;
	size_t run_size;
	struct observer *observer;
	struct vm_msi msi[VM_MSIS];
};

/**
 * vm_open() - open /dev/kvm and create a VM
 * @vm: written, also on failure (then with closed descriptors)
 * @kvm: /dev/kvm, when it is open already; -1 = open it
 * @e: why, and what to do about it
 *
 * Only /dev/kvm decides whether KVM can be used, never CPUID.
 *
 * Return: 0 or -errno.
 */
int must_check vm_open(struct vm *vm, int kvm, struct err *e);

/**
 * vm_end() - close the VM, but not /dev/kvm
 * @vm: after vm_open(), successful or not
 */
void vm_end(struct vm *vm);

/**
 * vm_close() - close the descriptors
 * @vm: after vm_open(), successful or not
 */
void vm_close(struct vm *vm);

/**
 * vm_map_memory() - give the guest the regions of @mem
 * @vm: open VM, no interrupt chip yet (a slot behind one costs milliseconds)
 * @mem: slot i is region i
 * @e: which region KVM refused
 *
 * Return: 0 or -errno.
 */
int must_check vm_map_memory(const struct vm *vm, const struct gmem *mem,
			     struct err *e);

/**
 * vm_irqchip_split() - local APICs in the kernel, nothing else
 * @vm: VM with memory, without vCPUs
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check vm_irqchip_split(const struct vm *vm, struct err *e);

/**
 * vm_irqchip_pc() - local APICs, IOAPIC, two PICs and the PIT
 * @vm: VM with memory, without vCPUs
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check vm_irqchip_pc(const struct vm *vm, struct err *e);

/**
 * vm_set_irq() - drive an input of the PICs and the IOAPIC
 * @vm: VM with vm_irqchip_pc()
 * @gsi: global system interrupt
 * @level: 0 or 1
 *
 * Any thread.
 */
void vm_set_irq(const struct vm *vm, unsigned int gsi, int level);

/**
 * vm_doorbell() - let KVM take a guest's write and signal a descriptor
 * @vm: VM
 * @bell: which write
 * @fd: eventfd
 * @on: begin, or end what was begun with the same arguments
 *
 * Any thread.
 *
 * Return: false when KVM cannot: the write goes on leaving the guest.
 */
bool vm_doorbell(const struct vm *vm, const struct virtio_doorbell *bell,
		 int fd, bool on);

/**
 * vm_wire_msi() - let KVM send a message whenever a descriptor is signalled
 * @vm: VM with vm_irqchip_pc()
 * @n: one for each descriptor, below VM_MSIS
 * @fd: eventfd
 * @address: of the message; 0 = no longer
 * @data: of the message
 *
 * Under the machine's lock. While KVM does, it takes the signals (Linux 5.12;
 * before that poll() sees them, too); when it cannot, or an observer wants to
 * see each, they are left to whoever polls.
 */
void vm_wire_msi(struct vm *vm, unsigned int n, int fd, uint64_t address,
		 uint32_t data);

/**
 * vm_route_msi() - say which CPU an interrupt line goes to
 * @vm: VM with vm_irqchip_split(); other lines have no route afterwards
 * @gsi: the line
 * @apicid: destination, below 256
 * @vector: 16 .. 254
 *
 * Any thread.
 */
void vm_route_msi(const struct vm *vm, unsigned int gsi, uint32_t apicid,
		  uint32_t vector);

/**
 * vm_wire() - let KVM raise a line when a descriptor is signalled
 * @vm: VM with an interrupt chip
 * @fd: eventfd
 * @gsi: the line
 *
 * Any thread.
 *
 * Return: false when KVM cannot.
 */
bool vm_wire(const struct vm *vm, int fd, unsigned int gsi);

/**
 * vm_signal_msi() - deliver a message-signalled interrupt
 * @vm: VM with an interrupt chip
 * @address: of the message
 * @data: of the message
 *
 * Any thread. The guest chose both: a bad message is lost.
 */
void vm_signal_msi(const struct vm *vm, uint64_t address, uint32_t data);

/**
 * vm_send_msi() - interrupt one CPU
 * @vm: VM with an interrupt chip
 * @apicid: destination, below 256
 * @vector: 16 .. 254
 *
 * Any thread. A destination that does not exist loses the interrupt.
 */
void vm_send_msi(const struct vm *vm, uint32_t apicid, uint32_t vector);

#endif
