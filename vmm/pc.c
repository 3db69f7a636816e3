// SPDX-License-Identifier: Apache-2.0
// The PC board: devices wired to KVM and to the host's streams.
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "vmm/board_pc.h"
#include "vmm/kind.h"
#include "vmm/plug.h"
#include "vmm/ports.h"

enum {
	PC_OUT,
	PC_DEBUG,
	PC_IN,
	PC_ERRORS, /* of a program */
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
	struct ring_end errors;
	uint8_t *memory;
};

static void put_out(void *ctx, const uint8_t *bytes, size_t count)
{
	struct machine *m = ctx;

	plug_put(m, &m->pc->out, bytes, count);
}

static void put_debug(void *ctx, const uint8_t *bytes, size_t count)
{
	struct machine *m = ctx;

	plug_put(m, &m->pc->debug, bytes, count);
}

/*
 * The virtio console's output does not wait here: what finds no room stays with
 * the kernel, and on_changed() asks for it.
 */
static size_t offer(void *ctx, unsigned int port, const uint8_t *bytes,
		    size_t count)
{
	struct machine *m = ctx;

	return plug_offer(m, port ? &m->pc->debug : &m->pc->out, bytes, count);
}

static void set_irq(void *ctx, unsigned int gsi, int level)
{
	struct machine *m = ctx;

	vm_set_irq(&m->vm, gsi, level);
}

/* Of the ports with names two take input, and one that of the user. */
static void port_wanted(void *ctx, unsigned int port)
{
	struct machine *m = ctx;

	if (!m->config->program || port == PORT_STDIN) {
		atomic_store(&m->streams.in.wanted, true);
		/* With a child that shares RAM every page would be copied. */
		(void)madvise(m->ram, m->ram_size, MADV_DONTFORK);
		tty_enter(&m->tty, m->streams.in.fd);
	}
	machine_start_io(m);
	if (streams_running(&m->streams))
		streams_wake(&m->streams);
}

static void port_room(void *ctx, unsigned int port)
{
	struct machine *m = ctx;

	(void)port;
	streams_wake(&m->streams);
}

static void input_wanted(void *ctx)
{
	port_wanted(ctx, 0);
}

static void input_room(void *ctx)
{
	port_room(ctx, 0);
}

/* COM1 is output only when stdin is the virtio console's. */
static void input_unwanted(void *ctx)
{
	(void)ctx;
}

struct console_wires pc_console_wires(struct machine *m)
{
	static const char *const names[] = { NULL, "dive.stderr" };
	const struct run_program *p = m->config->program;

	return (struct console_wires){
		p ? p->port : names, p ? RUN_PORTS : 2, p ? ports_offer : offer,
		port_wanted,         port_room,         m
	};
}

/* I/O thread: bytes have moved, or the serial port has room again. */
static void on_changed(void *ctx)
{
	struct machine *m = ctx;
	struct pc *pc = m->pc;
	struct console *console = devices_console(m);
	const uint8_t *from;
	uint32_t count;
	size_t taken;

	if (!streams_running(&m->streams))
		return; /* a vCPU thread writes for itself, lock held */
	pthread_mutex_lock(&m->lock);
	while ((count = ring_avail(&pc->in, &from)) != 0) {
		taken = console ? console_receive(
					  console,
					  m->config->program ? PORT_STDIN : 0,
					  from, count)
				: serial_receive(&pc->board.com1, from, count);
		ring_consume(&pc->in, (uint32_t)taken);
		if (taken < count)
			break;
	}
	if (console)
		console_room(console);
	if (m->config->program)
		ports_serve(m);
	pthread_cond_broadcast(&m->space);
	pthread_mutex_unlock(&m->lock);
}

void pc_join(struct machine *m)
{
	struct streams *s = &m->streams;
	struct pc *pc = m->pc;

	plug_join(pc->memory + PC_OUT * PLUG_RING_BYTES, &pc->out,
		  &s->out[0].ring);
	plug_join(pc->memory + PC_IN * PLUG_RING_BYTES, &pc->in, &s->in.ring);
	if (m->config->program)
		plug_join(pc->memory + PC_ERRORS * PLUG_RING_BYTES, &pc->errors,
			  &s->out[2].ring);
}

struct ring_end *pc_ring(struct machine *m, enum run_port port)
{
	struct pc *pc = m->pc;

	if (port == PORT_STDIN)
		return &pc->in;
	return port == PORT_STDOUT ? &pc->out : &pc->errors;
}

static void wire_streams(struct machine *m)
{
	struct streams *s = &m->streams;
	struct pc *pc = m->pc;

	plug_streams(m);
	s->changed = on_changed;
	s->woken = on_changed;
	s->lost = m->config->program ? ports_lost : plug_lost;
	plug_join(pc->memory + PC_DEBUG * PLUG_RING_BYTES, &pc->debug,
		  &s->out[1].ring);
	pc_join(m);
}

int pc_create(struct machine *m, struct err *e)
{
	const struct run_config *c = m->config;
	const bool has_console = c->virtio_console || c->program;
	const struct pc_wires wires = {
		.set_irq = set_irq,
		.irq_ctx = m,
		.serial_out = { has_console ? put_debug : put_out, m },
		.debug_out = { put_debug, m },
		.input_wanted = has_console ? input_unwanted : input_wanted,
		.input_room = input_room,
		.input_ctx = m,
		.power = plug_power(m),
		.time = plug_time,
	};
	struct pc *pc;

	if (c->mem_base)
		return err_set(e, -ENOEXEC,
			       "--mem SIZE@BASE is for contract kernels; RAM "
			       "of a PC starts at 0");
	m->board = (struct board){ .mode = "fullvm", .cpus = c->cpus };
	m->pc = pc = calloc(1, sizeof(*pc));
	if (pc)
		pc->memory = calloc(PC_RINGS, PLUG_RING_BYTES);
	if (!pc || !pc->memory)
		return err_set(e, -ENOMEM, "no memory for the PC board");
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
	free(m->pc);
}
