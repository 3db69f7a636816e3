/* SPDX-License-Identifier: Apache-2.0 */
/* Errors that a user will read: one per call chain, owned by the caller. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/**
 * struct err - why something failed, in words
 * @code: negative errno; -ENOEXEC = image refused, -ENOENT = not found
 * @msg: what failed, why, and what to do; no newline at the end
 */
struct err {
	int code;
	char msg[480];
};

#define must_check __attribute__((warn_unused_result))

/**
 * err_set() - record an error
 * @e: overwritten; NULL when nobody wants the words
 * @code: negative errno
 * @fmt: what failed, why, what to do next; cut at the size of @e->msg
 *
 * Return: @code, so that a caller can write `return err_set(...)`.
 */
int err_set(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * err_wrap() - put context in front of a recorded error
 * @e: as filled by err_set(); NULL allowed
 * @fmt: context such as a file name; ": " is added behind it
 *
 * Return: @e->code.
 */
int err_wrap(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * err_negative() - tell compiler and analyzer that an error is an error
 * @code: less than 0
 *
 * Without it they see a path on which a function failed, returned 0 and left
 * its results unset.
 *
 * Return: @code.
 */
static inline int err_negative(int code)
{
	if (code >= 0)
		__builtin_unreachable();
	return code;
}

#define err_set(...)  err_negative(err_set(__VA_ARGS__))
#define err_wrap(...) err_negative(err_wrap(__VA_ARGS__))

#endif
