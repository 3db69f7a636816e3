// SPDX-License-Identifier: Apache-2.0
// Takes lines apart and finds the command.
#include "shell.h"

#include "console.h"

bool shell_is_same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool shell_number(const char *word, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (!*word)
		return false;
	for (; *word; word++) {
		if (*word < '0' || *word > '9' ||
		    __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, *word - '0', &number))
			return false;
	}
	if (number > max)
		return false;
	*ret_number = number;
	return true;
}

/* Blanks become ends of words; more than SHELL_WORDS_MAX words are lost. */
static void split(char *line, char *words[SHELL_WORDS_MAX + 1])
{
	int count = 0;

	while (count < SHELL_WORDS_MAX) {
		while (*line == ' ')
			*line++ = '\0';
		if (!*line)
			break;
		words[count++] = line;
		while (*line && *line != ' ')
			line++;
	}
	words[count] = NULL;
}

/* An empty line changes nothing: the status stays what it was. */
static int run_line(char *line, int status)
{
	char *words[SHELL_WORDS_MAX + 1];

	split(line, words);
	if (!words[0])
		return status;
	for (const struct command *c = commands; c->name; c++)
		if (shell_is_same(c->name, words[0]))
			return c->run(words + 1);
	console_print("%s: no such command; help lists them\n", words[0]);
	return SHELL_NOT_FOUND;
}

int shell_main(char *args)
{
	char line[SHELL_LINE_MAX];
	int status = 0;

	if (*args)
		return run_line(args, 0);
	console_print("Minnow, a small kernel. help lists the commands.\n");
	for (;;) {
		console_print("minnow> ");
		if (!console_read_line(line, sizeof(line))) {
			console_print("\n");
			return status;
		}
		status = run_line(line, status);
	}
}
