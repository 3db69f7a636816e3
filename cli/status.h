/* SPDX-License-Identifier: Apache-2.0 */
/* How a run becomes the exit status of dive. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/run.h"

/* A guest may give these too: only --status-fd and --json tell them apart. */
#define STATUS_TIMEOUT   124
#define STATUS_FAILED    125
#define STATUS_REFUSED   126
#define STATUS_NOT_FOUND 127
#define STATUS_CRASHED   134

/**
 * status_of_run() - exit status for a kernel that ran
 * @report: of the run
 * @exit_ok: guest value that means success; -1 = none but 0
 *
 * Return: 0 .. 255; for STOP_SIGNAL 128 + signal, as a shell would say.
 */
int status_of_run(const struct exit_report *report, int exit_ok);

/**
 * status_of_error() - exit status for a kernel that could not be started
 * @e: why
 *
 * Return: STATUS_REFUSED, STATUS_NOT_FOUND or STATUS_FAILED.
 */
int status_of_error(const struct err *e);

/**
 * status_cause() - short name of a reason, for JSON
 * @reason: any value
 *
 * Return: static string such as "triple-fault".
 */
const char *status_cause(enum stop_reason reason);

/**
 * status_is_crash() - did the kernel fail?
 * @reason: any value
 *
 * Return: true for what ends with STATUS_CRASHED.
 */
bool status_is_crash(enum stop_reason reason);

#endif
