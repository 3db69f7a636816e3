/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What calls have cost, in the window for whoever reads it there. Which entry
 * is whose is kept in the kernel. Any thread, also several at a time.
 */
#ifndef MINNOW_LINUX_COUNT_H
#define MINNOW_LINUX_COUNT_H

#include <stdbool.h>
#include <stdint.h>

struct call_cost;
struct dive_count;

/**
 * count_init() - forget everything; before the first call
 * @shared: DIVE_COUNTS_MAX entries, zeroed here; only written afterwards
 */
void count_init(struct dive_count *shared);

/**
 * count_local() - a call was served here
 * @how: DIVE_COUNT_*
 * @nr: of the call
 * @command: its command, or 0
 * @cycles: TSC
 * @failed: its result is an error
 */
void count_local(uint32_t how, uint32_t nr, uint32_t command, uint64_t cycles,
		 bool failed);

/**
 * count_forward() - a call was forwarded
 * @how: DIVE_COUNT_*
 * @nr: of the call
 * @command: its command, or 0
 * @cost: what it took
 * @failed: its result is an error
 */
void count_forward(uint32_t how, uint32_t nr, uint32_t command,
		   const struct call_cost *cost, bool failed);

/**
 * count_refuse() - a call was refused
 * @nr: of the call
 * @command: its command, or 0
 * @error: with which errno, positive
 */
void count_refuse(uint32_t nr, uint32_t command, int error);

/**
 * struct count_refusal - a call that was refused
 * @nr: of the call
 * @command: its command, or 0
 * @error: errno of the last time
 * @times: how often
 */
struct count_refusal {
	uint32_t nr;
	uint32_t command;
	int error;
	uint64_t times;
};

/**
 * count_refusal() - look at the refused calls
 * @at: where to begin, 0 at first; moved behind the one that is found
 * @refusal: written
 *
 * Return: false when there is none any more.
 */
bool count_refusal(unsigned int *at, struct count_refusal *refusal);

#endif
