/* SPDX-License-Identifier: Apache-2.0 */
/* An ELF core of a stopped machine, for gdb. */
#ifndef VMM_CORE_H
#define VMM_CORE_H

#include "vmm/machine.h"

/**
 * core_write() - write the file of --core
 * @m: all CPUs are held, or their threads have ended
 * @known: the complete report when the machine has ended, else NULL
 * @first: the CPU that gdb shows first; its page tables say what lies where
 * @e: why not
 *
 * Return: 0 or -errno; -EBADF without --core.
 */
int must_check core_write(const struct machine *m,
			  const struct exit_report *known, unsigned int first,
			  struct err *e);

#endif
