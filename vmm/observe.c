// SPDX-License-Identifier: Apache-2.0
// --trace and --stats: looks at every event, when somebody asked for it.
#include "vmm/observe.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "vmm/machine.h"
#include "vmm/msr.h"

#define RING_SIZE 65536u
/* A kernel that does nothing but exit must not fill a disk in a minute. */
#define LINES_PER_S 100000u
#define LINE_SIZE   192u

static const char *const header =
	"# s cpu event op address size count value rip ns\n";

static void put_bytes(struct observer *p, const char *text, size_t size)
{
	while (size) {
		uint8_t *to;
		uint32_t space = ring_space(&p->ring, &to);

		if (space > size)
			space = (uint32_t)size;
		memcpy(to, text, space);
		ring_produce(&p->ring, space);
		text += space;
		size -= space;
	}
}

/* Room for a whole line, and for the one that says what was not told? */
static bool has_room(struct observer *p)
{
	uint32_t used =
		p->ring.index -
		__atomic_load_n(&p->ring.ring->read_index, __ATOMIC_ACQUIRE);

	return used <= RING_SIZE - 2 * LINE_SIZE;
}

/* Is there room, and time, for one more line? Lock held. */
static bool may_tell(struct observer *p, uint64_t now)
{
	if (now - p->window_ns >= NS_PER_S) {
		p->window_ns = now;
		p->lines = 0;
	}
	if (p->lines < LINES_PER_S && has_room(p)) {
		p->lines++;
		return true;
	}
	p->untold++;
	p->untold_all++;
	return false;
}

static void tell_untold(struct observer *p)
{
	char line[LINE_SIZE];
	int n = snprintf(line, sizeof(line),
			 "# %" PRIu64 " events more than could be told\n",
			 p->untold);

	if (p->untold)
		put_bytes(p, line, (size_t)n);
	p->untold = 0;
}

static bool is_wanted(const struct observer *p, unsigned int kind)
{
	static const unsigned int bit[EVENT_KINDS] = {
		[EXIT_PIO] = TRACE_PIO | TRACE_EXITS,
		[EXIT_MMIO] = TRACE_MMIO | TRACE_EXITS,
		[EXIT_DOORBELL] = TRACE_EXITS,
		[EXIT_MSR] = TRACE_MSR | TRACE_EXITS,
		[EXIT_INTERRUPTED] = TRACE_EXITS,
		[EXIT_OTHER] = TRACE_EXITS,
		[EVENT_LINE] = TRACE_IRQ,
		[EVENT_MSI] = TRACE_IRQ,
	};

	return p->trace & bit[kind];
}

static const char *operation(const struct exit_event *ev)
{
	if (ev->kind == EVENT_LINE)
		return ev->value ? "raise" : "lower";
	if (ev->kind == EVENT_MSI)
		return "send";
	if (ev->kind == EXIT_INTERRUPTED || ev->kind == EXIT_OTHER)
		return "-";
	return ev->write ? "write" : "read";
}

/* Lock held. CPU -1: raised by no CPU in particular. */
static void tell(struct observer *p, const struct exit_event *ev, int cpu,
		 uint64_t accesses, uint64_t start_ns, uint64_t end_ns)
{
	uint64_t at = start_ns - p->machine->report->phase_ns[PHASE_START];
	uint64_t fraction = at % NS_PER_S;
	char line[LINE_SIZE];
	int n;

	if (!is_wanted(p, ev->kind) || !may_tell(p, end_ns))
		return;
	tell_untold(p);
	n = snprintf(line, sizeof(line),
		     "%" PRIu64 ".%09" PRIu64 " %d %s %s 0x%" PRIx64
		     " %u %" PRIu64 " 0x%" PRIx64 " 0x%" PRIx64 " %" PRIu64
		     "\n",
		     (at - fraction) / 1000000000u, fraction, cpu,
		     event_name(ev->kind), operation(ev), ev->addr, ev->size,
		     accesses, ev->value, ev->rip, end_ns - start_ns);
	put_bytes(p, line, (size_t)n);
}

/* Hand over what was told: as for any other output of the machine. */
static void flush(struct machine *m)
{
	pthread_mutex_lock(&m->lock);
	if (streams_running(&m->streams))
		streams_wake(&m->streams);
	else if (streams_flush(&m->streams))
		machine_start_io(m);
	pthread_mutex_unlock(&m->lock);
}

void observe_begin(struct vcpu *cpu)
{
	struct observer *p = cpu->observer;
	uint64_t now = clock_now_ns();

	if (p->tally) {
		pthread_mutex_lock(&p->lock);
		p->tally->guest_ns += now - cpu->entered_ns;
		pthread_mutex_unlock(&p->lock);
	}
	cpu->left_ns = now;
	cpu->left_event = cpu->event_next;
}

void observe_end(struct vcpu *cpu, int error)
{
	struct observer *p = cpu->observer;
	uint64_t accesses = cpu->event_next - cpu->left_event;
	struct exit_event ev = { .kind = EXIT_OTHER,
				 .addr = cpu->run->exit_reason,
				 .rip = cpu->snapshot.rip };
	uint64_t now = clock_now_ns();

	if (error == EINTR)
		ev = (struct exit_event){ .kind = EXIT_INTERRUPTED };
	else if (accesses)
		ev = cpu->events[(cpu->event_next - 1) % REPORT_EVENTS_MAX];
	else
		accesses = 1;
	pthread_mutex_lock(&p->lock);
	if (p->tally)
		tally_add(p->tally, &ev, accesses, now - cpu->left_ns);
	tell(p, &ev, (int)cpu->id, accesses, cpu->left_ns, now);
	pthread_mutex_unlock(&p->lock);
	if (p->trace)
		flush(p->machine);
	cpu->entered_ns = clock_now_ns();
}

void observe_irq(struct observer *p, unsigned int kind, uint64_t addr,
		 uint64_t value, uint64_t since_ns)
{
	struct exit_event ev = {
		.kind = kind, .write = value != 0, .addr = addr, .value = value
	};
	uint64_t now = clock_now_ns();

	pthread_mutex_lock(&p->lock);
	if (p->tally)
		tally_add(p->tally, &ev, 1, now - since_ns);
	tell(p, &ev, -1, 1, since_ns, now);
	pthread_mutex_unlock(&p->lock);
}

/* One more stream, told apart from the kernel's. */
static int attach_stream(struct observer *p, struct err *e)
{
	struct machine *m = p->machine;
	struct out_stream *out = &m->streams.out[m->streams.outs++];
	struct dive_ring *ring;

	p->memory = calloc(1, DIVE_RING_HEADER + RING_SIZE);
	if (!p->memory)
		return err_set(e, -ENOMEM, "no memory for --trace");
	ring = (struct dive_ring *)p->memory;
	ring_format(ring, RING_SIZE);
	*out = (struct out_stream){ .fd = m->config->trace_fd,
				    .is_log = true,
				    .is_ours = true };
	/* Just formatted: cannot fail. */
	(void)ring_attach(&p->ring, ring, DIVE_RING_HEADER + RING_SIZE);
	(void)ring_attach(&out->ring, ring, DIVE_RING_HEADER + RING_SIZE);
	put_bytes(p, header, strlen(header));
	return 0;
}

int observe_open(struct machine *m, struct err *e)
{
	const struct run_config *c = m->config;
	struct observer *p;
	int rc = 0;

	if (!c->trace && !c->tally)
		return 0;
	p = calloc(1, sizeof(*p));
	if (!p)
		return err_set(e, -ENOMEM, "no memory for --trace, --stats");
	pthread_mutex_init(&p->lock, NULL);
	p->machine = m;
	p->trace = c->trace;
	p->tally = c->tally;
	m->vm.observer = p;
	if (p->trace)
		rc = attach_stream(p, e);
	if (!rc && (p->tally || p->trace & TRACE_MSR))
		rc = msr_watch(&m->vm, p->trace & TRACE_MSR, e);
	for (unsigned int i = 0; i < m->board.cpus; i++) {
		m->cpu[i].observer = p;
		m->cpu[i].entered_ns = clock_now_ns();
	}
	return rc;
}

void observe_close(struct machine *m)
{
	struct observer *p = m->vm.observer;

	if (!p)
		return;
	/* A full ring has room for this line (has_room). */
	if (p->trace)
		tell_untold(p);
	if (!p->tally)
		return;
	p->tally->untold = p->untold_all;
	for (unsigned int i = 0; i < TALLY_SLOTS; i++) {
		struct tally_row *row = &p->tally->row[i];

		if (row->count && row->kind == EXIT_PIO)
			row->name = bus_name(&m->pio, row->addr);
		if (row->count && row->kind == EXIT_MMIO)
			row->name = bus_name(&m->mmio, row->addr);
	}
}

void observe_free(struct machine *m)
{
	struct observer *p = m->vm.observer;

	if (!p)
		return;
	free(p->memory);
	pthread_mutex_destroy(&p->lock);
	free(p);
	m->vm.observer = NULL;
}
