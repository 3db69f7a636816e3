/* SPDX-License-Identifier: Apache-2.0 */
/* The likely cause of a crash: a table of rules, the first that fits. */
#ifndef CLI_CAUSE_H
#define CLI_CAUSE_H

#include "cli/crash.h"

/**
 * struct cause - one rule
 * @name: short, for JSON and tests: "stack-overflow"
 * @text: in words, with what to do
 * @fits: does the crash look like it?
 */
struct cause {
	const char *name;
	const char *text;
	bool (*fits)(const struct crash *c);
};

/**
 * cause_find() - why did it crash?
 * @c: as gathered
 *
 * Return: the first rule that fits, or one named "unknown".
 */
const struct cause *cause_find(const struct crash *c);

/**
 * cause_find_memory() - the rules about page tables, pointers and the stack
 * @c: as gathered
 *
 * Return: the first rule that fits, or NULL.
 */
const struct cause *cause_find_memory(const struct crash *c);

#endif
