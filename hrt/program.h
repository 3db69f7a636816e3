/* SPDX-License-Identifier: Apache-2.0 */
/* The program of a split VM, from outside: started, signalled, ended. */
#ifndef HRT_PROGRAM_H
#define HRT_PROGRAM_H

#include <stdatomic.h>

#include "base/program.h"
#include "base/run.h"
#include "hrt/job.h"

#define PROGRAM_TEXT_MAX 512

struct keep;

enum program_state {
	PROGRAM_NONE,
	PROGRAM_QUEUED, /* until Linux is ready */
	PROGRAM_SENT,   /* all of it */
	PROGRAM_RUNS,
};

/**
 * struct program - one program, and what Linux and dive say about it
 * @run: what the machines see of it
 * @name: its first word; borrowed
 * @size: of its terminal
 * @keep: who brings others; NULL = there is one only
 * @wake: have Linux's machine ask for @run.next; the kernel's thread
 * @ctx: passed to it
 * @state: how far it is; @sent for other threads
 * @sent: a signal is for it from now on
 * @signals: bit n - 1: signal n is to be sent
 * @resized: the size of the terminal is to be sent
 * @start: JOB_START, with its frame
 * @start_size: bytes of it
 * @out: what is being sent: @start or @frame
 * @out_left: bytes of it
 * @frame: a short message
 * @in: a frame of Linux, as far as it is here
 * @in_have: bytes of it
 * @ready_ns: CLOCK_MONOTONIC of JOB_READY; 0 = it did not come
 * @started_ns: of JOB_STARTED
 * @ended_ns: of JOB_ENDED
 *
 * All but the atomic ones under the lock of Linux's machine while that runs.
 */
struct program {
	struct run_program run;
	const char *name;
	struct job_size (*size)(struct program *p);
	struct keep *keep;
	void (*wake)(void *ctx);
	void *ctx;
	enum program_state state;
	atomic_bool sent;
	_Atomic uint64_t signals;
	atomic_bool resized;
	uint8_t *start;
	size_t start_size;
	const uint8_t *out;
	size_t out_left;
	struct job_short frame;
	struct {
		struct job_frame head;
		struct job_number number;
		char text[PROGRAM_TEXT_MAX];
	} in;
	size_t in_have;
	uint64_t ready_ns;
	uint64_t started_ns;
	uint64_t ended_ns;
};

/**
 * program_is_for() - can this kernel have a program
 * @c: the kernel
 * @ret: written on success: it is one of the contract
 * @e: why it cannot be booted at all
 *
 * Return: 0, or as fullvm_run().
 */
int must_check program_is_for(const struct run_config *c, bool *ret,
			      struct err *e);

/**
 * program_open() - write down what is to be started, as we are now
 * @p: overwritten
 * @words: of the command, at least one; NULL = there is none yet. Borrowed
 * @e: why not
 *
 * The caller sets @wake and @ctx. Environment, directory, user, umask and
 * terminals are those of this process.
 *
 * Return: 0 or -errno; program_close() in both cases.
 */
int must_check program_open(struct program *p, char *const *words,
			    struct err *e);

/**
 * program_set_native() - Linux shall run it itself, to compare with
 * @p: opened
 */
void program_set_native(struct program *p);

/**
 * program_cwd() - working directory of a program that somebody else brings
 * @frame: JOB_START, with its head
 * @size: bytes of both
 *
 * Return: its path, absolute, in @frame; NULL when that is not one that Linux
 * would take.
 */
const char *program_cwd(const uint8_t *frame, size_t size);

/**
 * program_bind() - tell both machines of it
 * @p: opened; borrowed by them
 * @hrt: the kernel's: its own output is not the program's
 * @ros: Linux's
 */
void program_bind(struct program *p, struct run_config *hrt,
		  struct run_config *ros);

/**
 * program_terminal() - size of the terminal of this process
 *
 * Return: of the first of the standard streams that is one; zeroes.
 */
struct job_size program_terminal(void);

/* What struct run_program has of a program. */

/**
 * program_said() - see run_program.said
 * @run: of a struct program
 * @bytes: what
 * @count: how many
 */
void program_said(struct run_program *run, const uint8_t *bytes, size_t count);

/**
 * program_next() - see run_program.next
 * @run: of a struct program
 * @ret: written when there are any
 *
 * Return: how many.
 */
size_t program_next(struct run_program *run, const uint8_t **ret);

/**
 * program_taken() - see run_program.taken
 * @run: of a struct program
 * @count: how many
 */
void program_taken(struct run_program *run, size_t count);

/**
 * program_signal() - see run_program.signal
 * @run: of a struct program
 * @signal: its number
 *
 * Return: true when it is the program's.
 */
bool program_signal(struct run_program *run, int signal);

/**
 * program_judge() - how Linux ended, when it had a program
 * @p: opened
 * @report: of Linux, which runs no more; changed when the program was to go on
 */
void program_judge(const struct program *p, struct exit_report *report);

/**
 * program_close() - release what program_open() took
 * @p: opened, or zeroed
 */
void program_close(struct program *p);

#endif
