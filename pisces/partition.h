/* SPDX-License-Identifier: Apache-2.0 */
/* Mode pisces: a contract kernel on CPUs and memory that Linux gave. */
#ifndef PISCES_PARTITION_H
#define PISCES_PARTITION_H

#include "base/run.h"

struct partition;

/**
 * partition_run() - take, boot, serve until the end, give the CPUs back
 * @config: image, cmdline, boot, mem_size, mem_base, cpus, pin, timeout_ns,
 *	initrds, in_fd, out_fd and console_fd are used; borrowed until
 *	partition_free()
 * @ret: partition_free() it; NULL on failure
 * @report: phase_ns[PHASE_START] is set; the rest is written
 * @e: why the kernel did not start
 *
 * Not reentrant: signals are blocked while Linux misses its CPUs.
 *
 * Return: 0 when the kernel ran, or -errno with everything given back.
 */
int must_check partition_run(const struct run_config *config,
			     struct partition **ret, struct exit_report *report,
			     struct err *e);

/**
 * partition_free() - give the memory back
 * @p: NULL is allowed
 * @e: what could not be given back; a later start tries it again
 *
 * Return: 0 or -errno.
 */
int must_check partition_free(struct partition *p, struct err *e);

/**
 * partition_release() - give back what processes have left that died
 * @ret_count: partitions
 * @e: what could not be given back
 *
 * Return: 0 or -errno.
 */
int must_check partition_release(unsigned int *ret_count, struct err *e);

#endif
