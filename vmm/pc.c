// SPDX-License-Identifier: Apache-2.0
// The PC board: devices wired to KVM and to the host's streams.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "vmm/board_pc.h"
#include "vmm/machine.h"

#define RING_SIZE     65536u
#define RING_BYTES    (DIVE_RING_HEADER + RING_SIZE)
#define FLUSH_BYTES   4096u
#define WAIT_SPACE_NS (NS_PER_S / 10)

enum {
	PC_OUT,
	PC_DEBUG,
	PC_IN,
	PC_RINGS
};

/*
 * Bytes of COM1 and port 0xe9 pass through rings of our own, so that the
 * streams see the same thing as in a contract machine. Here are the devices'
 * ends of them.
 */
struct pc {
	struct pc_board board;
	struct ring_end out;
	struct ring_end debug;
	struct ring_end in;
	pthread_cond_t space; /* signalled when out or debug has room */
	uint8_t *memory;
};

/* Let the host have what is in the rings. Lock held. */
void pc_flush(struct machine *m)
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

	pc_flush(m);
	if (!streams_running(&m->streams))
		return;
	at = clock_now_ns() + WAIT_SPACE_NS;
	until.tv_sec = (time_t)(at / NS_PER_S);
	until.tv_nsec = (long)(at % NS_PER_S);
	pthread_cond_clockwait(&m->pc->space, &m->lock, CLOCK_MONOTONIC,
			       &until);
	if (pthread_equal(m->main, pthread_self())) {
		pthread_mutex_unlock(&m->lock);
		watch_signals(m);
		pthread_mutex_lock(&m->lock);
	}
}

static void put(struct machine *m, struct ring_end *end, const uint8_t *bytes,
		size_t count)
{
	bool flush = memchr(bytes, '\n', count) != NULL;

	while (count && !atomic_load(&m->stopping)) {
		uint8_t *to;
		uint32_t space = ring_space(end, &to);

		if (space == 0) {
			wait_for_space(m);
			continue;
		}
		if (space > count)
			space = (uint32_t)count;
		memcpy(to, bytes, space);
		ring_produce(end, space);
		bytes += space;
		count -= space;
		flush = flush || end->index % FLUSH_BYTES < space;
	}
	if (flush)
		pc_flush(m);
	else
		watch_flush_at(m);
}

static void put_out(void *ctx, const uint8_t *bytes, size_t count)
{
	struct machine *m = ctx;

	put(m, &m->pc->out, bytes, count);
}

static void put_debug(void *ctx, const uint8_t *bytes, size_t count)
{
	struct machine *m = ctx;

	put(m, &m->pc->debug, bytes, count);
}

static void set_irq(void *ctx, unsigned int gsi, int level)
{
	struct machine *m = ctx;

	vm_set_irq(&m->vm, gsi, level);
}

static void input_wanted(void *ctx)
{
	struct machine *m = ctx;

	atomic_store(&m->streams.in.wanted, true);
	/* With a child that shares RAM every page would be copied. */
	(void)madvise(m->ram, m->ram_size, MADV_DONTFORK);
	tty_enter(&m->tty, m->config->in_fd);
	machine_start_io(m);
	if (streams_running(&m->streams))
		streams_wake(&m->streams);
}

static void input_room(void *ctx)
{
	struct machine *m = ctx;

	streams_wake(&m->streams);
}

static void power_stop(void *ctx, enum power_event event, const char *channel,
		       uint32_t value)
{
	static const enum stop_reason reason[] = {
		[POWER_OFF] = STOP_POWEROFF,
		[POWER_RESET] = STOP_RESET,
		[POWER_EXIT] = STOP_EXIT,
		[POWER_PANICKED] = STOP_PANICKED,
	};

	struct machine *m = ctx;

	machine_stop_locked(m, m->accessing, reason[event], value, channel);
}

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

/* I/O thread: bytes have moved, or the serial port has room again. */
static void on_changed(void *ctx)
{
	struct machine *m = ctx;
	struct pc *pc = m->pc;
	const uint8_t *from;
	uint32_t count;
	size_t taken;

	if (!streams_running(&m->streams))
		return; /* a vCPU thread writes for itself, lock held */
	pthread_mutex_lock(&m->lock);
	while ((count = ring_avail(&pc->in, &from)) != 0) {
		taken = serial_receive(&pc->board.com1, from, count);
		ring_consume(&pc->in, (uint32_t)taken);
		if (taken < count)
			break;
	}
	pthread_cond_broadcast(&pc->space);
	pthread_mutex_unlock(&m->lock);
}

/* A foreign kernel knows nothing of a lost reader: its output goes nowhere. */
static void on_lost(void *ctx)
{
	struct machine *m = ctx;

	atomic_store(&m->output_lost, true);
	pthread_kill(m->main, SIGUSR1);
}

static void join_ring(uint8_t *memory, struct ring_end *ours,
		      struct ring_end *theirs)
{
	struct dive_ring *ring = (struct dive_ring *)memory;

	ring_format(ring, RING_SIZE);
	/* Just formatted: cannot fail. */
	(void)ring_attach(ours, ring, RING_BYTES);
	(void)ring_attach(theirs, ring, RING_BYTES);
}

static void wire_streams(struct machine *m)
{
	struct streams *s = &m->streams;
	struct pc *pc = m->pc;

	s->outs = 2;
	s->out[0].fd = m->config->out_fd;
	s->out[0].lost = m->config->out_fd < 0;
	s->out[1].fd = m->config->console_fd;
	s->out[1].lost = m->config->console_fd < 0;
	s->out[1].is_log = true;
	s->in.fd = m->config->in_fd;
	s->changed = on_changed;
	s->woken = on_changed;
	s->lost = on_lost;
	s->ctx = m;
	join_ring(pc->memory + PC_OUT * RING_BYTES, &pc->out, &s->out[0].ring);
	join_ring(pc->memory + PC_DEBUG * RING_BYTES, &pc->debug,
		  &s->out[1].ring);
	join_ring(pc->memory + PC_IN * RING_BYTES, &pc->in, &s->in.ring);
}

int pc_create(struct machine *m, struct err *e)
{
	const struct run_config *c = m->config;
	const struct pc_wires wires = {
		.set_irq = set_irq,
		.irq_ctx = m,
		.serial_out = { put_out, m },
		.debug_out = { put_debug, m },
		.input_wanted = input_wanted,
		.input_room = input_room,
		.input_ctx = m,
		.power = { power_stop, m },
		.time = { monotonic_ns, realtime_ns, NULL },
	};
	struct pc *pc;

	if (c->mem_base)
		return err_set(e, -ENOEXEC,
			       "--mem SIZE@BASE is for contract kernels; RAM "
			       "of a PC starts at 0");
	m->board = (struct board){ .mode = "fullvm", .cpus = c->cpus };
	m->pc = pc = calloc(1, sizeof(*pc));
	if (pc)
		pc->memory = calloc(PC_RINGS, RING_BYTES);
	if (!pc || !pc->memory)
		return err_set(e, -ENOMEM, "no memory for the PC board");
	pthread_cond_init(&pc->space, NULL);
	wire_streams(m);
	pc_board_init(&pc->board, &m->pio, &m->mmio, &wires, c->mem_size);
	return pc_board_map(&m->board, c->mem_size, e);
}

int pc_tables(struct machine *m, struct err *e)
{
	return pc_board_tables(&m->board, &m->mem, e);
}

struct pci *pc_pci(struct machine *m)
{
	return &m->pc->board.pci;
}

void pc_free(struct machine *m)
{
	if (!m->pc)
		return;
	free(m->pc->memory);
	pthread_cond_destroy(&m->pc->space);
	free(m->pc);
}
