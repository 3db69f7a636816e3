/* SPDX-License-Identifier: Apache-2.0 */
/* The file of --core. */
#ifndef CLI_COREFILE_H
#define CLI_COREFILE_H

#include "cli/options.h"
#include "vmm/fullvm.h"

/**
 * corefile_open() - make the file before the kernel runs
 * @o: run.core_fd is written; nothing happens without --core
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check corefile_open(struct options *o, struct err *e);

/**
 * struct core_outcome - what became of the core
 * @tried: the end of the run was worth one
 * @rc: of fullvm_core(), when @tried
 * @e: why not, when @rc is negative
 */
struct core_outcome {
	bool tried;
	int rc;
	struct err e;
};

/**
 * corefile_write() - write a core, if the end of the run is worth one
 * @o: opened; nothing happens without --core
 * @vm: stopped
 * @report: its end
 * @ret: written
 */
void corefile_write(const struct options *o, const struct fullvm *vm,
		    const struct exit_report *report, struct core_outcome *ret);

/**
 * corefile_tell() - say on stderr what became of it
 * @o: as for corefile_write()
 * @report: the same
 * @core: its outcome
 */
void corefile_tell(const struct options *o, const struct exit_report *report,
		   const struct core_outcome *core);

/**
 * corefile_close() - close the file, remove it when nothing was written
 * @o: opened or not
 */
void corefile_close(struct options *o);

#endif
