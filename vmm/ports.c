// SPDX-License-Identifier: Apache-2.0
// Ports of a virtio console: the streams of a program that Linux runs.
#include "vmm/ports.h"

#include <string.h>

#include "vmm/kind.h"
#include "vmm/plug.h"

/* Control bytes find room always. */
size_t ports_offer(void *ctx, unsigned int port, const uint8_t *bytes,
		   size_t count)
{
	struct machine *m = ctx;
	struct run_program *p = m->config->program;

	if (port == PORT_STDOUT || port == PORT_STDERR)
		return plug_offer(m, pc_ring(m, port), bytes, count);
	if (port == PORT_CONTROL && !p->over) {
		p->said(p, bytes, count);
		streams_wake(&m->streams);
	}
	return count;
}

/* Nobody reads what it writes, nobody writes what it reads: it is told. */
static void end_ports(struct machine *m)
{
	struct console *c = devices_console(m);

	if (ring_end_of_data(pc_ring(m, PORT_STDIN)))
		console_end(c, PORT_STDIN);
	if (m->streams.out[0].lost && m->streams.out[0].fd >= 0)
		console_end(c, PORT_STDOUT);
	if (m->streams.out[2].lost && m->streams.out[2].fd >= 0)
		console_end(c, PORT_STDERR);
}

/* Other descriptors, for the next program, or none. */
static void take_streams(struct machine *m)
{
	struct run_program *p = m->config->program;
	struct streams *s = &m->streams;

	tty_leave(&m->tty);
	s->in.fd = p->fd[0];
	s->in.ended = false;
	atomic_store(&s->in.wanted, p->fd[0] >= 0);
	for (unsigned int i = 0; i <= 2; i += 2) {
		struct out_stream *out = &s->out[i];

		out->fd = p->fd[i ? 2 : 1];
		out->lost = out->fd < 0;
		out->error = 0;
		out->kind = OUT_UNKNOWN;
	}
	pc_join(m);
	s->moved = true;
	for (unsigned int i = PORT_STDIN; i < RUN_PORTS; i++)
		console_begin(devices_console(m), i);
	p->idle(p);
}

/* All that it has written is where it shall be. */
static bool is_written(struct machine *m)
{
	const uint8_t *from;

	if (!console_drain(devices_console(m)))
		return false;
	for (unsigned int i = 0; i <= 2; i += 2)
		if (!m->streams.out[i].lost &&
		    ring_avail(&m->streams.out[i].ring, &from))
			return false;
	return true;
}

static void tell(struct machine *m)
{
	struct console *c = devices_console(m);
	struct run_program *p = m->config->program;
	const uint8_t *from;
	size_t count, taken;

	while ((count = p->next(p, &from)) != 0) {
		taken = console_receive(c, PORT_CONTROL, from, count);
		p->taken(p, taken);
		if (taken < count)
			return;
	}
}

void ports_serve(struct machine *m)
{
	struct run_program *p = m->config->program;

	if (p->begin(p))
		take_streams(m);
	else
		end_ports(m);
	tell(m);
	if (!p->over || m->report->reason != STOP_NONE || !is_written(m))
		return;
	if (!p->finish(p)) {
		take_streams(m);
		streams_wake(&m->streams); /* the next one may be waiting */
		return;
	}
	memcpy(m->report->text, p->text, sizeof(m->report->text));
	machine_stop_locked(m, NULL, p->reason, p->status, "program");
}

void ports_lost(void *ctx)
{
	struct machine *m = ctx;

	if (streams_running(&m->streams))
		streams_wake(&m->streams);
}
