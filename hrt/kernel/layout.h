/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that C and entry.S share. */
#ifndef MINNOW_LAYOUT_H
#define MINNOW_LAYOUT_H

/* Byte offsets in struct cpu, which GS points to. */
#define CPU_SELF    0
#define CPU_CURRENT 8
#define CPU_SCRATCH 16

/* Byte offset in struct thread. */
#define THREAD_STACK 0

/* A kernel stack, whose lowest page is not mapped. */
#define STACK_SIZE  16384
#define STACK_GUARD 4096
/* An interrupt that finds less than this reports a stack overflow. */
#define STACK_ROOM 1024

#define VECTOR_PAGE_FAULT 14
#define VECTOR_EXCEPTIONS 32    /* below: of the CPU */
#define VECTOR_TIMER      0x50  /* of this CPU's local APIC */
#define VECTOR_WAKE       0x51  /* look at the queue of ready threads */
#define VECTOR_FLUSH      0x52  /* forget translations */
#define VECTORS           0x60  /* that entry.S has an entry for */
#define VECTOR_SYSCALL    0x100 /* no interrupt: the SYSCALL instruction */

#endif
