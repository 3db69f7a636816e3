/* SPDX-License-Identifier: Apache-2.0 */
/* --report: what the calls of a program have cost. */
#ifndef CLI_PROFILE_H
#define CLI_PROFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/gmem.h"
#include "base/run.h"

struct split;

/**
 * struct profile - what is wanted of it, and who makes it
 * @text: on stderr, for people
 * @json: file for the counts; NULL = none
 * @svg: file for pictures; NULL = none
 * @file: @json, open
 * @reader: where diver reads the counts
 * @diver: its process id; 0 = there is none
 */
struct profile {
	bool text;
	const char *json;
	const char *svg;
	FILE *file;
	FILE *reader;
	pid_t diver;
};

/**
 * struct profile_run - the run that is told about
 * @words: of the command; NULL = there was no program
 * @native: Linux ran the program itself
 * @status: exit status
 * @is_ended: the program has ended, it was not stopped
 * @load_ns: from when the kernel had it to its first instruction
 * @run_ns: from there to its end; of a native one all
 * @tsc_khz: of the kernel's machine
 * @mem: memory of either machine; stopped, and not yet freed
 * @area: where in it struct dive_delegate is
 */
struct profile_run {
	char *const *words;
	bool native;
	int status;
	bool is_ended;
	uint64_t load_ns;
	uint64_t run_ns;
	uint64_t tsc_khz;
	const struct gmem *mem;
	gpa_t area;
};

/**
 * profile_gather() - what is told but for words and status
 * @ret: the rest is written; its words go when they are of no program
 * @split: has run
 * @report: of the kernel; its memory is used until profile_tell()
 */
void profile_gather(struct profile_run *ret, const struct split *split,
		    const struct exit_report *report);

/**
 * profile_wanted() - is there anything to tell
 * @p: options
 *
 * Return: true when --report was given.
 */
bool profile_wanted(const struct profile *p);

/**
 * profile_set() - the value of --report
 * @p: options
 * @arg: NULL, or json:FILE or svg:FILE; kept
 * @e: what is wrong with it
 *
 * Return: 0 or -EINVAL.
 */
int must_check profile_set(struct profile *p, const char *arg, struct err *e);

/**
 * profile_open() - open the file, start diver
 * @p: options
 * @e: why not
 *
 * Before confine(): afterwards nothing can be opened or started. diver waits
 * for its input, and writes to our stderr when it has all of it.
 *
 * Return: 0 or -errno, never -ENOENT; profile_close() in both cases.
 */
int must_check profile_open(struct profile *p, struct err *e);

/**
 * profile_tell() - write the counts
 * @p: open
 * @run: no machine runs any more. Nothing is told of a program that was not
 *	started
 */
void profile_tell(struct profile *p, const struct profile_run *run);

/**
 * profile_close() - close the file, wait until diver has told
 * @p: any; without profile_tell() diver says nothing
 * @e: what could not be written
 *
 * Return: 0 or -EIO.
 */
int must_check profile_close(struct profile *p, struct err *e);

#endif
