/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking the partner (contract section 12): one channel per thread of the
 * program, and the control channel. In a thread of the program, which blocks
 * until the answer is there: it looks, with others let run in between, for as
 * long as sleep has cost lately, then it sleeps until the doorbell.
 */
#ifndef MINNOW_LINUX_CHANNEL_H
#define MINNOW_LINUX_CHANNEL_H

#include <dive.h>
#include <dive/delegate.h>

struct task;

/**
 * struct call_cost - what a request has cost, in TSC cycles
 * @total: from asking to having the answer
 * @service: how much of it the partner says it took, at most @total
 */
struct call_cost {
	uint64_t total;
	uint64_t service;
};

/**
 * channel_init() - find the window; once
 * @window: from the contract
 *
 * Return: 0 or -ENODEV when it is too small.
 */
int channel_init(const struct dive_range *window);

/**
 * channel_area() - the beginning of what both sides share
 *
 * The partner writes there at any time: fetch each value once and check it.
 *
 * Return: the first page of the area.
 */
struct dive_delegate *channel_area(void);

/**
 * call_linux() - have the partner do a system call
 * @nr: number
 * @arg: for Linux; pointers were checked
 * @cost: written, or NULL
 *
 * On the channel of the thread that calls. A signal (wait_interrupt()) ends it
 * as in Linux: with -EINTR if the call can be interrupted.
 *
 * Return: Linux's result, or DIVE_CALL_NOT_BEGUN. -EINTR, too, when the program
 * ends: the thread must go back to its program, where it dies.
 */
int64_t call_linux(uint32_t nr, const uint64_t arg[6], struct call_cost *cost);

/**
 * call_linux_surely() - the same for the kernel's own purposes
 * @nr: number; of a call that does not take long
 * @arg: for Linux
 *
 * No signal interrupts it, but the end of the program does.
 *
 * Return: as above.
 */
int64_t call_linux_surely(uint32_t nr, const uint64_t arg[6]);

/**
 * channel_open() - a channel for a new thread, and a thread of the partner
 * @task: gets channel and tid; not started
 *
 * Return: 0, -EAGAIN when all channels are taken, or Linux's error.
 */
int channel_open(struct task *task);

/**
 * channel_close() - the thread of the partner ends
 * @task: has a channel; the thread that calls, or one that never ran
 */
void channel_close(struct task *task);

/**
 * channel_map() - have the partner map a part of the window
 * @va: where; a multiple of DIVE_PIECE as the others
 * @offset: in the window
 * @size: bytes
 *
 * Return: 0 or Linux's error.
 */
int channel_map(uintptr_t va, uint64_t offset, uint64_t size);

/* As process.c begins and ends them. */

/**
 * channel_begin() - take the ends of a new partner's channels
 * @task: of the first thread, not started; gets its channel
 * @channels: how many the partner serves, 2 to DIVE_CHANNELS_MAX
 *
 * Nobody else uses a channel.
 */
void channel_begin(struct task *task, unsigned int channels);

/**
 * channel_exit() - tell the partner how the program has ended
 * @status: exit status
 * @signal: or what ended it, else 0
 *
 * When no other thread uses a channel any more. It is not answered.
 */
void channel_exit(int status, int signal);

/**
 * channel_wake_all() - let every thread that waits see that it is over
 */
void channel_wake_all(void);

#endif
