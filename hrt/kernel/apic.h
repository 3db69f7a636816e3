/* SPDX-License-Identifier: Apache-2.0 */
/* The local APIC: interrupts between CPUs and the timer. */
#ifndef MINNOW_APIC_H
#define MINNOW_APIC_H

#include <stdint.h>

/**
 * apic_init() - find out how its registers are reached; once
 */
void apic_init(void);

/**
 * apic_setup() - prepare the timer of this CPU
 */
void apic_setup(void);

/**
 * apic_end() - say that the interrupt has been taken
 */
void apic_end(void);

/**
 * apic_send() - interrupt another CPU
 * @apicid: which
 * @vector: VECTOR_*
 *
 * It sees what this CPU has stored before. Interrupts off.
 */
void apic_send(uint32_t apicid, uint32_t vector);

/**
 * apic_timer() - one interrupt with VECTOR_TIMER on this CPU
 * @count: in how many ticks of the APIC's clock; replaces the former one
 */
void apic_timer(uint32_t count);

#endif
