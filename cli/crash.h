/* SPDX-License-Identifier: Apache-2.0 */
/* Everything there is to know about a crash, gathered once. */
#ifndef CLI_CRASH_H
#define CLI_CRASH_H

#include "base/backtrace.h"
#include "base/pagewalk.h"
#include "base/run.h"
#include "cli/insn.h"
#include "loader/symbols.h"

#define CRASH_CODE_BEFORE 16
#define CRASH_CODE_AFTER  16

#define VECTOR_NONE 256u /* no exception is known */

/**
 * struct crash - a stopped kernel
 * @report: of the run
 * @symbols: of the image; NULL = none
 * @vector: exception, or VECTOR_NONE
 * @error: its error code
 * @ip: linear address of the instruction, for a panic of the call
 * @ip_walk: how @ip translates
 * @cr2_walk: how CR2 translates
 * @code: bytes from @ip - @code_before
 * @code_before: bytes in front of @ip
 * @code_size: bytes in all
 * @insn: the instruction at @ip
 * @trace: who called whom
 */
struct crash {
	const struct exit_report *report;
	struct symbols *symbols;
	unsigned int vector;
	uint64_t error;
	gva_t ip;
	struct walk ip_walk;
	struct walk cr2_walk;
	uint8_t code[CRASH_CODE_BEFORE + CRASH_CODE_AFTER];
	size_t code_before;
	size_t code_size;
	struct insn insn;
	struct backtrace trace;
};

/**
 * crash_gather() - look at registers and memory
 * @c: written; borrows @report and @symbols
 * @report: of a run that ended, its memory still mapped
 * @symbols: of the image; NULL = none
 */
void crash_gather(struct crash *c, const struct exit_report *report,
		  struct symbols *symbols);

/**
 * crash_place() - name and line of an address in the running kernel
 * @report: has slide and virt_base of the image
 * @symbols: of the image; NULL = none
 * @addr: as the CPU sees it
 * @ret: written
 *
 * Return: true when at least the name or the line is known.
 */
bool crash_place(const struct exit_report *report, struct symbols *symbols,
		 gva_t addr, struct symbol_place *ret);

/**
 * crash_is_mapped() - is there memory at a linear address?
 * @c: as gathered
 * @va: as the CPU would use it
 *
 * Return: true when it translates to guest memory, whatever the rights.
 */
bool crash_is_mapped(const struct crash *c, gva_t va);

/**
 * crash_is_triple() - a triple fault whose registers are those of the fault
 * @c: as gathered
 *
 * Return: false when KVM reset the CPU before it could be asked.
 */
bool crash_is_triple(const struct crash *c);

/**
 * crash_is_long() - did it happen in long mode?
 * @c: as gathered
 *
 * Return: EFER.LMA.
 */
bool crash_is_long(const struct crash *c);

#endif
