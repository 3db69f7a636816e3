/* SPDX-License-Identifier: Apache-2.0 */
/* Mode fullvm: one kernel alone in a minimal KVM machine. */
#ifndef VMM_FULLVM_H
#define VMM_FULLVM_H

#include <signal.h>

#include "base/run.h"

struct fullvm;

/**
 * fullvm_run() - boot a kernel and run it to its end
 * @config: borrowed until fullvm_free()
 * @ret_vm: the stopped machine; its memory is what @report->mem points to;
 *	NULL on failure
 * @report: zeroed but for phase_ns[PHASE_START] by the caller; filled
 * @e: why it could not be started
 *
 * Signals SIGINT, SIGTERM, SIGHUP and SIGALRM belong to the run until it
 * returns. Call from the main thread, one run at a time.
 *
 * Return: 0 when the kernel ran, whatever became of it; -ENOEXEC the image is
 * refused, -ENOENT a file is missing, other -errno the machine failed.
 */
int must_check fullvm_run(const struct run_config *config,
			  struct fullvm **ret_vm, struct exit_report *report,
			  struct err *e);

/**
 * fullvm_again() - run the same kernel once more
 * @first: stopped; its files and KVM are used, for nothing may be opened now;
 *	NULL = fullvm_run()
 * @config: as of the first run, but for what the second is to do otherwise
 * @ret_vm: see fullvm_run()
 * @report: see fullvm_run()
 * @e: see fullvm_run()
 *
 * Return: as fullvm_run().
 */
int must_check fullvm_again(const struct fullvm *first,
			    const struct run_config *config,
			    struct fullvm **ret_vm, struct exit_report *report,
			    struct err *e);

/*
 * What fullvm_run() consists of, for whoever runs two machines in one process
 * (role of the config): both prepared, then confine(), then all signals
 * blocked, then each entered on a thread of its own.
 */

/**
 * fullvm_prepare() - everything up to the first instruction
 * @first: see fullvm_again(); NULL = all may be opened
 * @config: see fullvm_run()
 * @ret_vm: the machine, NULL on failure
 * @report: see fullvm_run()
 * @e: why not
 *
 * Return: as fullvm_run().
 */
int must_check fullvm_prepare(const struct fullvm *first,
			      const struct run_config *config,
			      struct fullvm **ret_vm,
			      struct exit_report *report, struct err *e);

/**
 * fullvm_seat() - say whose terminal it is
 * @vm: prepared, takes the signals of the terminal
 * @other: prepared, reads from it
 */
void fullvm_seat(struct fullvm *vm, struct fullvm *other);

/**
 * fullvm_enter() - run a machine to its end
 * @vm: prepared; all signals blocked. This thread runs its first CPU
 * @e: why it could not begin
 *
 * Return: 0 or -errno.
 */
int must_check fullvm_enter(struct fullvm *vm, struct err *e);

/**
 * fullvm_stop() - end the run of a machine
 * @vm: prepared; entered, or about to be
 * @reason: for its report, unless it ended before
 *
 * Any thread.
 */
void fullvm_stop(struct fullvm *vm, enum stop_reason reason);

/**
 * fullvm_ring() - interrupt a machine for its window
 * @vm: prepared with one, not freed
 *
 * Any thread.
 */
void fullvm_ring(struct fullvm *vm);

/**
 * fullvm_tell() - run_program.next has something for Linux
 * @vm: prepared with a program, not freed
 *
 * Any thread.
 */
void fullvm_tell(struct fullvm *vm);

/**
 * fullvm_flush() - write the output that is left, complete the report
 * @vm: has run; nobody else has it any more
 * @signals: mask to take on: a signal that it lets in ends the process
 */
void fullvm_flush(struct fullvm *vm, const sigset_t *signals);

/**
 * fullvm_shed() - give back memory, CPUs and devices, keep the files
 * @vm: has run; only good for fullvm_prepare() and fullvm_free() now
 */
void fullvm_shed(struct fullvm *vm);

/**
 * fullvm_core() - write an ELF core for gdb
 * @vm: as fullvm_run() left it
 * @report: the complete report of that run
 * @fd: regular file; overwritten
 * @e: why not
 *
 * Return: 0 or -errno; 1 when there were too many mappings for a core, so
 * that some low addresses are missing.
 */
int must_check fullvm_core(const struct fullvm *vm,
			   const struct exit_report *report, int fd,
			   struct err *e);

/**
 * fullvm_free() - release the machine
 * @vm: NULL allowed
 * @last: the process exits right after: a slow teardown is left to a child
 */
void fullvm_free(struct fullvm *vm, bool last);

#endif
