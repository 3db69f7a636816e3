/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts to other CPUs, sent from a process: /dev/mem or the MSR driver. */
#ifndef PISCES_APIC_H
#define PISCES_APIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* What is sent (Intel SDM 3A 11.6.1): delivery mode, and assert. */
#define APIC_INIT        0x4500u
#define APIC_STARTUP(pa) (0x4600u | (uint32_t)((pa) >> 12))
#define APIC_NMI         0x4400u
#define APIC_FIXED(vec)  (0x4000u | (vec))

/**
 * struct apic - the local APIC of the CPU that this process runs on
 * @is_x2: in x2APIC mode
 * @page: its registers, mapped; NULL in x2APIC mode
 * @msr: descriptor of /dev/cpu/N/msr; -1 in xAPIC mode
 */
struct apic {
	bool is_x2;
	volatile uint32_t *page;
	int msr;
};

/**
 * apic_open() - get at it
 * @a: overwritten; apic_close() it, also on failure
 * @root: directory that stands for /
 * @e: what Linux has to be told for it
 *
 * In xAPIC mode the calling thread is bound to the CPU that it is on: two
 * writes make an interrupt.
 *
 * Return: 0 or -errno.
 */
int must_check apic_open(struct apic *a, int root, struct err *e);

/**
 * apic_close() - release what apic_open() took
 * @a: opened, or page NULL and msr -1
 */
void apic_close(struct apic *a);

/**
 * apic_send() - interrupt a CPU
 * @a: open
 * @apic_id: of the other CPU
 * @what: APIC_INIT and its kin
 *
 * In xAPIC mode an interrupt of Linux between the two writes can send ours to
 * the wrong CPU; only a driver can exclude that. It is made improbable.
 */
void apic_send(const struct apic *a, uint32_t apic_id, uint32_t what);

#endif
