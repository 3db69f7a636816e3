/* SPDX-License-Identifier: Apache-2.0 */
/* --keep: a split VM that others bring programs to, one after the other. */
#ifndef HRT_KEEP_H
#define HRT_KEEP_H

#include "hrt/program.h"

struct keep;

/**
 * keep_open() - listen at a local socket
 * @ret: NULL on failure
 * @path: of the socket; only our user can use it
 * @p: opened; its machine is not ended by the end of a program any more.
 *	Borrowed
 * @e: why not
 *
 * Whoever connects (cli/attach.c) sends JOB_START with three descriptors, then
 * any number of JOB_SIGNAL and JOB_SIZE, and gets JOB_STARTED and JOB_ENDED, or
 * JOB_FAILED.
 *
 * Return: 0 or -errno.
 */
int must_check keep_open(struct keep **ret, const char *path, struct program *p,
			 struct err *e);

/**
 * keep_start() - serve, on a thread of its own
 * @k: opened; all signals are blocked
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check keep_start(struct keep *k, struct err *e);

/**
 * keep_close() - end that
 * @k: NULL allowed; its program's machine has stopped
 */
void keep_close(struct keep *k);

#endif
