// SPDX-License-Identifier: Apache-2.0
// A KVM virtual machine (Linux Documentation/virt/kvm/api.rst).
#include "vmm/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/x86.h"
#include "vmm/observe.h"
#include "vmm/virtio/device.h"

#define TSS_ADDR    0xfffbd000ul /* 3 pages nobody else uses */
#define PIC_PINS    16
#define IOAPIC_PINS 24
#define TIMER_PIN   2

static int open_kvm(struct err *e)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	switch (errno) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		/* -ENOENT would say that the kernel image is not there. */
		return err_set(e, -ENODEV,
			       "/dev/kvm is missing: this machine offers no "
			       "hardware virtualisation, or the module "
			       "kvm_intel or kvm_amd is not loaded; try "
			       "'modprobe kvm_intel' or 'modprobe kvm_amd', "
			       "and see that it is enabled in the firmware "
			       "or by the outer hypervisor");
	case EACCES:
	case EPERM:
		return err_set(e, -errno,
			       "no permission for /dev/kvm: add yourself to "
			       "its group with 'sudo usermod -aG kvm $USER' "
			       "and log in again");
	default:
		return err_set(e, -errno, "cannot open /dev/kvm: %s",
			       strerror(errno));
	}
}

int vm_open(struct vm *vm, int kvm, struct err *e)
{
	int size;

	/* syscall: fcntl[1=F_DUPFD_CLOEXEC], ioctl[1=KVM_GET_VCPU_MMAP_SIZE] */
	/* syscall: ioctl[1=KVM_CREATE_VM] */
	vm->fd = -1;
	vm->kvm = kvm >= 0 ? fcntl(kvm, F_DUPFD_CLOEXEC, 3) : open_kvm(e);
	if (vm->kvm < 0)
		return kvm >= 0 ? err_set(e, -errno, "cannot use /dev/kvm: %s",
					  strerror(errno))
				: vm->kvm;
	size = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < (int)sizeof(struct kvm_run))
		return err_set(e, -EINVAL, "/dev/kvm is not a KVM device");
	vm->run_size = (size_t)size;
	/* A signal may interrupt the creation. */
	do
		vm->fd = ioctl(vm->kvm, KVM_CREATE_VM, 0);
	while (vm->fd < 0 && errno == EINTR);
	if (vm->fd < 0)
		return err_set(e, -errno, "KVM cannot create a VM: %s",
			       strerror(errno));
	return 0;
}

void vm_end(struct vm *vm)
{
	if (vm->fd >= 0)
		close(vm->fd);
	vm->fd = -1;
}

void vm_close(struct vm *vm)
{
	vm_end(vm);
	if (vm->kvm >= 0)
		close(vm->kvm);
	vm->kvm = -1;
}

int vm_map_memory(const struct vm *vm, const struct gmem *mem, struct err *e)
{
	for (unsigned int i = 0; i < mem->count; i++) {
		const struct gmem_region *r = &mem->region[i];
		struct kvm_userspace_memory_region slot = {
			.slot = i,
			.flags = r->readonly ? KVM_MEM_READONLY : 0,
			.guest_phys_addr = r->gpa,
			.memory_size = r->size,
			.userspace_addr = (uint64_t)(uintptr_t)r->host,
		};

		/* syscall: ioctl[1=KVM_SET_USER_MEMORY_REGION] */
		if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot))
			return err_set(e, -errno,
				       "KVM refuses memory at 0x%" PRIx64
				       ", 0x%" PRIx64
				       " bytes: %s; try less with --mem",
				       r->gpa, r->size, strerror(errno));
	}
	return 0;
}

int vm_irqchip_split(const struct vm *vm, struct err *e)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_SPLIT_IRQCHIP };

	/* syscall: ioctl[1=KVM_ENABLE_CAP] */
	if (ioctl(vm->fd, KVM_ENABLE_CAP, &cap))
		return err_set(e, -errno,
			       "KVM has no split interrupt chip: %s; Linux "
			       "4.7 or newer is needed",
			       strerror(errno));
	return 0;
}

/*
 * KVM starts with ISA interrupt n at pin n of the IOAPIC. Our tables, like
 * every PC since the 82093AA, have the timer at pin 2.
 */
static int route_irqs(const struct vm *vm, struct err *e)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry
			entry[PIC_PINS + IOAPIC_PINS + VM_MSIS];
	} r = { .head.nr = 0 };

	for (uint32_t gsi = 0; gsi < IOAPIC_PINS; gsi++) {
		if (gsi < PIC_PINS)
			r.entry[r.head.nr++] = (struct kvm_irq_routing_entry){
				.gsi = gsi,
				.type = KVM_IRQ_ROUTING_IRQCHIP,
				.u.irqchip.irqchip = gsi / 8,
				.u.irqchip.pin = gsi % 8,
			};
		if (gsi != TIMER_PIN)
			r.entry[r.head.nr++] = (struct kvm_irq_routing_entry){
				.gsi = gsi,
				.type = KVM_IRQ_ROUTING_IRQCHIP,
				.u.irqchip.irqchip = KVM_IRQCHIP_IOAPIC,
				.u.irqchip.pin = gsi ? gsi : TIMER_PIN,
			};
	}
	for (uint32_t n = 0; n < VM_MSIS; n++)
		if (vm->msi[n].address)
			r.entry[r.head.nr++] = (struct kvm_irq_routing_entry){
				.gsi = IOAPIC_PINS + n,
				.type = KVM_IRQ_ROUTING_MSI,
				.u.msi.address_lo =
					(uint32_t)vm->msi[n].address,
				.u.msi.address_hi =
					(uint32_t)(vm->msi[n].address >> 32),
				.u.msi.data = vm->msi[n].data,
			};
	/* syscall: ioctl[1=KVM_SET_GSI_ROUTING] */
	if (ioctl(vm->fd, KVM_SET_GSI_ROUTING, &r))
		return err_set(e, -errno, "KVM_SET_GSI_ROUTING: %s",
			       strerror(errno));
	return 0;
}

int vm_irqchip_pc(const struct vm *vm, struct err *e)
{
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };

	/* syscall: ioctl[1=KVM_SET_TSS_ADDR], ioctl[1=KVM_CREATE_IRQCHIP] */
	/* syscall: ioctl[1=KVM_CREATE_PIT2] */
	if (ioctl(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDR))
		return err_set(e, -errno, "KVM_SET_TSS_ADDR: %s",
			       strerror(errno));
	if (ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0))
		return err_set(e, -errno, "KVM has no interrupt chip: %s",
			       strerror(errno));
	if (ioctl(vm->fd, KVM_CREATE_PIT2, &pit))
		return err_set(e, -errno, "KVM has no timer chip: %s",
			       strerror(errno));
	return route_irqs(vm, e);
}

void vm_set_irq(const struct vm *vm, unsigned int gsi, int level)
{
	struct kvm_irq_level irq = { .irq = gsi, .level = (uint32_t)level };
	uint64_t start = vm->observer ? clock_now_ns() : 0;

	/* syscall: ioctl[1=KVM_IRQ_LINE] */
	/* Fails only for a line that does not exist: a programmer's error. */
	(void)ioctl(vm->fd, KVM_IRQ_LINE, &irq);
	if (vm->observer)
		observe_irq(vm->observer, EVENT_LINE, gsi, (uint64_t)level,
			    start);
}

bool vm_doorbell(const struct vm *vm, const struct virtio_doorbell *bell,
		 int fd, bool on)
{
	struct kvm_ioeventfd io = {
		.datamatch = bell->value,
		.addr = bell->addr,
		.len = bell->size,
		.fd = fd,
		.flags = (bell->is_port ? KVM_IOEVENTFD_FLAG_PIO : 0) |
			 (bell->match ? KVM_IOEVENTFD_FLAG_DATAMATCH : 0) |
			 (on ? 0 : KVM_IOEVENTFD_FLAG_DEASSIGN),
	};

	/* syscall: ioctl[1=KVM_IOEVENTFD] */
	return ioctl(vm->fd, KVM_IOEVENTFD, &io) == 0;
}

void vm_wire_msi(struct vm *vm, unsigned int n, int fd, uint64_t address,
		 uint32_t data)
{
	struct vm_msi *m = &vm->msi[n];
	struct kvm_irqfd irqfd = { .fd = (uint32_t)fd, .gsi = IOAPIC_PINS + n };
	bool on = address && !vm->observer;
	struct err e;

	if (on && (m->address != address || m->data != data)) {
		m->address = address;
		m->data = data;
		on = route_irqs(vm, &e) == 0;
	}
	if (on == m->wired)
		return;
	irqfd.flags = on ? 0 : KVM_IRQFD_FLAG_DEASSIGN;
	/* syscall: ioctl[1=KVM_IRQFD] */
	if (ioctl(vm->fd, KVM_IRQFD, &irqfd) == 0)
		m->wired = on;
}

static uint32_t msi_address(uint32_t apicid)
{
	return (uint32_t)LAPIC_BASE | (apicid & 0xff) << 12;
}

void vm_route_msi(const struct vm *vm, unsigned int gsi, uint32_t apicid,
		  uint32_t vector)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry;
	} r = {
		.head.nr = 1,
		.entry = { .gsi = gsi,
			   .type = KVM_IRQ_ROUTING_MSI,
			   .u.msi = { .address_lo = msi_address(apicid),
				      .data = vector & 0xff } },
	};

	/* Fails only for a line that does not exist: a programmer's error. */
	(void)ioctl(vm->fd, KVM_SET_GSI_ROUTING, &r);
}

bool vm_wire(const struct vm *vm, int fd, unsigned int gsi)
{
	struct kvm_irqfd wire = { .fd = (uint32_t)fd, .gsi = gsi };

	/* syscall: ioctl[1=KVM_IRQFD] */
	return ioctl(vm->fd, KVM_IRQFD, &wire) == 0;
}

void vm_signal_msi(const struct vm *vm, uint64_t address, uint32_t data)
{
	struct kvm_msi msi = {
		.address_lo = (uint32_t)address,
		.address_hi = (uint32_t)(address >> 32),
		.data = data,
	};
	uint64_t start = vm->observer ? clock_now_ns() : 0;

	/* syscall: ioctl[1=KVM_SIGNAL_MSI] */
	(void)ioctl(vm->fd, KVM_SIGNAL_MSI, &msi);
	if (vm->observer)
		observe_irq(vm->observer, EVENT_MSI, data & 0xff,
			    address >> 12 & 0xff, start);
}

void vm_send_msi(const struct vm *vm, uint32_t apicid, uint32_t vector)
{
	/* The guest chose the destination: a bad one loses the interrupt. */
	vm_signal_msi(vm, msi_address(apicid), vector & 0xff);
}
