/* SPDX-License-Identifier: Apache-2.0 */
/* NAME@VERSION: what people call a package. */
#ifndef PKG_REF_H
#define PKG_REF_H

#include <stdbool.h>

#include "base/err.h"

#define REF_NAME_SIZE    65 /* with the NUL */
#define REF_VERSION_SIZE 65

/**
 * struct ref - a package, or one version of it
 * @name: lower-case letters and digits, with single . _ - between; a letter
 *	first: a folder of the store and a repository of a registry
 * @version: 1 to 4 numbers with . between, and -WORDS for what comes before a
 *	release; a digit first; "" = none is named
 */
struct ref {
	char name[REF_NAME_SIZE];
	char version[REF_VERSION_SIZE];
};

/**
 * ref_is_name() - may a package be called so?
 * @text: any
 *
 * Return: true if so.
 */
bool ref_is_name(const char *text);

/**
 * ref_is_version() - may a version be called so?
 * @text: any
 *
 * Return: true if so.
 */
bool ref_is_version(const char *text);

/**
 * ref_parse() - read NAME or NAME@VERSION
 * @text: what was typed
 * @separator: '@', or ':' as registries write it
 * @ret: written on success
 * @e: what is wrong with it
 *
 * Return: 0 or -EINVAL.
 */
int must_check ref_parse(const char *text, char separator, struct ref *ret,
			 struct err *e);

/**
 * ref_compare() - which version is newer?
 * @a: a version
 * @b: another
 *
 * As semantic versioning has it (2.0.0, 11); what is the same to it is told
 * apart by its bytes.
 *
 * Return: less than, equal to or greater than 0, as @a is to @b.
 */
int ref_compare(const char *a, const char *b);

/**
 * ref_is_better() - is it rather meant where no version is named?
 * @version: one
 * @best: of those so far; "" = none
 *
 * The newest is meant, and what comes before a release only without releases.
 *
 * Return: true if so.
 */
bool ref_is_better(const char *version, const char *best);

#endif
