/* SPDX-License-Identifier: Apache-2.0 */
/* Starting CPUs, by INIT and SIPI through a page below 1 MiB. */
#ifndef PISCES_START_H
#define PISCES_START_H

#include "loader/entry.h"
#include "loader/pagetable.h"
#include "pisces/apic.h"

/**
 * struct start - what is needed for it
 * @apic: open; borrowed
 * @low: TRAMPOLINE_SIZE bytes below 1 MiB, mapped; NULL = not open
 * @mem: the same as memory of the CPU's
 * @tables: they map the trampoline, the local APIC, and the stub
 */
struct start {
	const struct apic *apic;
	uint8_t *low;
	struct gmem mem;
	struct pagetable tables;
};

/**
 * start_open() - get at the low memory
 * @s: overwritten, not to be moved; start_close() it, also on failure
 * @root: directory that stands for /
 * @apic: open; borrowed
 * @e: why not
 *
 * There is one such place: under journal_lock(), until start_close().
 *
 * Return: 0 or -errno.
 */
int must_check start_open(struct start *s, int root, const struct apic *apic,
			  struct err *e);

/**
 * start_close() - no more CPUs
 * @s: open, or low NULL
 */
void start_close(struct start *s);

/**
 * start_measure() - how fast is the timer of the local APIC
 * @s: open
 * @apic_id: a CPU that runs nothing; stopped again afterwards
 * @tsc_khz: frequency of the TSC
 * @ret_hz: of the timer at divisor 1, written on success
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check start_measure(struct start *s, uint32_t apic_id,
			     uint64_t tsc_khz, uint64_t *ret_hz, struct err *e);

/**
 * start_cpu() - send a CPU to the stub
 * @s: open
 * @apic_id: a CPU that runs nothing
 * @entry: of this CPU, as the loader gave it: rip is the stub, rdi its page
 * @mem: where both are
 * @e: says that it does not come
 *
 * Return: 0 or -errno.
 */
int must_check start_cpu(struct start *s, uint32_t apic_id,
			 const struct entry_state *entry,
			 const struct gmem *mem, struct err *e);

#endif
