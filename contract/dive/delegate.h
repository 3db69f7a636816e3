/* SPDX-License-Identifier: ISC */
/*
 * Delegation: a kernel has a partner, a process of Linux, do its program's
 * system calls (contract section 12). All of it lies in the window.
 */
#ifndef DIVE_DELEGATE_H
#define DIVE_DELEGATE_H

#include "types.h"

#define DIVE_DELEGATE_MAGIC 0x474c4544 /* "DELG" little endian */

/* Linux rings the kernel: a byte of any value, also by ioperm() and outb(). */
#define DIVE_DELEGATE_PORT 0x5d4

/* Offsets in the window. What lies before the area is Linux's own. */
#define DIVE_DELEGATE_AREA   0x200000
#define DIVE_DELEGATE_MEMORY 0x400000 /* from here: pieces of the program */
#define DIVE_PIECE           0x200000 /* bytes, and their alignment */

/* Offsets in the area; struct dive_delegate is at 0. */
#define DIVE_DELEGATE_CHANNELS 0x1000
#define DIVE_DELEGATE_COUNTS   0x10000
#define DIVE_DELEGATE_JOB      0x100000
#define DIVE_DELEGATE_JOB_MAX  0x100000 /* bytes */

#define DIVE_CHANNELS_MAX 256
#define DIVE_COUNTS_MAX   512
#define DIVE_BUCKETS      64
#define DIVE_SIGNALS      64

/* Where a program may lie, in the kernel and in the partner. */
#define DIVE_PROGRAM_BASE 0x200000
#define DIVE_PROGRAM_END  0x400000000000

/* delegate.partner_state, written by the partner's side */
#define DIVE_PARTNER_NONE  0
#define DIVE_PARTNER_READY 1 /* there is a job */
#define DIVE_PARTNER_GONE  2 /* it has ended: nobody answers */

/* channel.type: what the kernel asks for, and what arg is */
#define DIVE_CALL_SYSCALL   1 /* system call nr with arg[0..5] */
#define DIVE_CALL_MAP       2 /* address, offset in the window, bytes */
#define DIVE_CALL_THREAD    3 /* channel that a new thread shall serve */
#define DIVE_CALL_LEAVE     4 /* the thread of this channel ends */
#define DIVE_CALL_EXIT      5 /* status, signal that ended it or 0 */
#define DIVE_CALL_INTERRUPT 6 /* channel whose call shall be interrupted */

/*
 * The result of an interrupted system call that Linux has not begun: as if the
 * signal had come before it (ERESTARTNOINTR in Linux's kernel).
 */
#define DIVE_CALL_NOT_BEGUN (-513)

/* counts.how */
#define DIVE_COUNT_FREE    0
#define DIVE_COUNT_SYSCALL 1 /* nr, command */
#define DIVE_COUNT_FAULT   2 /* page faults served by the kernel */
#define DIVE_COUNT_MAP     3 /* DIVE_CALL_MAP */

/* Marks (contract 6.5) that a kernel sets for a program. */
#define DIVE_MARK_WAITS   1 /* for the first one */
#define DIVE_MARK_TAKEN   2 /* it has the job */
#define DIVE_MARK_ENTERED 3 /* before its first instruction */

#ifndef __ASSEMBLER__

/**
 * struct dive_delegate - first page of the area
 * @magic: partner: DIVE_DELEGATE_MAGIC
 * @version: partner: DIVE_CONTRACT_VERSION
 * @size: partner: bytes valid in this structure
 * @partner_state: partner: DIVE_PARTNER_*, written last
 * @run: partner: number of this program, another one each time, never 0
 * @job_size: partner: bytes of the job
 * @partner_pid: partner: for people
 * @channels: partner: how many it serves, at most DIVE_CHANNELS_MAX
 * @partner_wakes: partner: how often one of its threads was woken by a doorbell
 * @partner_faults: partner: page faults that Linux served for it
 * @kernel_run: kernel: the run that it has taken
 * @kernel_boot: kernel: another one with each boot, never 0
 * @kernel_sleeps: kernel: it waits for a job, ring it
 * @sleep_us: kernel: what a sleep has cost lately, in microseconds; 0: unknown
 * @call_wakes: kernel: how often a thread slept until its answer came
 * @call_spins: kernel: how often an answer came before it would have slept
 * @signal: partner: how often signal n + 1 came for this program
 *
 * Every field has one writer; the reader on the other side trusts none.
 */
struct dive_delegate {
	uint32_t magic;
	uint32_t version;
	uint32_t size;
	uint32_t partner_state;
	uint32_t run;
	uint32_t job_size;
	uint32_t partner_pid;
	uint32_t channels;
	uint64_t partner_wakes;
	uint64_t partner_faults;
	uint32_t reserved0[4];
	uint32_t kernel_run;
	uint32_t kernel_boot;
	uint32_t kernel_sleeps;
	uint32_t sleep_us;
	uint64_t call_wakes;
	uint64_t call_spins;
	uint32_t reserved1[8];
	uint32_t signal[DIVE_SIGNALS];
};

DIVE_STATIC_ASSERT(offsetof(struct dive_delegate, kernel_run) == 64,
		   "delegate");
DIVE_STATIC_ASSERT(offsetof(struct dive_delegate, signal) == 128, "delegate");
DIVE_STATIC_ASSERT(sizeof(struct dive_delegate) == 384, "delegate");

/**
 * struct dive_channel - one thread of the kernel and one of the partner
 * @request: kernel: number of its last request, written last
 * @kernel_sleeps: kernel: 1 = ring me when you answer
 * @type: kernel: DIVE_CALL_*
 * @nr: kernel: number of the system call
 * @arg: kernel: by type
 * @reply: partner: number of the last request it has answered, written last
 * @partner_sleeps: partner: 1 = ring me when there is a request
 * @result: partner: as the system call returns it, -errno on failure
 * @service: partner: TSC cycles from taking the request to answering it
 *
 * A request is out while request differs from reply. Each side writes its own
 * 64-byte line only.
 */
struct dive_channel {
	uint32_t request;
	uint32_t kernel_sleeps;
	uint32_t type;
	uint32_t nr;
	uint64_t arg[6];
	uint32_t reply;
	uint32_t partner_sleeps;
	int64_t result;
	uint64_t service;
	uint64_t reserved[5];
};

DIVE_STATIC_ASSERT(offsetof(struct dive_channel, reply) == 64, "channel");
DIVE_STATIC_ASSERT(sizeof(struct dive_channel) == 128, "channel");

/**
 * struct dive_job - the program, at DIVE_DELEGATE_JOB; strings follow it
 * @argc: partner: words of the command, at least 1
 * @envc: partner: variables
 * @flags: partner: 0
 *
 * Behind it lie argc + envc + 2 strings, each with its NUL: the words, the
 * variables, the name by which the program was found (AT_EXECFN), and its path,
 * which is absolute.
 */
struct dive_job {
	uint32_t argc;
	uint32_t envc;
	uint32_t flags;
	uint32_t reserved;
};

DIVE_STATIC_ASSERT(sizeof(struct dive_job) == 16, "job");

/**
 * struct dive_count - what one kind of call has cost, at DIVE_DELEGATE_COUNTS
 * @how: kernel: DIVE_COUNT_*; written last when an entry is taken
 * @nr: kernel: number of the system call
 * @command: kernel: command of an fcntl, ioctl, futex or prctl, else 0
 * @policy: kernel: 0 served here, 1 forwarded, 2 refused; as it was last
 * @forwarded: kernel: how often
 * @local: kernel: how often
 * @refused: kernel: how often
 * @failed: kernel: how often the result was an error
 * @channel_cycles: kernel: TSC cycles of forwarded calls without @linux_cycles
 * @linux_cycles: kernel: sum of the channels' service
 * @local_cycles: kernel: TSC cycles of local ones
 * @channel: kernel: how many took which time, see dive_bucket()
 * @service: kernel: the same of Linux's part
 */
struct dive_count {
	uint32_t how;
	uint32_t nr;
	uint32_t command;
	uint32_t policy;
	uint64_t forwarded;
	uint64_t local;
	uint64_t refused;
	uint64_t failed;
	uint64_t channel_cycles;
	uint64_t linux_cycles;
	uint64_t local_cycles;
	uint32_t channel[DIVE_BUCKETS];
	uint32_t service[DIVE_BUCKETS];
	uint64_t reserved;
};

DIVE_STATIC_ASSERT(sizeof(struct dive_count) == 592, "count");
DIVE_STATIC_ASSERT(DIVE_DELEGATE_COUNTS + DIVE_COUNTS_MAX *
						  sizeof(struct dive_count) <=
			   DIVE_DELEGATE_JOB,
		   "the counts end before the job");

/**
 * dive_bucket() - in which bucket a time is counted, two for each power of two
 * @cycles: TSC cycles
 *
 * Return: index below DIVE_BUCKETS; the last one takes all that are longer.
 */
static inline uint32_t dive_bucket(uint64_t cycles)
{
	uint32_t bit, bucket;

	if (cycles < 2)
		return 0;
	bit = 63 - (uint32_t)__builtin_clzll(cycles);
	bucket = 2 * bit + (uint32_t)(cycles >> (bit - 1) & 1);
	return bucket < DIVE_BUCKETS ? bucket : DIVE_BUCKETS - 1;
}

#endif /* __ASSEMBLER__ */

#endif
