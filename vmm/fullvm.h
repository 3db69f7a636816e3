/* SPDX-License-Identifier: Apache-2.0 */
/* Mode fullvm: one kernel alone in a minimal KVM machine. */
#ifndef VMM_FULLVM_H
#define VMM_FULLVM_H

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
