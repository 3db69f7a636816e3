/* SPDX-License-Identifier: Apache-2.0 */
/* Resources first, then nothing more: what a run gives up before it begins. */
#ifndef VMM_CONFINE_H
#define VMM_CONFINE_H

#include <stdint.h>

#include "base/err.h"

/*
 * What the filter has for the process number of dive until confine() puts it
 * there. No process has this one: Linux counts to 2^22.
 */
#define CONFINE_PID 0x7d697665u

/**
 * confine() - give up everything a run does not need
 * @memory: bytes of guest memory
 * @cpus: virtual CPUs
 * @e: why not
 *
 * For this process, its threads and its children, for good. An empty root
 * directory and no privileges, where the host allows a name space; a limit on
 * memory; and a seccomp filter: of all system calls only those are left that a
 * comment "syscall:" beside our code asks for. The others fail with EPERM.
 *
 * Return: 0 or -errno.
 */
int must_check confine(uint64_t memory, unsigned int cpus, struct err *e);

#endif
