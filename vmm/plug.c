// SPDX-License-Identifier: Apache-2.0
// What devices are plugged into, the same on every board: output, power, time.
#include "vmm/plug.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define FLUSH_BYTES   4096u
#define WAIT_SPACE_NS (NS_PER_S / 10)

/* --- output -----------------------------------------------------------------*/

void plug_join(uint8_t *memory, struct ring_end *ours, struct ring_end *theirs)
{
	struct dive_ring *ring = (struct dive_ring *)memory;

	/* It may have been used before. */
	memset(ring, 0, DIVE_RING_HEADER);
	ring_format(ring, PLUG_RING_SIZE);
	/* Just formatted: cannot fail. */
	(void)ring_attach(ours, ring, PLUG_RING_BYTES);
	(void)ring_attach(theirs, ring, PLUG_RING_BYTES);
}

void plug_streams(struct machine *m)
{
	const struct run_config *c = m->config;
	struct streams *s = &m->streams;

	s->outs = c->program && m->pc ? 3 : 2;
	s->out[0].fd = c->out_fd;
	s->out[1].fd = c->console_fd;
	s->out[1].is_log = true;
	if (s->outs > 2)
		s->out[2].fd = c->program->fd[2];
	for (unsigned int i = 0; i < s->outs; i++) {
		s->out[i].lost = s->out[i].fd < 0;
		/* Two of the three are the program's. */
		s->out[i].mark = s->outs == 2 || i == 1 ? c->mark : NULL;
	}
	s->in.fd = c->in_fd;
	s->ctx = m;
}

/* Let the host have what is in the rings. Lock held. */
void plug_flush(struct machine *m)
{
	if (streams_running(&m->streams))
		streams_wake(&m->streams);
	else if (streams_flush(&m->streams))
		machine_start_io(m);
}

/*
 * Wait for room with the lock released: the other CPUs and the I/O thread go
 * on, and signals still end the machine.
 */
static void wait_for_space(struct machine *m)
{
	struct timespec until;
	uint64_t at;

	plug_flush(m);
	if (!streams_running(&m->streams))
		return;
	at = clock_now_ns() + WAIT_SPACE_NS;
	until.tv_sec = (time_t)(at / NS_PER_S);
	until.tv_nsec = (long)(at % NS_PER_S);
	pthread_cond_clockwait(&m->space, &m->lock, CLOCK_MONOTONIC, &until);
	if (pthread_equal(m->main, pthread_self())) {
		pthread_mutex_unlock(&m->lock);
		watch_signals(m);
		pthread_mutex_lock(&m->lock);
	}
}

/* As much as there is room for in one piece. */
static size_t put_some(struct ring_end *end, const uint8_t *bytes, size_t count)
{
	uint8_t *to;
	uint32_t space = ring_space(end, &to);

	if (space == 0)
		return 0;
	if (space > count)
		space = (uint32_t)count;
	memcpy(to, bytes, space);
	ring_produce(end, space);
	return space;
}

void plug_put(struct machine *m, struct ring_end *end, const uint8_t *bytes,
	      size_t count)
{
	bool flush = memchr(bytes, '\n', count) != NULL;

	while (count && !atomic_load(&m->stopping)) {
		size_t put = put_some(end, bytes, count);

		if (put == 0) {
			wait_for_space(m);
			continue;
		}
		bytes += put;
		count -= put;
		flush = flush || end->index % FLUSH_BYTES < put;
	}
	if (flush)
		plug_flush(m);
	else
		watch_flush_at(m);
}

size_t plug_offer(struct machine *m, struct ring_end *end, const uint8_t *bytes,
		  size_t count)
{
	size_t done = 0;
	size_t put;

	while (done < count) {
		put = put_some(end, bytes + done, count - done);
		if (put == 0 && !streams_running(&m->streams)) {
			plug_flush(m);
			put = put_some(end, bytes + done, count - done);
		}
		if (put == 0)
			break;
		done += put;
	}
	/* Who is full waits for its reader: woken, it would ask us again. */
	if (done)
		plug_flush(m);
	return done;
}

void plug_lost(void *ctx)
{
	struct machine *m = ctx;

	atomic_store(&m->output_lost, true);
	pthread_kill(m->main, RUN_KICK);
}

/* --- power ------------------------------------------------------------------*/

static void power_stop(void *ctx, enum power_event event, const char *channel,
		       uint32_t value)
{
	static const enum stop_reason reason[] = {
		[POWER_OFF] = STOP_POWEROFF,
		[POWER_RESET] = STOP_RESET,
		[POWER_EXIT] = STOP_EXIT,
		[POWER_PANICKED] = STOP_PANICKED,
		[POWER_BAD_CALL] = STOP_BAD_CALL,
	};
	struct machine *m = ctx;

	if (event == POWER_BAD_CALL && m->report->reason == STOP_NONE)
		snprintf(m->report->text, sizeof(m->report->text),
			 "%s with 0x%" PRIx32, channel, value);
	machine_stop_locked(m, m->accessing, reason[event], value, channel);
}

struct power plug_power(struct machine *m)
{
	return (struct power){ power_stop, m };
}

/* --- time -------------------------------------------------------------------*/

static uint64_t monotonic_ns(void *ctx)
{
	(void)ctx;
	return clock_now_ns();
}

static uint64_t realtime_ns(void *ctx)
{
	struct timespec t;

	(void)ctx;
	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

const struct timebase plug_time = { monotonic_ns, realtime_ns, NULL };
