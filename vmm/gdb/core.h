/* SPDX-License-Identifier: Apache-2.0 */
/* An ELF core of a stopped machine, for gdb. */
#ifndef VMM_CORE_H
#define VMM_CORE_H

#include "vmm/machine.h"

/**
 * core_write() - write registers and memory as an ELF core
 * @m: all CPUs are held, or their threads have ended
 * @fd: regular file; overwritten
 * @known: the complete report when the machine has ended, else NULL
 * @first: the CPU that gdb shows first: its page tables say what lies where
 * @e: why not
 *
 * The file has all of RAM once, with holes for zeros; the segments map linear
 * addresses to it (physical ones when paging is off).
 *
 * Return: 0 or -errno; 1 when there are more mappings than segments in a core,
 * so that some low addresses are missing.
 */
int must_check core_write(const struct machine *m, int fd,
			  const struct exit_report *known, unsigned int first,
			  struct err *e);

#endif
