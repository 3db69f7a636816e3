/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the arguments of a forwarded call are, and whether Linux may be given
 * them. Pure: it asks about the program's memory by two functions.
 */
#ifndef MINNOW_LINUX_ARGUMENT_H
#define MINNOW_LINUX_ARGUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum argument_kind {
	ARG_VALUE,    /* a number; nothing to check */
	ARG_TEXT,     /* at most size bytes with its NUL */
	ARG_FIXED,    /* size bytes */
	ARG_BUFFER,   /* size bytes times argument other */
	ARG_SOCKADDR, /* as many bytes as argument other points to */
	ARG_VECTOR,   /* argument other pieces in struct iovec */
	ARG_MESSAGE,  /* struct msghdr */
	ARG_MESSAGES, /* argument other times struct mmsghdr */
	ARG_FDSET,    /* a bit for each descriptor below argument 0 */
	ARG_COMMAND   /* told by argument other: see command.h */
};

/* argument.flags: what Linux does there, and what is allowed. */
#define ARG_READ  1
#define ARG_WRITE 2
#define ARG_IO    (ARG_READ | ARG_WRITE)
#define ARG_NULL  4  /* a null pointer is good */
#define ARG_PART  8  /* Linux does less when less is there: so do we */
#define ARG_INT   16 /* the count in argument other is an int */

/**
 * struct argument - one argument of a call
 * @kind: enum argument_kind
 * @flags: ARG_READ and so on
 * @other: index of another argument
 * @size: by @kind
 */
struct argument {
	uint8_t kind;
	uint8_t flags;
	uint8_t other;
	uint16_t size;
};

#define ARGUMENTS 6

/* Bytes of a path with its NUL: no other text may be that long. */
#define ARGUMENT_PATH_MAX 4096

/**
 * struct argument_space - what is known of the program
 * @allows: may the program use @size bytes at @address; @rights is ARG_READ,
 *	ARG_WRITE or both
 * @read: copy out of the program's memory; false: it may not be read
 * @text: length of a text without its NUL, @max when it has none; false: it
 *	may not be read
 */
struct argument_space {
	bool (*allows)(uintptr_t address, size_t size, unsigned int rights);
	bool (*read)(void *to, uintptr_t address, size_t size);
	bool (*text)(uintptr_t address, size_t max, size_t *ret_length);
};

/* Nothing is there, in the partner neither: what Linux is given for a pointer
 * that is not good. */
#define ARGUMENT_NOWHERE 0x1000

/**
 * argument_check() - make the arguments of a call fit for Linux
 * @space: the program's
 * @kinds: of the call
 * @arg: the arguments. A pointer that is not good becomes ARGUMENT_NOWHERE, so
 *	that Linux says whether this or something else is the first thing wrong;
 *	a length becomes smaller where ARG_PART says so
 *
 * A structure that points to others is copied once and checked. Linux reads it
 * again, and another thread of the program can have changed it: but Linux finds
 * at any address of the program's nothing but the program's own memory.
 *
 * Return: 0; -ENAMETOOLONG for text, or what an unknown command is answered
 * with.
 */
int argument_check(const struct argument_space *space,
		   const struct argument kinds[ARGUMENTS],
		   uint64_t arg[ARGUMENTS]);

#endif
