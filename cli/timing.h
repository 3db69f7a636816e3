/* SPDX-License-Identifier: Apache-2.0 */
/* --timing: where the time of one run went. */
#ifndef CLI_TIMING_H
#define CLI_TIMING_H

#include <stdbool.h>
#include <stdio.h>

#include "base/run.h"

/**
 * timing_print() - phases, marks and exits of a run
 * @out: where to
 * @report: of a run that ended
 * @picture: draw bars; else tab separated columns
 */
void timing_print(FILE *out, const struct exit_report *report, bool picture);

/**
 * timing_phase() - what was done in a phase
 * @phase: PHASE_IMAGE or a later one
 *
 * Return: a few words; static string.
 */
const char *timing_phase(enum run_phase phase);

/**
 * timing_length() - from main() to the last phase that was reached
 * @report: of a run that ended
 *
 * Return: ns; 0 = it did not even begin.
 */
uint64_t timing_length(const struct exit_report *report);

#endif
