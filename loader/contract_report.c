// SPDX-License-Identifier: Apache-2.0
// Crash pages and marks, as the report has them.
#include "loader/contract_report.h"

#include <string.h>

#include "base/clock.h"
#include "contract/stub/stub.h"

struct dive_crash *contract_crash(const struct gmem *mem,
				  const struct contract_area *area,
				  unsigned int cpu)
{
	gpa_t at = area->cpu_pages + cpu * (uint64_t)CPU_PAGE_SIZE +
		   CPU_PAGE_CRASH;

	return gmem_ptr(mem, at, sizeof(struct dive_crash));
}

void contract_report_crash(const struct gmem *mem,
			   const struct contract_area *area,
			   struct exit_report *r)
{
	struct dive_crash page;

	/* One copy: the other CPUs are stopped, but nothing is trusted. */
	memcpy(&page, contract_crash(mem, area, r->cpu), sizeof(page));
	r->crash.valid = true;
	r->crash.panic = page.state == DIVE_CRASH_PANIC;
	r->crash.vector = page.vector;
	r->crash.error = page.error;
	page.text[sizeof(page.text) - 1] = '\0';
	for (size_t i = 0; page.text[i]; i++)
		r->crash.text[i] = page.text[i] >= ' ' && page.text[i] < 127
					   ? page.text[i]
					   : '?';
	memcpy(r->regs.gpr, page.gpr, sizeof(page.gpr));
	r->regs.rip = page.rip;
	r->regs.rflags = page.rflags;
	r->regs.cs = (uint16_t)page.cs;
	r->regs.ss = (uint16_t)page.ss;
	r->regs.cr0 = page.cr0;
	r->regs.cr2 = page.cr2;
	r->regs.cr3 = page.cr3;
	r->regs.cr4 = page.cr4;
}

/* From one pair of readings. */
void contract_report_marks(const struct dive_control *control, uint64_t tsc,
			   uint64_t tsc_khz, struct exit_report *r)
{
	uint64_t now = clock_now_ns();

	for (unsigned int i = 0; i < DIVE_MARKS && tsc_khz; i++) {
		uint64_t mark = control->marks[i];

		if (mark && mark <= tsc)
			r->mark_ns[i] =
				now - (uint64_t)((__uint128_t)(tsc - mark) *
						 1000000 / tsc_khz);
	}
}
