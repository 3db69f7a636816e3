/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a package: one table of fields, three ways to write them. */
#ifndef PKG_PACKAGE_H
#define PKG_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "pkg/doc.h"
#include "pkg/ref.h"

#define PACKAGE_FILE      "diver.json"
#define PACKAGE_JSON_MAX  65536
#define PACKAGE_VALUE_MAX 4096
#define PACKAGE_PATH_MAX  255

enum package_field {
	PACKAGE_NAME,
	PACKAGE_VERSION,
	PACKAGE_DESCRIPTION,
	PACKAGE_LICENSE,
	PACKAGE_SOURCE,
	PACKAGE_TAGS,
	PACKAGE_MODES,
	PACKAGE_KERNEL,
	PACKAGE_INITRD,
	PACKAGE_BOOT,
	PACKAGE_MEMORY,
	PACKAGE_CPUS,
	PACKAGE_SUCCESS,
	PACKAGE_ARGS,
	PACKAGE_FILES,
	PACKAGE_FIELDS
};

enum package_kind {
	PACKAGE_TEXT,
	PACKAGE_LIST,
	PACKAGE_NUMBER,
};

/**
 * struct package_row - one field
 * @name: in diver.json, and in what diver prints
 * @key: of the annotation, and of the label; NULL = not published
 * @option: of dive, with its =; NULL = none
 * @kind: what it is in diver.json
 * @joint: between the words of a list
 * @is_needed: a package has it
 * @is_good: may the value, or each word of a list, be this?
 * @wants: what it may be, in words
 */
struct package_row {
	const char *name;
	const char *key;
	const char *option;
	enum package_kind kind;
	char joint;
	bool is_needed;
	bool (*is_good)(const char *value);
	const char *wants;
};

/* All fields, by enum package_field. */
extern const struct package_row package_rows[PACKAGE_FIELDS];

/**
 * struct package - a value for each field
 * @value: owned; NULL = none. All of them have been found good.
 */
struct package {
	char *value[PACKAGE_FIELDS];
};

/**
 * package_parse() - read a diver.json
 * @p: overwritten; package_free() on success
 * @name: of the file, for messages
 * @text: its bytes
 * @size: of them
 * @e: NAME:LINE:COLUMN: why
 *
 * A field that is not in the table is refused.
 *
 * Return: 0; -EINVAL, -ENOMEM.
 */
int must_check package_parse(struct package *p, const char *name,
			     const char *text, size_t size, struct err *e);

/**
 * package_set() - one field, of an annotation or a label
 * @p: zeroed, or with some fields
 * @field: which; its value is replaced
 * @value: copied if it is good
 * @e: why not
 *
 * Return: 0; -EINVAL, -ENOMEM.
 */
int must_check package_set(struct package *p, enum package_field field,
			   const char *value, struct err *e);

/**
 * package_check() - is everything there that a package has?
 * @p: all fields set
 * @e: what is missing
 *
 * Return: 0 or -EINVAL.
 */
int must_check package_check(const struct package *p, struct err *e);

/**
 * package_ref() - what it is called
 * @p: with name and version
 * @ret: NAME and VERSION
 */
void package_ref(const struct package *p, struct ref *ret);

/**
 * package_json() - the fields as in a diver.json
 * @p: any
 *
 * Return: an object, to be given to cJSON_Delete(); NULL without memory.
 */
cJSON *package_json(const struct package *p);

/**
 * package_free() - release the values
 * @p: of package_parse() or package_set(); zeroed is allowed
 */
void package_free(struct package *p);

/**
 * package_is_path() - may a file of a package be called so?
 * @path: any
 *
 * Relative, at most PACKAGE_PATH_MAX bytes without control characters, and no
 * part of it empty, "." or "..".
 *
 * Return: true if so.
 */
bool package_is_path(const char *path);

#endif
