// SPDX-License-Identifier: Apache-2.0
// Virtio devices put on a bus and wired to KVM: notifications are eventfds,
// interrupts are lines or messages.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vmm/board_pc.h"
#include "vmm/devices.h"
#include "vmm/kind.h"

/* Neither RAM nor another device is there, in both machines. */
#define MMIO_BASE   0xfed00000u
#define MMIO_STRIDE 0x1000u /* a page each: a kernel may map one alone */

#define PCI_PORTS  0xc000u
#define PCI_MEMORY PC_LOW_MAX
#define PCI_FIRST  1u /* device number on the bus */

/*
 * ISA interrupts that nothing else has: virtio-mmio on a kernel's command line
 * can name no others, and kernels without ACPI find no others on PCI.
 */
static const uint8_t isa_irq[BOARD_VIRTIO_MAX] = { 5, 10, 11, 7, 12, 14, 15, 6 };

/* --- what devices and transports call --- */

static void kick(void *ctx, struct virtio_device *d, unsigned int queue)
{
	struct device_slot *s = ctx;
	uint64_t one = 1;

	(void)d;
	(void)!write(s->kick[queue].watch.fd, &one, sizeof(one));
}

static void on_kick(struct loop_watch *w)
{
	struct device_kick *k = (struct device_kick *)w;
	uint64_t count;

	(void)!read(w->fd, &count, sizeof(count));
	virtio_serve(k->slot->device, k->queue);
}

/* Where KVM cannot, the access comes to the transport: slower, not wrong. */
static void wire(struct device_kick *k, bool on)
{
	struct virtio_device *d = k->slot->device;
	const struct vm *vm = &k->slot->machine->vm;

	if (k->wired)
		vm_doorbell(vm, &k->bell, k->watch.fd, false);
	k->wired = on && d->queue[k->queue].ready &&
		   d->doorbell(d->transport, k->queue, &k->bell) &&
		   vm_doorbell(vm, &k->bell, k->watch.fd, true);
}

static void live(void *ctx, struct virtio_device *d, bool on)
{
	struct device_slot *s = ctx;
	struct machine *m = s->machine;
	struct err e;
	int rc = on ? loop_start(&m->devices->loop, &e) : 0;

	if (rc) {
		snprintf(m->report->text, sizeof(m->report->text), "%.*s",
			 (int)sizeof(m->report->text) - 1, e.msg);
		machine_stop_locked(m, NULL, STOP_IO, (uint32_t)-rc, "");
		return;
	}
	for (unsigned int i = 0; i < d->queues; i++)
		wire(&s->kick[i], on);
}

static void trouble(void *ctx, struct virtio_device *d, unsigned int queue,
		    const char *why)
{
	const struct device_slot *s = ctx;
	struct exit_report *r = s->machine->report;

	if (!r->broken_device[0])
		snprintf(r->broken_device, sizeof(r->broken_device),
			 "queue %u of %s: %s", queue, d->ops->name, why);
}

/* A contract kernel has one interrupt for all that the host wants of it. */
static void set_lean_irq(void *ctx, unsigned int gsi, int level)
{
	(void)gsi;
	if (level)
		lean_ring(ctx);
}

static void set_isa_irq(void *ctx, unsigned int gsi, int level)
{
	struct machine *m = ctx;

	vm_set_irq(&m->vm, gsi, level);
}

/* INTA goes to the PICs and to the IOAPIC, as on real boards. */
static void set_pci_irq(void *ctx, unsigned int gsi, int level)
{
	const struct device_slot *s = ctx;
	const struct machine *m = s->machine;

	vm_set_irq(&m->vm, gsi, level);
	vm_set_irq(&m->vm, isa_irq[s - m->devices->slot], level);
}

static void send_msi(void *ctx, uint64_t address, uint32_t data)
{
	const struct device_slot *s = ctx;

	vm_signal_msi(&s->machine->vm, address, data);
}

static void wire_msi(void *ctx, unsigned int queue, uint64_t address,
		     uint32_t data)
{
	const struct device_slot *s = ctx;
	struct machine *m = s->machine;
	unsigned int slot = (unsigned int)(s - m->devices->slot);
	int call = s->device->call[queue];

	if (call >= 0)
		vm_wire_msi(&m->vm, slot * VIRTIO_QUEUES_MAX + queue, call,
			    address, data);
}
_Static_assert(BOARD_VIRTIO_MAX *VIRTIO_QUEUES_MAX <= VM_MSIS,
	       "a message for every queue");

/* --- building --- */

static int open_kicks(struct device_slot *s, struct err *e)
{
	int rc = 0;

	for (unsigned int i = 0; i < VIRTIO_QUEUES_MAX; i++)
		s->kick[i].watch.fd = -1;
	for (unsigned int i = 0; i < s->device->queues && !rc; i++) {
		struct device_kick *k = &s->kick[i];

		*k = (struct device_kick){
			.watch = { eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
				   EPOLLIN, on_kick },
			.slot = s,
			.queue = i,
		};
		if (k->watch.fd < 0)
			return err_set(e, -errno, "no eventfd: %s",
				       strerror(errno));
		s->device->kick[i] = k->watch.fd;
		if (s->device->ops->serve)
			rc = loop_add(&s->machine->devices->loop, &k->watch, e);
	}
	return rc;
}

static void attach_mmio(struct machine *m, struct device_slot *s,
			unsigned int slot)
{
	struct board_virtio *b = &m->board.virtio[m->board.virtios++];
	const struct irq_line irq = { m->pc ? set_isa_irq : set_lean_irq, m,
				      isa_irq[slot] };

	*b = (struct board_virtio){ MMIO_BASE + slot * MMIO_STRIDE,
				    VIRTIO_MMIO_SIZE,
				    m->pc ? isa_irq[slot] : 0 };
	virtio_mmio_attach(&s->mmio, s->device, &m->mmio, b->gpa, &irq);
}

static void attach_pci(struct machine *m, struct device_slot *s,
		       unsigned int slot)
{
	const struct virtio_pci_wires w = {
		.pio = &m->pio,
		.mmio = &m->mmio,
		.irq = { set_pci_irq, s, pc_board_gsi(PCI_FIRST + slot) },
		.irq_number = isa_irq[slot],
		.msi = send_msi,
		.wire = wire_msi,
		.ctx = s,
	};
	const uint64_t at[2] = { PCI_PORTS + slot * VIRTIO_PCI_PORTS,
				 PCI_MEMORY + slot * VIRTIO_PCI_MEMORY };

	virtio_pci_attach(&s->pci, s->device, pc_pci(m), PCI_FIRST + slot, &w,
			  at);
}

int devices_attach(struct machine *m, struct virtio_device *device,
		   struct err *e)
{
	struct devices *ds = m->devices;
	unsigned int slot = ds->slots;
	struct device_slot *s = &ds->slot[slot];

	if (slot == BOARD_VIRTIO_MAX)
		return err_set(e, -EINVAL, "more than %d virtio devices",
			       BOARD_VIRTIO_MAX);
	ds->slots++;
	s->device = device;
	s->machine = m;
	device->host = (struct virtio_host){ kick, live, trouble, s };
	if (m->pc && !m->config->virtio_mmio)
		attach_pci(m, s, slot);
	else
		attach_mmio(m, s, slot);
	return open_kicks(s, e);
}

void devices_detach(struct device_slot *s)
{
	for (unsigned int i = 0; i < s->device->queues; i++)
		if (s->kick[i].watch.fd >= 0)
			close(s->kick[i].watch.fd);
}
