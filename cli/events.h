/* SPDX-License-Identifier: Apache-2.0 */
/* --trace and --stats: what left the guest, how often, and for how long. */
#ifndef CLI_EVENTS_H
#define CLI_EVENTS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/tally.h"
#include "cli/json.h"

/**
 * events_parse() - read the words of --trace
 * @list: with commas between them
 * @ret: TRACE_ bits are added
 * @e: which word is none
 *
 * Return: 0 or -EINVAL.
 */
int must_check events_parse(const char *list, unsigned int *ret, struct err *e);

/**
 * events_print() - the tally of a run
 * @out: where to
 * @t: of a run that ended
 * @picture: a table with bars; else tab separated columns
 */
void events_print(FILE *out, const struct tally *t, bool picture);

/**
 * events_json() - the same as a member "stats"
 * @j: an open object
 * @t: of a run that ended
 */
void events_json(struct json *j, const struct tally *t);

#endif
