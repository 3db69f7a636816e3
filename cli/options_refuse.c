// SPDX-License-Identifier: Apache-2.0
// What is said of a word of the command line that is no option.
#include <errno.h>
#include <string.h>

#include "cli/options.h"

/* The option of this name, or else one that begins so, or else NULL. */
static const struct option_row *find_row(const char *name, size_t len)
{
	const struct option_row *guess = NULL;

	for (const struct option_row *row = options_table(); row->name; row++) {
		if (len == 0 || strncmp(row->name, name, len) != 0)
			continue;
		if (!row->name[len])
			return row;
		if (!guess)
			guess = row;
	}
	return guess;
}

int options_refuse(const char *word, struct err *e)
{
	size_t len = strncmp(word, "--", 2) == 0 ? strcspn(word + 2, "=") : 0;
	const struct option_row *row = find_row(word + 2, len);

	if (!row)
		return err_set(e, -EINVAL, "unknown option %s; see dive --help",
			       word);
	if (row->name[len])
		return err_set(
			e, -EINVAL,
			"unknown option %s; did you mean --%s? See dive --help",
			word, row->name);
	if (row->arg)
		return err_set(e, -EINVAL,
			       "--%s needs a value; see dive --help",
			       row->name);
	return err_set(e, -EINVAL, "--%s takes no value; see dive --help",
		       row->name);
}
