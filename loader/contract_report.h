/* SPDX-License-Identifier: Apache-2.0 */
/* What a contract kernel has left in its pages, for the report. */
#ifndef LOADER_CONTRACT_REPORT_H
#define LOADER_CONTRACT_REPORT_H

#include "base/report.h"
#include "contract/dive/control.h"
#include "contract/dive/crash.h"
#include "loader/contract.h"

/**
 * contract_crash() - the crash page of a CPU
 * @mem: memory of the kernel
 * @area: as planned
 * @cpu: which
 *
 * Return: the page; the kernel writes to it.
 */
struct dive_crash *contract_crash(const struct gmem *mem,
				  const struct contract_area *area,
				  unsigned int cpu);

/**
 * contract_report_crash() - what the crash page of a CPU says
 * @mem: memory of the kernel
 * @area: as planned
 * @r: @r->cpu is the CPU; crash and regs are written
 */
void contract_report_crash(const struct gmem *mem,
			   const struct contract_area *area,
			   struct exit_report *r);

/**
 * contract_report_marks() - marks as points in time
 * @control: the control page
 * @tsc: the kernel's TSC now
 * @tsc_khz: its frequency; 0 = not known
 * @r: mark_ns is written where there is a mark
 */
void contract_report_marks(const struct dive_control *control, uint64_t tsc,
			   uint64_t tsc_khz, struct exit_report *r);

#endif
