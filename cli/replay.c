// SPDX-License-Identifier: Apache-2.0
// A second look at a triple fault, one instruction at a time.
#include "cli/replay.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"

/* A step costs 50 to 100 times a plain instruction, or more. */
#define FIRST_RUN_MAX_NS  (NS_PER_S / 2)
#define SECOND_RUN_MAX_NS (10 * NS_PER_S)

static uint64_t run_time(const struct exit_report *report)
{
	return report->phase_ns[PHASE_STOPPED] - report->phase_ns[PHASE_CPUS];
}

/* Not more than --timeout leaves, and never 0, which is no limit. */
static uint64_t time_left(const struct run_config *config,
			  const struct exit_report *report)
{
	uint64_t limit = config->timeout_ns;

	if (limit == 0 || limit > SECOND_RUN_MAX_NS + run_time(report))
		return SECOND_RUN_MAX_NS;
	return limit > run_time(report) ? limit - run_time(report) : 1;
}

/* And can it be done again? Disks and files are not what they were. */
static bool is_worth_it(const struct run_config *config,
			const struct exit_report *report)
{
	return report->reason == STOP_TRIPLE_FAULT && !report->regs_real &&
	       report->bytes_in == 0 && config->cpus == 1 && !config->gdb &&
	       !config->disks && !config->nets && !config->shares &&
	       run_time(report) < FIRST_RUN_MAX_NS;
}

void replay_triple_fault(const struct run_config *config, struct fullvm **vm,
			 struct exit_report *report)
{
	struct exit_report second = { .reason = STOP_NONE };
	struct run_config again = *config;
	struct fullvm *stepped = NULL;
	int ends[2];

	if (!is_worth_it(config, report))
		return;
	/* Its input is at its end, its output goes nowhere. */
	if (pipe2(ends, O_CLOEXEC))
		return;
	close(ends[1]);
	again.in_fd = ends[0];
	again.out_fd = again.console_fd = -1;
	again.timeout_ns = time_left(config, report);
	again.step = true;
	again.notify = NULL;
	again.trace = 0;
	again.tally = NULL;
	again.pinned = again.quiet_cpu = false;
	if (fullvm_again(*vm, &again, &stepped, &second, NULL) == 0 &&
	    second.reason == STOP_TRIPLE_FAULT) {
		struct fullvm *first = *vm;

		report->regs = second.regs;
		report->mem = second.mem;
		report->image_fd = second.image_fd;
		report->regs_real = report->stepped = true;
		report->snapshot_age_ns = 0;
		*vm = stepped;
		stepped = first;
	}
	fullvm_free(stepped, false);
	close(ends[0]);
}
