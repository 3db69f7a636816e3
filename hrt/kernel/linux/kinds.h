/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Short names of arguments, for tables. IN is what Linux reads, OUT what it
 * writes, IO both; OPT_ may be a null pointer.
 */
#ifndef MINNOW_LINUX_KINDS_H
#define MINNOW_LINUX_KINDS_H

#include "argument.h"

#define ARG_(...)           \
	{                   \
		__VA_ARGS__ \
	}

#define VALUE        ARG_(ARG_VALUE, 0, 0, 0)
#define FD           VALUE
#define TEXT(n)      ARG_(ARG_TEXT, 0, 0, n)
#define TEXT_PART(n) ARG_(ARG_TEXT, ARG_PART, 0, n)
#define PATH         TEXT(ARGUMENT_PATH_MAX)
#define OPT_PATH     ARG_(ARG_TEXT, ARG_NULL, 0, ARGUMENT_PATH_MAX)

/* n bytes */
#define IN(n)      ARG_(ARG_FIXED, ARG_READ, 0, n)
#define OUT(n)     ARG_(ARG_FIXED, ARG_WRITE, 0, n)
#define IO(n)      ARG_(ARG_FIXED, ARG_IO, 0, n)
#define OPT_IN(n)  ARG_(ARG_FIXED, ARG_NULL | ARG_READ, 0, n)
#define OPT_OUT(n) ARG_(ARG_FIXED, ARG_NULL | ARG_WRITE, 0, n)
#define OPT_IO(n)  ARG_(ARG_FIXED, ARG_NULL | ARG_IO, 0, n)

/* as many bytes as argument i says; or members of n bytes each */
#define READS(i)         ARG_(ARG_BUFFER, ARG_READ, i, 1)
#define READS_INT(i)     ARG_(ARG_BUFFER, ARG_READ | ARG_INT, i, 1)
#define READS_PART(i)    ARG_(ARG_BUFFER, ARG_READ | ARG_PART, i, 1)
#define OPT_READS_INT(i) ARG_(ARG_BUFFER, ARG_NULL | ARG_READ | ARG_INT, i, 1)
#define WRITES(i)        ARG_(ARG_BUFFER, ARG_WRITE, i, 1)
#define WRITES_INT(i)    ARG_(ARG_BUFFER, ARG_WRITE | ARG_INT, i, 1)
#define WRITES_PART(i)   ARG_(ARG_BUFFER, ARG_WRITE | ARG_PART, i, 1)
#define ARRAY_IN(i, n)   ARG_(ARG_BUFFER, ARG_READ | ARG_INT, i, n)
#define ARRAY_OUT(i, n)  ARG_(ARG_BUFFER, ARG_WRITE | ARG_INT, i, n)
#define ARRAY_IO(i, n)   ARG_(ARG_BUFFER, ARG_IO | ARG_INT, i, n)

/* argument i counts the members */
#define VECTOR_IN(i)    ARG_(ARG_VECTOR, ARG_READ, i, 0)
#define VECTOR_OUT(i)   ARG_(ARG_VECTOR, ARG_WRITE, i, 0)
#define MESSAGE_IN      ARG_(ARG_MESSAGE, ARG_READ, 0, 0)
#define MESSAGE_OUT     ARG_(ARG_MESSAGE, ARG_WRITE, 0, 0)
#define MESSAGES_IN(i)  ARG_(ARG_MESSAGES, ARG_READ, i, 0)
#define MESSAGES_OUT(i) ARG_(ARG_MESSAGES, ARG_WRITE, i, 0)

/* argument i points to the size */
#define SOCKADDR(i)     ARG_(ARG_SOCKADDR, ARG_WRITE, i, 0)
#define OPT_SOCKADDR(i) ARG_(ARG_SOCKADDR, ARG_NULL | ARG_WRITE, i, 0)

#define FDSET            ARG_(ARG_FDSET, ARG_NULL | ARG_IO, 0, 0)
#define COMMAND(name, i) ARG_(ARG_COMMAND, 0, i, __NR_##name)

#endif
