/* SPDX-License-Identifier: Apache-2.0 */
/* Is a text JSON (RFC 8259), to the letter? And where does each value begin? */
#ifndef PKG_SCAN_H
#define PKG_SCAN_H

#include <stddef.h>

#include "base/err.h"

#define SCAN_DEPTH_MAX 16 /* of arrays and objects in each other */

/**
 * struct scan - what was found
 * @begin: offset of each value, in the order of the text; to be freed
 * @count: values
 * @at: where it stopped being JSON
 * @why: how so; static
 */
struct scan {
	size_t *begin;
	size_t count;
	size_t at;
	const char *why;
};

/**
 * scan_text() - go through a text once
 * @s: overwritten; @s->begin is to be freed on success only
 * @text: any bytes
 * @size: of them
 *
 * UTF-8 must be well-formed, without a byte order mark. Refused, though RFC
 * 8259 has it: the character 0, half of a surrogate pair, more than
 * SCAN_DEPTH_MAX levels. Names that come twice are not found here.
 *
 * Return: 0; -EINVAL or -ENOMEM with @s->at and @s->why.
 */
int must_check scan_text(struct scan *s, const char *text, size_t size);

#endif
