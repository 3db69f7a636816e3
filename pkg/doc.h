/* SPDX-License-Identifier: Apache-2.0 */
/* JSON that others wrote: read strictly, errors say where. */
#ifndef PKG_DOC_H
#define PKG_DOC_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "pkg/scan.h"

#define DOC_INTEGER_MAX (UINT64_C(1) << 53) /* a double has all below */

/**
 * struct doc - a text and its values
 * @name: for messages; borrowed
 * @text: borrowed
 * @size: of @text
 * @root: the values; may be changed
 * @scan: where they are in @text
 */
struct doc {
	const char *name;
	const char *text;
	size_t size;
	cJSON *root;
	struct scan scan;
};

/**
 * doc_parse() - read a text that is one JSON object
 * @d: overwritten; doc_free() on success
 * @name: of the file, for messages; kept
 * @text: any bytes; kept
 * @size: of them, which the caller has limited
 * @e: NAME:LINE:COLUMN: why
 *
 * Stricter than cJSON, see scan_text(); and no two members of an object may
 * have the same name.
 *
 * Return: 0; -EINVAL, -ENOMEM.
 */
int must_check doc_parse(struct doc *d, const char *name, const char *text,
			 size_t size, struct err *e);

/**
 * doc_free() - release it
 * @d: of doc_parse(); zeroed is allowed
 */
void doc_free(struct doc *d);

/**
 * doc_error() - say where something is wrong
 * @d: as it was parsed, not changed
 * @at: value of @d
 * @e: NAME:LINE:COLUMN: the words
 * @fmt: the words
 *
 * Return: -EINVAL.
 */
int doc_error(const struct doc *d, const cJSON *at, struct err *e,
	      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/**
 * doc_string() - a member that is a string
 * @d: parsed
 * @object: in @d
 * @name: of the member; case matters
 * @ret: borrowed from @d; NULL when there is no such member
 * @e: it is something else
 *
 * Return: 0 or -EINVAL.
 */
int must_check doc_string(const struct doc *d, const cJSON *object,
			  const char *name, const char **ret, struct err *e);

/**
 * doc_integer() - a member that is a whole number
 * @d: parsed
 * @object: in @d
 * @name: of the member, which must be there
 * @max: at most DOC_INTEGER_MAX
 * @ret: 0 to @max
 * @e: it is something else
 *
 * Return: 0 or -EINVAL.
 */
int must_check doc_integer(const struct doc *d, const cJSON *object,
			   const char *name, uint64_t max, uint64_t *ret,
			   struct err *e);

/**
 * doc_object() - a member that is an object or an array
 * @d: parsed
 * @object: in @d
 * @name: of the member
 * @is_array: which of them
 * @ret: borrowed from @d; NULL when there is no such member
 * @e: it is something else
 *
 * Return: 0 or -EINVAL.
 */
int must_check doc_object(const struct doc *d, const cJSON *object,
			  const char *name, bool is_array, const cJSON **ret,
			  struct err *e);

#define doc_error(...) err_negative(doc_error(__VA_ARGS__))

#endif
