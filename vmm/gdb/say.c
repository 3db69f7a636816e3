// SPDX-License-Identifier: Apache-2.0
// What gdb is told (GDB manual, appendix E "Stop Reply Packets").
#include <sys/socket.h>

#include "vmm/gdb/session.h"

/* A gdb that does not read is found out by the next recv(). */
static void send_bytes(struct gdb *g, const char *bytes, size_t size)
{
	while (size) {
		/* syscall: sendto[4=0], shutdown */
		ssize_t n = send(g->conn_fd, bytes, size, MSG_NOSIGNAL);

		if (n <= 0) {
			shutdown(g->conn_fd, SHUT_RDWR);
			return;
		}
		bytes += n;
		size -= (size_t)n;
	}
}

void gdb_ack(struct gdb *g, char sign)
{
	if (!g->no_ack)
		send_bytes(g, &sign, 1);
}

void gdb_send_again(struct gdb *g)
{
	send_bytes(g, g->out.data, g->out.size);
}

void gdb_finish(struct gdb *g)
{
	gdb_out_end(&g->out);
	gdb_send_again(g);
}

void gdb_say(struct gdb *g, const char *text)
{
	gdb_out_begin(&g->out);
	gdb_out_text(&g->out, text);
	gdb_finish(g);
}

void gdb_say_result(struct gdb *g, int rc)
{
	gdb_out_begin(&g->out);
	gdb_out_text(&g->out, rc ? "E" : "OK");
	if (rc) {
		uint8_t code = (uint8_t)-rc;

		gdb_out_hex(&g->out, &code, 1);
	}
	gdb_finish(g);
}

bool gdb_is_crash(const struct exit_report *r)
{
	switch (r->reason) {
	case STOP_PANICKED:
	case STOP_EXCEPTION:
	case STOP_TRIPLE_FAULT:
	case STOP_HALTED:
	case STOP_KVM:
	case STOP_STRICT:
		return true;
	default:
		return false;
	}
}

static enum gdb_signal crash_signal(const struct exit_report *r)
{
	static const enum gdb_signal of[32] = {
		[0] = GDB_SIGFPE,  [1] = GDB_SIGTRAP, [3] = GDB_SIGTRAP,
		[6] = GDB_SIGILL,  [16] = GDB_SIGFPE, [17] = GDB_SIGBUS,
		[19] = GDB_SIGFPE,
	};

	if (r->reason == STOP_TRIPLE_FAULT)
		return GDB_SIGSEGV;
	if (r->reason != STOP_EXCEPTION || !r->crash.valid || r->crash.panic)
		return GDB_SIGABRT;
	if (r->crash.vector < 32 && of[r->crash.vector])
		return of[r->crash.vector];
	return GDB_SIGSEGV;
}

static void add_byte(struct gdb *g, unsigned int value)
{
	uint8_t byte = (uint8_t)value;

	gdb_out_hex(&g->out, &byte, 1);
}

/* Why the debugger's own traps stopped it ("Stop Reply Packets"). */
static void add_cause(struct gdb *g)
{
	static const char *const watch[] = { [GDB_POINT_WRITE] = "watch:",
					     [GDB_POINT_READ] = "rwatch:",
					     [GDB_POINT_ACCESS] = "awatch:" };
	const struct gdb_hard *h = &g->points.hard[g->stop_point];

	if (g->stop == GDB_CAUSE_SOFT) {
		gdb_out_text(&g->out, "swbreak:;");
	} else if (g->stop == GDB_CAUSE_HARD) {
		gdb_out_text(&g->out, "hwbreak:;");
	} else if (g->stop == GDB_CAUSE_WATCH) {
		gdb_out_text(&g->out, watch[h->type]);
		gdb_out_number(&g->out, h->va);
		gdb_out_text(&g->out, ";");
	}
}

void gdb_say_stop(struct gdb *g)
{
	bool over = g->state == GDB_LOOKING;

	gdb_out_begin(&g->out);
	gdb_out_text(&g->out, "T");
	add_byte(g, over                        ? crash_signal(g->m->report)
		    : g->stop == GDB_CAUSE_NONE ? GDB_SIGINT
						: GDB_SIGTRAP);
	gdb_out_text(&g->out, "thread:");
	gdb_out_number(&g->out, g->stop_cpu + 1);
	gdb_out_text(&g->out, ";");
	if (!over)
		add_cause(g);
	gdb_finish(g);
}

void gdb_say_exit(struct gdb *g)
{
	const struct exit_report *r = g->m->report;

	gdb_out_begin(&g->out);
	switch (r->reason) {
	case STOP_EXIT:
	case STOP_POWEROFF:
	case STOP_RESET:
		gdb_out_text(&g->out, "W");
		add_byte(g, r->status);
		break;
	default:
		gdb_out_text(&g->out, "X");
		add_byte(g, r->reason == STOP_TIMEOUT  ? GDB_SIGALRM
			    : r->reason == STOP_SIGNAL ? r->status
						       : GDB_SIGABRT);
	}
	gdb_finish(g);
}
