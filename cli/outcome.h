/* SPDX-License-Identifier: Apache-2.0 */
/* The outcome of a run as one JSON line. */
#ifndef CLI_OUTCOME_H
#define CLI_OUTCOME_H

#include "base/run.h"
#include "cli/json.h"

/**
 * outcome_run() - a kernel that ran
 * @j: an open object; members are added
 * @report: of the run
 * @status: what dive exits with
 */
void outcome_run(struct json *j, const struct exit_report *report, int status);

/**
 * outcome_error() - a kernel that could not be started
 * @j: an open object; members are added
 * @e: why
 */
void outcome_error(struct json *j, const struct err *e);

/**
 * outcome_phase() - short name of a phase
 * @phase: below RUN_PHASES
 *
 * Return: static string; names what ends at phase_ns[phase].
 */
const char *outcome_phase(enum run_phase phase);

#endif
