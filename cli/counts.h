/* SPDX-License-Identifier: Apache-2.0 */
/* What a program's calls have cost, taken out of the window and checked. */
#ifndef CLI_COUNTS_H
#define CLI_COUNTS_H

#include "base/gmem.h"
#include "cli/json.h"
#include "contract/dive/delegate.h"

#define REPORT_VERSION 1 /* of what --report=json writes */

/* Above this a reader of JSON that uses doubles would lose digits. */
#define COUNTS_MAX   (UINT64_C(1) << 53)
#define COUNTS_CALLS 1024 /* numbers of system calls are below */

/**
 * struct counts - what is told about a run as a whole
 * @partner_wakes: threads of the partner that a doorbell woke
 * @partner_faults: page faults that Linux served for it
 * @call_wakes: answers for which a thread of the kernel slept
 * @call_spins: and those that came before
 * @channels: that the partner served
 */
struct counts {
	uint64_t partner_wakes;
	uint64_t partner_faults;
	uint64_t call_wakes;
	uint64_t call_spins;
	uint32_t channels;
};

/**
 * counts_read() - what is told about the run
 * @mem: of either machine
 * @area: where struct dive_delegate is
 * @ret: written on success; no number is above COUNTS_MAX
 *
 * Guests have written all of it: it is copied once and then checked.
 *
 * Return: 0; -EFAULT there is no such memory, -ENODATA nobody has delegated.
 */
int must_check counts_read(const struct gmem *mem, gpa_t area,
			   struct counts *ret);

/**
 * counts_row() - one kind of call
 * @mem: see counts_read()
 * @area: see counts_read()
 * @index: below DIVE_COUNTS_MAX
 * @ret: written on success; how, nr and policy are valid, no number is above
 *	COUNTS_MAX, and what is not of a system call has neither nr nor command
 *
 * Return: 0; -ENODATA the entry is free; -EINVAL nobody could have meant it;
 * -EFAULT.
 */
int must_check counts_row(const struct gmem *mem, gpa_t area,
			  unsigned int index, struct dive_count *ret);

/**
 * counts_json() - all of it, as members of an object
 * @j: in an object
 * @mem: see counts_read()
 * @area: see counts_read()
 *
 * Nothing when nobody has delegated. cli/README.md says what is written.
 */
void counts_json(struct json *j, const struct gmem *mem, gpa_t area);

#endif
