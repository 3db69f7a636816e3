/* SPDX-License-Identifier: Apache-2.0 */
/* --trace and --stats: looks at every event, when somebody asked for it. */
#ifndef VMM_OBSERVE_H
#define VMM_OBSERVE_H

#include <pthread.h>

#include "base/tally.h"
#include "contract/lib/ring.h"

struct machine;
struct vcpu;

/**
 * struct observer - what looks; there is none without --trace and --stats
 * @machine: whose events
 * @lock: all of this; nothing else is ever locked while it is held
 * @trace: TRACE_ bits
 * @ring: our end of the ring to the trace's stream
 * @memory: of the ring; NULL without a trace
 * @window_ns: begin of the second that is counted for the bound on lines
 * @lines: told in this second
 * @untold: events since the last line
 * @untold_all: since the beginning
 * @tally: config.tally
 */
struct observer {
	struct machine *machine;
	pthread_mutex_t lock;
	unsigned int trace;
	struct ring_end ring;
	uint8_t *memory;
	uint64_t window_ns;
	unsigned int lines;
	uint64_t untold;
	uint64_t untold_all;
	struct tally *tally;
};

/**
 * observe_open() - begin to look, if the user wants it
 * @m: VM and CPUs created, streams attached; m->cpu[].observer and m->vm.observer
 *	are written
 * @e: why not
 *
 * The lines go out as one more stream: no vCPU ever waits for who reads them.
 *
 * Return: 0 or -errno.
 */
int must_check observe_open(struct machine *m, struct err *e);

/**
 * observe_close() - say what was not told, give the names of devices
 * @m: stopped, rings owned by the caller, not yet drained
 */
void observe_close(struct machine *m);

/**
 * observe_free() - release what observe_open() took
 * @m: any
 */
void observe_free(struct machine *m);

/**
 * observe_begin() - KVM_RUN has returned
 * @cpu: has an observer; on its thread
 */
void observe_begin(struct vcpu *cpu);

/**
 * observe_end() - everything was done about it
 * @cpu: after observe_begin()
 * @error: errno of KVM_RUN, 0 = an exit
 */
void observe_end(struct vcpu *cpu, int error);

/**
 * observe_irq() - an interrupt was raised
 * @observer: of the machine
 * @kind: EVENT_LINE or EVENT_MSI
 * @addr: line, or vector
 * @value: level, or local APIC's number
 * @since_ns: CLOCK_MONOTONIC when it began
 *
 * Any thread, with or without the machine's lock.
 */
void observe_irq(struct observer *observer, unsigned int kind, uint64_t addr,
		 uint64_t value, uint64_t since_ns);

#endif
