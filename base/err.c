// SPDX-License-Identifier: Apache-2.0
// Errors that a user will read.
#include "base/err.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int(err_set)(struct err *e, int code, const char *fmt, ...)
{
	va_list args;

	assert(code < 0);
	if (!e)
		return code;
	e->code = code;
	va_start(args, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, args);
	va_end(args);
	return code;
}

int(err_wrap)(struct err *e, const char *fmt, ...)
{
	char tail[sizeof(e->msg)];
	va_list args;
	int n;

	if (!e)
		return -EINVAL;
	assert(e->code < 0);
	memcpy(tail, e->msg, sizeof(tail));
	va_start(args, fmt);
	n = vsnprintf(e->msg, sizeof(e->msg), fmt, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof(e->msg) - 2) {
		char *at = e->msg + n;
		size_t room = sizeof(e->msg) - (size_t)n - 3;

		memcpy(at, ": ", 2);
		memcpy(at + 2, tail, room);
		at[2 + room] = '\0';
	}
	return e->code;
}
