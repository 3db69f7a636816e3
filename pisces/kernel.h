/* SPDX-License-Identifier: Apache-2.0 */
/* A kernel that runs: its pages, its streams, and who wants it to end. */
#ifndef PISCES_KERNEL_H
#define PISCES_KERNEL_H

#include <signal.h>

#include "base/run.h"
#include "loader/board.h"
#include "loader/contract_report.h"
#include "pisces/apic.h"
#include "pisces/pump.h"

/**
 * struct kernel - what serving it takes
 * @config: borrowed
 * @report: borrowed
 * @mem: its memory
 * @board: its machine, with APIC ids
 * @area: Diver's part of the memory
 * @control: in @area
 * @pump: streams
 * @apic: open, to interrupt it
 * @start_ns: CLOCK_MONOTONIC of its first instruction
 * @grace_ns: when a kernel that was asked to end is stopped; 0 = was not asked
 * @signal: the last signal that asked for the end, 0 = none
 */
struct kernel {
	const struct run_config *config;
	struct exit_report *report;
	struct gmem mem;
	struct board board;
	struct contract_area area;
	struct dive_control *control;
	struct pump pump;
	struct apic apic;
	uint64_t start_ns;
	uint64_t grace_ns;
	int signal;
};

/**
 * kernel_attach() - take the host's ends of its rings
 * @k: config, mem, board and area are set, and the image is loaded
 * @e: says that there are none
 *
 * Return: 0 or -errno.
 */
int must_check kernel_attach(struct kernel *k, struct err *e);

/**
 * kernel_serve() - move bytes until it has ended or is to be stopped
 * @k: running
 * @signals: signalfd of those that end dive
 *
 * The report has reason, status, channel and cpu afterwards.
 */
void kernel_serve(struct kernel *k, int signals);

/**
 * kernel_finish() - write its last bytes, and the rest of the report
 * @k: stopped
 */
void kernel_finish(struct kernel *k);

#endif
