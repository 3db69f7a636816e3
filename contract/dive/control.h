/* SPDX-License-Identifier: ISC */
/* The control page: state and status of one kernel (contract section 6). */
#ifndef DIVE_CONTROL_H
#define DIVE_CONTROL_H

#include "types.h"

#define DIVE_CONTROL_MAGIC 0x4c544344 /* "DCTL" little endian */
#define DIVE_CONTROL_SIZE  4096

/* control.state, written by the kernel */
#define DIVE_STATE_STARTING 0 /* as the host leaves it */
#define DIVE_STATE_RUNNING  1
#define DIVE_STATE_STOPPED  2 /* status is valid; the kernel runs no more */
#define DIVE_STATE_CRASHED  3 /* a crash page says why */

/* control.request, written by the host */
#define DIVE_REQUEST_NONE     0
#define DIVE_REQUEST_SHUTDOWN 1

#define DIVE_MARKS 64

#ifndef __ASSEMBLER__

/**
 * struct dive_control - one page shared by host and kernel
 * @magic: host: DIVE_CONTROL_MAGIC
 * @version: host: DIVE_CONTRACT_VERSION
 * @size: host: bytes valid in this structure
 * @request: host: DIVE_REQUEST_*, followed by a doorbell
 * @state: kernel: DIVE_STATE_*
 * @status: kernel: exit status, low 8 bits count; before state STOPPED
 * @irq_vector: kernel: vector for doorbells from the host, 32..254; 0 = do not
 *	interrupt, the kernel polls
 * @irq_apicid: kernel: local APIC id of the CPU to interrupt
 * @handles_shutdown: kernel: 1 = a shutdown request is obeyed
 * @heartbeat: kernel: any changing value; 0 = not used
 * @marks: kernel: TSC at dive_mark(id), 0 = not set
 *
 * Every field has one writer. The reader on the other side trusts none.
 */
struct dive_control {
	uint32_t magic;
	uint32_t version;
	uint32_t size;
	uint32_t request;
	uint32_t reserved0[12];
	uint32_t state;
	uint32_t status;
	uint32_t irq_vector;
	uint32_t irq_apicid;
	uint32_t handles_shutdown;
	uint32_t reserved1[1];
	uint64_t heartbeat;
	uint64_t reserved2[4];
	uint64_t marks[DIVE_MARKS];
};

DIVE_STATIC_ASSERT(offsetof(struct dive_control, state) == 64, "control");
DIVE_STATIC_ASSERT(offsetof(struct dive_control, heartbeat) == 88, "control");
DIVE_STATIC_ASSERT(offsetof(struct dive_control, marks) == 128, "control");
DIVE_STATIC_ASSERT(sizeof(struct dive_control) == 640, "control");

#endif /* __ASSEMBLER__ */

#endif
