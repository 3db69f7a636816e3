// SPDX-License-Identifier: Apache-2.0
// Memory that two machines of a split VM have in common, and its bells.
#include "vmm/window.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/huge.h"
#include "contract/dive/control.h"
#include "contract/dive/delegate.h"
#include "vmm/board_pc.h"
#include "vmm/dev/bell.h"
#include "vmm/kind.h"
#include "vmm/virtio/device.h"

/* What the kernel writes to; Linux: DIVE_DELEGATE_PORT. */
#define PORT_TO_ROS 0x5d8u
#define BELL_SLOT   31u /* on PCI, far from what --disk and --net add */
#define BELL_IRQ    11u /* at the PICs */
#define BELL_GSI    0u  /* of a contract machine, which has no other route */

/**
 * struct window - what a machine has of it
 * @host: mapping
 * @bell: of Linux's PC
 * @vector: where KVM sends the other machine's rings; 0 = nowhere yet
 * @apicid: see @vector
 * @is_wired: KVM listens to the other machine
 */
struct window {
	void *host;
	struct bell bell;
	uint32_t vector;
	uint32_t apicid;
	bool is_wired;
};

static void set_irq(void *ctx, unsigned int gsi, int level)
{
	struct machine *m = ctx;

	vm_set_irq(&m->vm, gsi, level);
	vm_set_irq(&m->vm, BELL_IRQ, level);
}

int window_create(struct machine *m, struct err *e)
{
	const struct run_window *w = &m->config->window;
	const struct irq_line irq = { set_irq, m, pc_board_gsi(BELL_SLOT) };

	if (!w->size)
		return 0;
	if (m->kind == MACHINE_SOLO5)
		return err_set(e, -ENOEXEC,
			       "--window: a Solo5 kernel has no place for it");
	m->window = calloc(1, sizeof(*m->window));
	if (!m->window)
		return err_set(e, -ENOMEM, "no memory for the window");
	m->board.range[m->board.ranges++] =
		(struct board_range){ w->gpa, w->size, RANGE_WINDOW };
	if (m->pc && m->config->role == RUN_ROS)
		bell_attach(&m->window->bell, pc_pci(m), BELL_SLOT, &irq,
			    BELL_IRQ);
	if (!m->pc)
		m->board.window_port = m->config->role == RUN_HRT
					       ? PORT_TO_ROS
					       : DIVE_DELEGATE_PORT;
	return 0;
}

int window_map(struct machine *m, struct err *e)
{
	const struct run_window *w = &m->config->window;
	struct gmem_region r = { .gpa = w->gpa, .size = w->size };

	if (!m->window)
		return 0;
	r.host = huge_map(w->size, MAP_SHARED, w->fd);
	if (r.host == MAP_FAILED)
		return err_set(e, -errno, "cannot map the window: %s",
			       strerror(errno));
	m->window->host = r.host;
	return gmem_add(&m->mem, &r, e);
}

/* A write that KVM did not take over, or of a machine whose bells it has not. */
static void on_write(void *dev, uint64_t offset, unsigned int size,
		     uint64_t value)
{
	const struct machine *m = dev;

	(void)offset;
	(void)size;
	(void)value;
	m->config->window.ring(m->config->window.ctx);
}

static const struct bus_ops port_ops = { .write = on_write, .size_max = 4 };

/*
 * From Linux without leaving KVM: a write of any width signals a descriptor,
 * which interrupts the other machine. The way back is not often gone.
 */
int window_attach(struct machine *m, struct err *e)
{
	const struct run_window *w = &m->config->window;
	struct virtio_doorbell bell = { .is_port = true,
					.addr = DIVE_DELEGATE_PORT };

	if (!m->window)
		return 0;
	if (m->config->role == RUN_HRT) {
		bus_add(&m->pio,
			&(struct bus_range){ "window bell", PORT_TO_ROS, 4,
					     &port_ops, m });
		return 0;
	}
	for (bell.size = 1; bell.size <= 4; bell.size *= 2)
		if (!vm_doorbell(&m->vm, &bell, w->bell_fd, true))
			return err_set(e, -errno, "KVM takes no doorbell: %s",
				       strerror(errno));
	return 0;
}

void window_route(struct machine *m)
{
	const struct dive_control *c = m->lean.control;
	struct window *w = m->window;
	uint32_t vector = __atomic_load_n(&c->irq_vector, __ATOMIC_ACQUIRE);
	uint32_t apicid = __atomic_load_n(&c->irq_apicid, __ATOMIC_ACQUIRE);

	if (!w || m->config->role != RUN_HRT || vector < 32 || vector >= 255)
		return;
	pthread_mutex_lock(&m->lock);
	if (w->vector != vector || w->apicid != apicid) {
		w->vector = vector;
		w->apicid = apicid;
		vm_route_msi(&m->vm, BELL_GSI, apicid, vector);
	}
	if (!w->is_wired)
		w->is_wired =
			vm_wire(&m->vm, m->config->window.bell_fd, BELL_GSI);
	pthread_mutex_unlock(&m->lock);
}

void window_rung(struct machine *m)
{
	if (!m->pc) {
		lean_ring(m);
		return;
	}
	pthread_mutex_lock(&m->lock);
	bell_ring(&m->window->bell);
	pthread_mutex_unlock(&m->lock);
}

void window_free(struct machine *m)
{
	if (!m->window)
		return;
	if (m->window->host)
		munmap(m->window->host, m->config->window.size);
	free(m->window);
	m->window = NULL;
}
