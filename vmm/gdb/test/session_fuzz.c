// SPDX-License-Identifier: Apache-2.0
// Whatever a client sends, every packet gets one well-formed answer, at most.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/dev/test/fuzz.h"
#include "vmm/gdb/session.h"

#define RAM 0x8000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t ram[RAM];

/* A frame has one '$', one '#' and the sum of what is between them. */
static void check_answer(const struct gdb_out *out)
{
	uint8_t sum = 0;
	char want[3];

	FUZZ_CHECK(out->size >= 4 && out->size <= sizeof(out->data));
	FUZZ_CHECK(out->data[0] == '$' && out->data[out->size - 3] == '#');
	for (size_t i = 1; i < out->size - 3; i++) {
		FUZZ_CHECK(!strchr("$#}*", out->data[i]));
		sum = (uint8_t)(sum + (uint8_t)out->data[i]);
	}
	snprintf(want, sizeof(want), "%02x", sum);
	FUZZ_CHECK(memcmp(&out->data[out->size - 2], want, 2) == 0);
}

/* The machine has ended: no KVM is needed, and memory is as it was left. */
static void build(struct gdb *g, struct machine *m, struct exit_report *r)
{
	static const struct run_config config = { .core_fd = -1 };
	struct gmem_region region = { .size = RAM, .host = ram };

	memset(ram, 0x90, RAM);
	r->reason = STOP_EXCEPTION;
	r->crash = (struct cpu_crash){ .valid = true, .vector = 14 };
	m->config = &config;
	m->report = r;
	m->board.cpus = 2;
	for (unsigned int i = 0; i < 2; i++) {
		m->cpu[i].machine = m;
		m->cpu[i].id = i;
		m->cpu[i].fd = -1;
	}
	FUZZ_CHECK(gmem_add(&m->mem, &region, NULL) == 0);
	pthread_mutex_init(&g->lock, NULL);
	g->m = m;
	g->conn_fd = g->listen_fd = g->wake_fd = -1;
	g->state = GDB_LOOKING;
	g->over = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t clean = 0x90;
	struct machine m = { .cpu = calloc(2, sizeof(struct vcpu)) };
	struct exit_report report = { .reason = STOP_NONE };
	struct gdb *g = calloc(1, sizeof(*g));

	FUZZ_CHECK(g && m.cpu);
	build(g, &m, &report);
	for (size_t i = 0; i < size; i++) {
		enum gdb_event event = gdb_in_byte(&g->in, data[i]);

		FUZZ_CHECK(g->in.size <= GDB_PACKET_MAX);
		/* A fuzzer does not find checksums: a wrong one is right. */
		if (event != GDB_EVENT_PACKET && event != GDB_EVENT_BAD)
			continue;
		g->out.size = 0;
		gdb_command(g);
		if (g->out.size)
			check_answer(&g->out);
		FUZZ_CHECK(g->current < 2 && g->state == GDB_LOOKING);
	}
	/* Nothing of gdb's stays behind, but for what it wrote itself. */
	if (!memmem(data, size, "M", 1)) {
		gdb_points_clear(&g->points, &m.mem);
		for (size_t i = 0; i < RAM; i++)
			FUZZ_CHECK(ram[i] == clean);
	}
	free(g);
	free(m.cpu);
	return 0;
}
