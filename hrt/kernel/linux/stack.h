/* SPDX-License-Identifier: Apache-2.0 */
/* The first stack of a program: what its _start finds there. */
#ifndef MINNOW_LINUX_STACK_H
#define MINNOW_LINUX_STACK_H

#include <stdbool.h>
#include <stdint.h>

struct image;
struct job;

/**
 * struct stack - a stack that is being made
 * @path: where the program's path is
 * @words: where the words, the variables and its name are
 * @random: where 16 bytes of Linux's random numbers belong
 * @platform: where the name of the processor is
 * @sp: lowest byte that is used so far
 */
struct stack {
	uintptr_t path;
	uintptr_t words;
	uintptr_t random;
	uintptr_t platform;
	uintptr_t sp;
};

/**
 * stack_begin() - map a stack, put the strings there
 * @stack: written
 * @job: whose strings
 *
 * Return: false when there is no memory.
 */
bool stack_begin(struct stack *stack, const struct job *job);

/**
 * stack_finish() - put the vectors below them
 * @stack: from stack_begin(); sp becomes the program's
 * @job: as there
 * @program: the program
 * @interp: its interpreter, base 0 when it has none
 *
 * Return: false when there is no memory.
 */
bool stack_finish(struct stack *stack, const struct job *job,
		  const struct image *program, const struct image *interp);

#endif
