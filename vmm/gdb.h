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
 * Return: 0 or -errno.
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
 * @m: all vCPU threads but the main one exist; nothing happens without --gdb
 * @e: why not
 *
 * With --gdb-wait every CPU is held from now on.
 *
 * Return: 0 or -errno.
 */
int must_check gdb_start(struct machine *m, struct err *e);

/**
 * gdb_holds() - shall this CPU wait for gdb
 * @cpu: any
 *
 * Return: true when it must not enter the guest.
 */
bool gdb_holds(const struct vcpu *cpu);

/**
 * gdb_hold() - wait until gdb lets the CPU run, or the machine stops
 * @cpu: gdb_holds(), no exit of its is half done; on its own thread
 */
void gdb_hold(struct vcpu *cpu);

/**
 * gdb_on_debug() - KVM_EXIT_DEBUG
 * @cpu: on its own thread
 */
void gdb_on_debug(struct vcpu *cpu);

/**
 * gdb_on_refused() - KVM could not emulate an instruction
 * @cpu: on its own thread
 *
 * A KVM that interprets kernel mode does not know INT3.
 *
 * Return: true when it was one of our breakpoints.
 */
bool gdb_on_refused(struct vcpu *cpu);

/**
 * gdb_ran() - no CPU enters the guest any more, threads are about to end
 * @m: nothing happens without --gdb
 */
void gdb_ran(struct machine *m);

/**
 * gdb_last_look() - show gdb the end and, if that is a crash, let it look
 * @m: stopped, report filled; nothing happens without --gdb
 *
 * Returns when gdb lets go; the session thread has ended.
 */
void gdb_last_look(struct machine *m);

/**
 * gdb_close() - release what gdb_open() took
 * @m: the same; no vCPU thread runs
 */
void gdb_close(struct machine *m);

#endif
