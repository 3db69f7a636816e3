/* SPDX-License-Identifier: Apache-2.0 */
/* From a file to a program that is about to begin. */
#ifndef MINNOW_LINUX_LOAD_H
#define MINNOW_LINUX_LOAD_H

#include "../irq.h"

struct job;

/**
 * struct image - a file that has been loaded, as its auxiliary vector says
 * @base: what was added to the addresses in the file
 * @entry: where it begins
 * @headers: where its program headers are
 * @header_count: how many
 * @end: behind its last page
 * @interp: address of the path of its interpreter, 0: it has none
 */
struct image {
	uintptr_t base;
	uintptr_t entry;
	uintptr_t headers;
	uint64_t header_count;
	uintptr_t end;
	uintptr_t interp;
};

/**
 * load_program() - load a program and its interpreter, make its stack
 * @job: what to run
 * @frame: rip and rsp are written
 *
 * In the program's first thread, with nothing mapped.
 *
 * Return: NULL, or why it cannot be run.
 */
const char *load_program(const struct job *job, struct frame *frame);

#endif
