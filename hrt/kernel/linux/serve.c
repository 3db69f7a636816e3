// SPDX-License-Identifier: Apache-2.0
// Changes lines of the table while it is used: serve=NAME=local|forward|ERRNO.
#include "serve.h"

#include <asm/errno.h>

#include "../../../contract/guest/dive.h"

#define WORD      "serve="
#define ERROR_MAX 256 /* above all that have a name */

/* By number; only what is_changed holds. */
static struct {
	bool is_changed;
	uint8_t policy;
	uint8_t error;
} changes[CALLS];

static bool is_same(const char *text, size_t size, const char *name)
{
	return name && strlen(name) == size && !memcmp(text, name, size);
}

static const char *change(uint32_t nr, const char *text, size_t size)
{
	const struct call_line *line = table_line(nr);
	uint8_t policy = CALL_REFUSE;
	int error = 0;

	if (is_same(text, size, "local")) {
		policy = CALL_LOCAL;
		if (!line->local)
			return "this kernel has nothing to serve it with";
	} else if (is_same(text, size, "forward")) {
		policy = CALL_FORWARD;
		if (!line->forwards)
			return "it cannot be forwarded";
	} else {
		while (error < ERROR_MAX &&
		       !is_same(text, size, table_error(error)))
			error++;
		if (error == ERROR_MAX)
			return "say local, forward, or an errno like ENOSYS";
	}
	changes[nr].policy = policy;
	changes[nr].error = (uint8_t)error;
	changes[nr].is_changed = true;
	return NULL;
}

/* What stands behind "serve=". */
static const char *obey(const char *text, size_t size)
{
	size_t name = 0;

	while (name < size && text[name] != '=')
		name++;
	if (name == size)
		return "it is serve=NAME=local, =forward, or =ERRNO";
	for (uint32_t nr = 0; nr < CALLS; nr++)
		if (is_same(text, name, table_name(nr)))
			return change(nr, text + name + 1, size - name - 1);
	return "there is no such system call";
}

bool serve_next(const char *args, struct serve_word *word)
{
	size_t prefix = strlen(WORD);

	while (*args == ' ')
		args++;
	for (size_t i = 0; i < prefix; i++)
		if (args[i] != WORD[i])
			return false;
	word->text = args;
	word->size = prefix;
	while (args[word->size] && args[word->size] != ' ')
		word->size++;
	word->end = args + word->size;
	while (*word->end == ' ')
		word->end++;
	word->problem = obey(args + prefix, word->size - prefix);
	return true;
}

enum call_policy serve_policy(uint32_t nr, int *error)
{
	const struct call_line *line = table_line(nr);
	enum call_policy policy = line->policy;

	*error = line->error;
	if (changes[nr].is_changed) {
		policy = changes[nr].policy;
		*error = changes[nr].error;
	}
	if (policy == CALL_LOCAL && !line->local) {
		*error = ENOSYS;
		return CALL_REFUSE;
	}
	return policy;
}

void serve_reset(void)
{
	memset(changes, 0, sizeof(changes));
}
