/* SPDX-License-Identifier: Apache-2.0 */
/* Writes JSON (RFC 8259) on one line; only what dive needs. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct json - where the text goes
 * @out: not closed
 * @comma: the next member or element needs a comma in front
 */
struct json {
	FILE *out;
	bool comma;
};

/* In all of these @name is the member's name, NULL inside an array. */

/**
 * json_open() - begin an object or array
 * @j: writer
 * @name: member name or NULL
 * @bracket: '{' or '['
 */
void json_open(struct json *j, const char *name, char bracket);

/**
 * json_close() - end it
 * @j: writer
 * @bracket: '}' or ']'
 */
void json_close(struct json *j, char bracket);

/**
 * json_string() - a string
 * @j: writer
 * @name: member name or NULL
 * @text: any bytes; what is not printable ASCII is written as \u00XX,
 *	NULL is written as null
 */
void json_string(struct json *j, const char *name, const char *text);

/**
 * json_codes() - a string of Unicode characters
 * @j: writer
 * @name: member name or NULL
 * @codes: UTF-16 without surrogates; what is not ASCII is written as \uXXXX
 * @count: entries of @codes
 */
void json_codes(struct json *j, const char *name, const uint16_t *codes,
		size_t count);

/**
 * json_number() - an unsigned integer
 * @j: writer
 * @name: member name or NULL
 * @value: readers that use doubles lose digits above 2^53
 */
void json_number(struct json *j, const char *name, uint64_t value);

/**
 * json_hex() - an address, as a string such as "0x1000"
 * @j: writer
 * @name: member name or NULL
 * @value: any
 */
void json_hex(struct json *j, const char *name, uint64_t value);

/**
 * json_bool() - true or false
 * @j: writer
 * @name: member name or NULL
 * @value: any
 */
void json_bool(struct json *j, const char *name, bool value);

#endif
