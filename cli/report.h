/* SPDX-License-Identifier: Apache-2.0 */
/* The crash report: for people, and as JSON. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdio.h>

#include "cli/crash.h"
#include "cli/json.h"

/**
 * report_reason() - one line: what happened, without a place
 * @out: where to
 * @c: as gathered
 */
void report_reason(FILE *out, const struct crash *c);

/**
 * report_print() - the whole report
 * @out: where to
 * @c: as gathered
 *
 * Everything from the guest or its file is sanitised.
 */
void report_print(FILE *out, const struct crash *c);

/**
 * report_json() - the same facts, as one member "crash"
 * @j: an open object
 * @c: as gathered
 */
void report_json(struct json *j, const struct crash *c);

/**
 * report_whereabouts() - "in foo+0x12 (foo.c:7)"
 * @out: where to
 * @now: registers, slide and virt_base of a kernel
 * @symbols: of the image; NULL = none
 */
void report_whereabouts(FILE *out, const struct exit_report *now,
			struct symbols *symbols);

#endif
