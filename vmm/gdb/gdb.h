/* SPDX-License-Identifier: Apache-2.0 */
/* The gdb stub: what the rest of the machine calls; see gdb.c. */
#ifndef VMM_GDB_H
#define VMM_GDB_H

#include "loader/image.h"
#include "vmm/machine.h"

/**
 * gdb_open() - listen, when --gdb asks for it
 * @m: config set; gdb is written
 * @e: why not; names --gdb
 *
 * With --gdb-wait every CPU is held from the beginning.
 *
 * Return: 0 or -errno; gdb_close() in both cases.
 */
int must_check gdb_open(struct machine *m, struct err *e);

/**
 * gdb_place() - tell gdb where the image lies
 * @m: report.slide set; nothing happens without --gdb
 * @img: the kernel
 */
void gdb_place(struct machine *m, const struct image *img);

/**
 * gdb_start() - start the session thread
 * @m: all CPU threads exist; nothing happens without --gdb
 * @e: why not
 *
 * Main thread.
 *
 * Return: 0 or -errno.
 */
int must_check gdb_start(struct machine *m, struct err *e);

/**
 * gdb_holds() - shall this CPU stay out of the guest
 * @cpu: any
 *
 * Return: true when it must leave KVM_RUN as soon as no exit is half done.
 */
bool gdb_holds(const struct vcpu *cpu);

/**
 * gdb_hold() - wait, if gdb wants that, until a signal is there to be taken
 * @cpu: no exit of its is half done; on its own thread
 *
 * Call it again when the signals are taken.
 *
 * Return: false when the CPU may run, or the machine stops.
 */
bool gdb_hold(struct vcpu *cpu);

/**
 * gdb_on_debug() - KVM_EXIT_DEBUG
 * @cpu: on its own thread; gdb_hold() is next
 */
void gdb_on_debug(struct vcpu *cpu);

/**
 * gdb_on_refused() - KVM could not emulate an instruction
 * @cpu: on its own thread
 *
 * A KVM that interprets kernel mode may not know INT3.
 *
 * Return: true when it was one of our breakpoints; gdb_hold() is next.
 */
bool gdb_on_refused(struct vcpu *cpu);

/**
 * gdb_ran() - no more signals to CPU threads: they end
 * @m: stopping; nothing happens without --gdb
 */
void gdb_ran(struct machine *m);

/**
 * gdb_last_look() - tell gdb of the end; if that is a crash, let it look
 * @m: stopped, report filled; nothing happens without --gdb
 *
 * Returns when gdb lets go, or at once when there is none. The session thread
 * has ended then.
 */
void gdb_last_look(struct machine *m);

/**
 * gdb_close() - release what gdb_open() took
 * @m: no CPU thread runs
 */
void gdb_close(struct machine *m);

#endif
