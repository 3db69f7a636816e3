/* SPDX-License-Identifier: Apache-2.0 */
/* A second look at a triple fault, one instruction at a time. */
#ifndef CLI_REPLAY_H
#define CLI_REPLAY_H

#include "vmm/fullvm.h"

/**
 * replay_triple_fault() - find the registers that the CPU forgot
 * @config: as of the first run
 * @vm: the stopped machine; replaced by the second one when that ends alike
 * @report: of the first run; gets registers and memory of the second
 *
 * AMD's CPUs reset at a triple fault. A kernel that ended so within moments,
 * on one CPU and without any input, is run again with its output thrown away.
 * Everything else is left as it is.
 */
void replay_triple_fault(const struct run_config *config, struct fullvm **vm,
			 struct exit_report *report);

#endif
