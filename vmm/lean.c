// SPDX-License-Identifier: Apache-2.0
// The contract machine: doorbell, control page, rings, crash pages.
#include <errno.h>
#include <inttypes.h>

#include "base/x86.h"
#include "contract/dive/control.h"
#include "contract/dive/note.h"
#include "loader/contract_report.h"
#include "vmm/kind.h"
#include "vmm/plug.h"
#include "vmm/window.h"

#define DOORBELL_PORT 0x5d0
#define RING_SIZE     65536u
#define HOLE_START    ((gpa_t)0xfec00000) /* IOAPIC, local APIC, MSI */
#define HOLE_END      ((gpa_t)1 << 32)
#define LAPIC_HZ      1000000000u /* KVM's APIC bus: 1 ns a tick */

static void add_ram(struct board *b, gpa_t from, gpa_t to)
{
	if (from < to)
		b->range[b->ranges++] =
			(struct board_range){ from, to - from, RANGE_RAM };
}

int lean_board(struct machine *m, struct err *e)
{
	const struct run_config *c = m->config;
	gpa_t base = c->mem_base, end;

	m->board = (struct board){
		.mode = c->role == RUN_HRT ? "hrt" : "fullvm",
		.cpus = c->cpus,
		.lapic_hz = LAPIC_HZ,
		.doorbell_port = DOORBELL_PORT,
		.ring_size = RING_SIZE,
	};
	if (c->mem_size % PAGE_4K || base % DIVE_LOAD_ALIGN)
		return err_set(e, -EINVAL,
			       "--mem: the size must be a multiple of 4K and "
			       "the base one of 2M");
	if (base >= HOLE_START && base < HOLE_END)
		return err_set(e, -EINVAL,
			       "--mem: from 0x%" PRIx64 " to 4G there are "
			       "interrupt controllers, no memory",
			       HOLE_START);
	/* What would lie in the hole continues behind it. */
	end = base + c->mem_size;
	if (base >= HOLE_END || end <= HOLE_START) {
		add_ram(&m->board, base, end);
	} else {
		add_ram(&m->board, base, HOLE_START);
		add_ram(&m->board, HOLE_END, HOLE_END + end - HOLE_START);
	}
	return 0;
}

static uint32_t load(const uint32_t *field)
{
	return __atomic_load_n(field, __ATOMIC_ACQUIRE);
}

/* Interrupt the CPU that the kernel named, if it named one. */
void lean_ring(struct machine *m)
{
	uint32_t vector = load(&m->lean.control->irq_vector);

	if (vector >= 32 && vector < 255)
		vm_send_msi(&m->vm, load(&m->lean.control->irq_apicid), vector);
}

static void on_changed(void *ctx)
{
	struct machine *m = ctx;
	struct streams *s = &m->streams;
	bool sleeps = ring_consumer_sleeps(&s->in.ring);

	for (unsigned int i = 0; i < s->outs; i++)
		sleeps = ring_producer_sleeps(&s->out[i].ring) || sleeps;
	if (sleeps)
		lean_ring(m);
}

static int attach_ring(struct machine *m, enum contract_ring which,
		       struct ring_end *end, struct err *e)
{
	uint64_t length = DIVE_RING_HEADER + (uint64_t)m->board.ring_size;
	struct dive_ring *ring =
		gmem_ptr(&m->mem, m->lean.area.ring[which], length);

	if (!ring || !ring_attach(end, ring, length))
		return err_set(e, -EINVAL, "the loader left no ring %d", which);
	return 0;
}

int lean_attach(struct machine *m, struct err *e)
{
	struct streams *s = &m->streams;
	int rc;

	m->lean.control =
		gmem_ptr(&m->mem, m->lean.area.control, DIVE_CONTROL_SIZE);
	plug_streams(m);
	/* Others may write there, too, or this one after a reboot. */
	s->out[0].close_at_eof = m->config->role == RUN_ALONE;
	s->changed = on_changed;
	s->lost = plug_lost;
	rc = attach_ring(m, CONTRACT_STDOUT, &s->out[0].ring, e);
	if (!rc)
		rc = attach_ring(m, CONTRACT_CONSOLE, &s->out[1].ring, e);
	if (!rc)
		rc = attach_ring(m, CONTRACT_STDIN, &s->in.ring, e);
	if (rc)
		return rc;
	/* Nobody here looks unless the doorbell rings. */
	ring_producer_arm(&s->in.ring);
	ring_consumer_arm(&s->out[0].ring);
	ring_consumer_arm(&s->out[1].ring);
	return 0;
}

/* Has the kernel ended? The status is written before the state. */
static bool check_end(struct vcpu *cpu)
{
	struct machine *m = cpu->machine;

	for (unsigned int i = 0; i < m->board.cpus; i++) {
		if (load(&contract_crash(&m->mem, &m->lean.area, i)->state) ==
		    DIVE_CRASH_NONE)
			continue;
		machine_stop(m, &m->cpu[i], STOP_EXCEPTION, 0, "crash page");
		return true;
	}
	if (load(&m->lean.control->state) != DIVE_STATE_STOPPED)
		return false;
	machine_stop(m, cpu, STOP_EXIT, load(&m->lean.control->status),
		     "control page");
	return true;
}

void lean_doorbell(struct vcpu *cpu)
{
	struct machine *m = cpu->machine;
	struct streams *s = &m->streams;

	if (check_end(cpu))
		return;
	if (m->window)
		window_route(m);
	pthread_mutex_lock(&m->lock);
	if (!streams_running(s)) {
		/* A kernel that sleeps on stdin, or waits for space. */
		atomic_store(&s->in.wanted, ring_consumer_sleeps(&s->in.ring));
		if (streams_flush(s) || s->in.wanted)
			machine_start_io(m);
	} else {
		if (ring_consumer_sleeps(&s->in.ring))
			atomic_store(&s->in.wanted, true);
		streams_wake(s);
	}
	pthread_mutex_unlock(&m->lock);
}

bool lean_handles_shutdown(const struct machine *m)
{
	const struct dive_control *control = m->lean.control;

	return control && load(&control->handles_shutdown) == 1;
}

bool lean_request_shutdown(struct machine *m)
{
	struct dive_control *control = m->lean.control;

	if (!lean_handles_shutdown(m))
		return false;
	__atomic_store_n(&control->request, DIVE_REQUEST_SHUTDOWN,
			 __ATOMIC_RELEASE);
	lean_ring(m);
	return true;
}

static const char *broken_ring(const struct streams *s)
{
	if (s->out[0].ring.broken)
		return "stdout";
	if (s->out[1].ring.broken)
		return "console";
	return s->in.ring.broken ? "stdin" : NULL;
}

void lean_report(struct machine *m)
{
	bool marked = false;

	m->report->broken_ring = broken_ring(&m->streams);
	if (m->report->reason == STOP_EXCEPTION)
		contract_report_crash(&m->mem, &m->lean.area, m->report);
	for (unsigned int i = 0; i < DIVE_MARKS; i++)
		marked = marked || m->lean.control->marks[i];
	if (marked)
		contract_report_marks(m->lean.control, vcpu_tsc(&m->cpu[0]),
				      m->board.tsc_khz, m->report);
}
