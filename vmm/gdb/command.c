// SPDX-License-Identifier: Apache-2.0
// The commands of gdb (GDB manual, appendix E "Packets").
#include <errno.h>
#include <string.h>

#include "vmm/gdb/core.h"
#include "vmm/gdb/session.h"

/* --- threads -------------------------------------------------------------- */

static void on_why(struct gdb *g, struct gdb_args *a)
{
	(void)a;
	gdb_say_stop(g);
}

static bool is_thread(const struct gdb *g, int thread)
{
	return thread > 0 && (unsigned int)thread <= g->m->board.cpus;
}

/* 0 = any and -1 = all leave it to us: what is chosen stays so. */
static void on_thread(struct gdb *g, struct gdb_args *a)
{
	int thread;

	if (!gdb_args_thread(a, &thread) ||
	    (thread > 0 && !is_thread(g, thread))) {
		gdb_say_result(g, -EINVAL);
		return;
	}
	if (thread > 0)
		g->current = (unsigned int)thread - 1;
	gdb_say_result(g, 0);
}

/* Hc belongs to commands that vCont has replaced. */
static void on_run_thread(struct gdb *g, struct gdb_args *a)
{
	(void)a;
	gdb_say_result(g, 0);
}

static void on_alive(struct gdb *g, struct gdb_args *a)
{
	int thread;

	gdb_say_result(g, gdb_args_thread(a, &thread) && is_thread(g, thread)
				  ? 0
				  : -ESRCH);
}

static void on_current(struct gdb *g, struct gdb_args *a)
{
	gdb_out_begin(&g->out);
	if (a->at == a->end) { /* else it is another command */
		gdb_out_text(&g->out, "QC");
		gdb_out_number(&g->out, g->current + 1);
	}
	gdb_finish(g);
}

static void on_threads(struct gdb *g, struct gdb_args *a)
{
	(void)a;
	gdb_out_begin(&g->out);
	for (unsigned int i = 0; i < g->m->board.cpus; i++) {
		gdb_out_text(&g->out, i ? "," : "m");
		gdb_out_number(&g->out, i + 1);
	}
	gdb_finish(g);
}

static void on_more_threads(struct gdb *g, struct gdb_args *a)
{
	(void)a;
	gdb_say(g, "l");
}

static void on_thread_name(struct gdb *g, struct gdb_args *a)
{
	char name[] = "CPU 00";
	int thread;

	if (!gdb_args_thread(a, &thread) || !is_thread(g, thread)) {
		gdb_say_result(g, -EINVAL);
		return;
	}
	name[4] = (char)('0' + (thread - 1) / 10);
	name[5] = (char)('0' + (thread - 1) % 10);
	gdb_out_begin(&g->out);
	gdb_out_hex(&g->out, name, sizeof(name) - 1);
	gdb_finish(g);
}

/* --- running -------------------------------------------------------------- */

static void on_actions_offered(struct gdb *g, struct gdb_args *a)
{
	(void)a;
	gdb_say(g, "vCont;c;C;s;S");
}

static void on_resume(struct gdb *g, struct gdb_args *a)
{
	enum gdb_action action[RUN_CPUS_MAX];
	unsigned int cpus = g->m->board.cpus, staying = 0;

	if (!gdb_args_actions(a, action, cpus)) {
		gdb_say_result(g, -EINVAL);
		return;
	}
	while (staying < cpus && action[staying] == GDB_STAY)
		staying++;
	if (staying == cpus) {
		gdb_say_result(g, -EINVAL);
	} else if (g->state == GDB_LOOKING) {
		gdb_say_exit(g);
		g->done = true;
	} else {
		gdb_resume(g, action);
	}
}

static void on_detach(struct gdb *g, struct gdb_args *a)
{
	(void)a;
	gdb_say_result(g, 0);
	gdb_detach(g);
}

static void on_kill(struct gdb *g, struct gdb_args *a)
{
	(void)a;
	gdb_kill(g);
	if (g->state == GDB_LOOKING)
		g->done = true;
}

/* --- about us ------------------------------------------------------------- */

static void on_supported(struct gdb *g, struct gdb_args *a)
{
	(void)a;
	gdb_out_begin(&g->out);
	gdb_out_text(&g->out, "PacketSize=");
	gdb_out_number(&g->out, GDB_PACKET_MAX);
	gdb_out_text(&g->out, ";QStartNoAckMode+;qXfer:features:read+;"
			      "swbreak+;hwbreak+;vContSupported+");
	gdb_finish(g);
}

static void on_no_ack(struct gdb *g, struct gdb_args *a)
{
	(void)a;
	gdb_say_result(g, 0);
	g->no_ack = true;
}

static void on_description(struct gdb *g, struct gdb_args *a)
{
	uint64_t offset, length;

	if (!gdb_args_range(a, &offset, &length)) {
		gdb_say_result(g, -EINVAL);
		return;
	}
	if (!g->xml[0])
		gdb_regs_xml(g->width, g->xml);
	gdb_out_begin(&g->out);
	gdb_out_part(&g->out, g->xml, offset, length);
	gdb_finish(g);
}

static void on_attached(struct gdb *g, struct gdb_args *a)
{
	(void)a;
	gdb_say(g, "1"); /* so gdb detaches when it quits, and does not kill */
}

static void on_offsets(struct gdb *g, struct gdb_args *a)
{
	(void)a;
	gdb_out_begin(&g->out);
	if (g->text_base) {
		gdb_out_text(&g->out, "TextSeg=");
		gdb_out_number(&g->out, g->text_base);
	}
	gdb_finish(g);
}

/* "monitor" of gdb, in hexadecimal. The answer is text for a person. */
static void on_monitor(struct gdb *g, struct gdb_args *a)
{
	int fd = g->m->config->core_fd;
	struct err e = { .msg = "the core is written" };
	char word[4];

	if (a->end - a->at != 8 || !gdb_args_hex(a, word, 4) ||
	    memcmp(word, "core", 4) != 0)
		(void)err_set(&e, -EINVAL,
			      "there is only 'monitor core': write the file "
			      "of --core");
	else if (fd < 0)
		(void)err_set(&e, -EBADF, "start dive with --core FILE");
	else if (core_write(g->m, fd, gdb_cpu_known(g), g->current, &e) > 0)
		(void)err_set(&e, -E2BIG,
			      "the core is written, but for some mappings at "
			      "low addresses: there are too many");
	gdb_out_begin(&g->out);
	gdb_out_hex(&g->out, e.msg, strlen(e.msg));
	gdb_out_hex(&g->out, "\n", 1);
	gdb_finish(g);
}

static const struct {
	const char *word;
	void (*obey)(struct gdb *g, struct gdb_args *a);
} commands[] = {
	{ "qSupported", on_supported },
	{ "QStartNoAckMode", on_no_ack },
	{ "qXfer:features:read:target.xml:", on_description },
	{ "qfThreadInfo", on_threads },
	{ "qsThreadInfo", on_more_threads },
	{ "qThreadExtraInfo,", on_thread_name },
	{ "qAttached", on_attached },
	{ "qOffsets", on_offsets },
	{ "qRcmd,", on_monitor },
	{ "qC", on_current },
	{ "vCont?", on_actions_offered },
	{ "vCont", on_resume },
	{ "?", on_why },
	{ "Hg", on_thread },
	{ "Hc", on_run_thread },
	{ "T", on_alive },
	{ "g", gdb_on_get_regs },
	{ "G", gdb_on_set_regs },
	{ "p", gdb_on_get_reg },
	{ "P", gdb_on_set_reg },
	{ "m", gdb_on_read },
	{ "M", gdb_on_write },
	{ "Z", gdb_on_insert },
	{ "z", gdb_on_remove },
	{ "D", on_detach },
	{ "k", on_kill },
};

void gdb_command(struct gdb *g)
{
	struct gdb_args a = { g->in.data, g->in.data + g->in.size };

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (gdb_args_word(&a, commands[i].word)) {
			commands[i].obey(g, &a);
			return;
		}
	gdb_say(g, ""); /* the protocol's "I do not know that" */
}
