// SPDX-License-Identifier: Apache-2.0
// Fuzzes page walks and backtraces: registers and memory are the input.
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/backtrace.h"
#include "base/pagewalk.h"

#define PAGES 8
#define RAM   (PAGES * 4096)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Memory starts at 0, where small numbers lead. */
static uint8_t ram[RAM];

static void check(const struct gmem *m, const struct cpu_regs *regs, gva_t va)
{
	struct walk w;
	char bytes[64];
	size_t n;

	pagewalk(m, regs, va, &w);
	assert(w.steps <= WALK_STEPS_MAX);
	assert(w.in_ram == (w.end == WALK_MAPPED && w.gpa < RAM));
	n = pagewalk_read(m, regs, va, bytes, sizeof(bytes));
	assert(n <= sizeof(bytes));
	assert((n > 0) == w.in_ram);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gmem_region r = { .size = RAM, .host = ram };
	struct gmem m = { 0 };
	struct cpu_regs regs = { 0 };
	struct backtrace b;
	size_t n = size < sizeof(regs) ? size : sizeof(regs);

	if (n > 0)
		memcpy(&regs, data, n);
	data += n;
	size -= n;
	memset(ram, 0, RAM);
	if (size > 0)
		memcpy(ram, data, size < RAM ? size : RAM);
	if (gmem_add(&m, &r, NULL) < 0)
		return 0;
	check(&m, &regs, regs.rip);
	check(&m, &regs, regs.cr2);
	check(&m, &regs, regs.gpr[4]);
	backtrace_take(&m, &regs, regs.gpr[0], &b);
	assert(b.frames >= 1 && b.frames <= BACKTRACE_MAX);
	assert(b.pc[0] == backtrace_linear_ip(&regs));
	return 0;
}
