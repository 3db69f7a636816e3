/* SPDX-License-Identifier: Apache-2.0 */
/* --timing of a program: from the command to its first instruction. */
#ifndef CLI_PROGRAM_TIME_H
#define CLI_PROGRAM_TIME_H

#include <stdio.h>

#include "cli/json.h"
#include "hrt/program.h"

/* Parts of the time; the first two are at the same time. */
enum program_part {
	PART_ROS_BOOT, /* to JOB_READY */
	PART_HRT_BOOT, /* to DIVE_MARK_WAITS */
	PART_CONNECT,  /* from the later of both to DIVE_MARK_TAKEN */
	PART_LOAD,     /* from there to DIVE_MARK_ENTERED */
	PART_ALL,
	PART_RUN, /* from there to its end */
	PROGRAM_PARTS,
};

/**
 * struct program_time - how long each part took
 * @valid: there was a program
 * @ns: nanoseconds; 0 = did not come to its end
 */
struct program_time {
	bool valid;
	uint64_t ns[PROGRAM_PARTS];
};

/**
 * program_time_split() - take the time apart
 * @t: overwritten
 * @p: has run; NULL = there was none
 * @report: of the kernel
 */
void program_time_split(struct program_time *t, const struct program *p,
			const struct exit_report *report);

/**
 * program_time_print() - in words
 * @t: of a run
 * @out: where to
 */
void program_time_print(const struct program_time *t, FILE *out);

/**
 * program_time_json() - as an object
 * @t: of a run
 * @j: inside an object
 */
void program_time_json(const struct program_time *t, struct json *j);

#endif
