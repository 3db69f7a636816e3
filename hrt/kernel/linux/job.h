/* SPDX-License-Identifier: Apache-2.0 */
/* What the partner wants to be run. */
#ifndef MINNOW_LINUX_JOB_H
#define MINNOW_LINUX_JOB_H

#include <stdbool.h>

struct job;

/**
 * job_init() - get memory for jobs; once
 *
 * Return: false when there is none.
 */
bool job_init(void);

/**
 * job_wait() - wait for the next program
 * @job: written; its strings stay until the next call
 *
 * In the first thread. What makes no sense is reported and passed over.
 *
 * Return: how many channels the partner serves, 2 to DIVE_CHANNELS_MAX.
 */
unsigned int job_wait(struct job *job);

/**
 * job_is_gone() - has the partner of the job that was taken last ended
 *
 * Return: true when it has.
 */
bool job_is_gone(void);

#endif
