// SPDX-License-Identifier: Apache-2.0
// Which file a command is, and the job that is made of it.
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "contract/dive/delegate.h"
#include "hrt/partner/program.h"

static struct program g;
static struct err err;
static char here[PATH_MAX];

/* Files in a folder of their own, which is the working directory. */
static int set_up(void **state)
{
	char folder[] = "/tmp/program_test.XXXXXX";

	(void)state;
	if (!mkdtemp(folder) || chdir(folder) || mkdir("a", 0700) ||
	    mkdir("b", 0700) || !getcwd(here, sizeof(here)))
		return -1;
	return setenv("PATH", "a:b", 1);
}

static int discard(const char *path, const struct stat *s, int type,
		   struct FTW *ftw)
{
	(void)s;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(here, discard, 8, FTW_DEPTH | FTW_PHYS);
}

static void file(const char *path, mode_t mode, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void assert_path(const char *want)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s", here, want);
	assert_string_equal(g.path, path);
}

/* Words are separated by '|'. */
static void assert_words(const char *want)
{
	char words[4096] = "";
	int used = 0;

	for (size_t i = 0; i < g.count; i++)
		used += snprintf(words + used, sizeof(words) - (size_t)used,
				 "%s%s", i ? "|" : "", g.words[i]);
	assert_string_equal(words, want);
}

static void test_path(void **state)
{
	(void)state;
	file("b/two", 0755, "\177ELF");
	file("a/one", 0755, "\177ELF");
	file("b/one", 0755, "no");
	assert_int_equal(program_find(&g, "one", &err), 0);
	assert_path("a/one");
	assert_words("one");
	assert_int_equal(program_find(&g, "two", &err), 0);
	assert_path("b/two");
	assert_int_equal(program_find(&g, "b/two", &err), 0);
	assert_path("b/two");
	assert_words("b/two");
	assert_int_equal(symlink("../b/two", "a/link"), 0);
	assert_int_equal(program_find(&g, "link", &err), 0);
	assert_path("b/two");
	assert_words("link");
	assert_int_equal(program_find(&g, "three", &err), -ENOENT);
	assert_string_equal(err.msg, "three: there is no such program");
	assert_int_equal(program_find(&g, "./one", &err), -ENOENT);
	assert_int_equal(program_find(&g, "a/one/x", &err), -ENOENT);
	assert_int_equal(program_find(&g, "", &err), -ENOENT);
}

/* An empty entry is the working directory; no variable is a default. */
static void test_odd_paths(void **state)
{
	(void)state;
	file("three", 0755, "\177ELF");
	setenv("PATH", "a:", 1);
	assert_int_equal(program_find(&g, "three", &err), 0);
	assert_path("three");
	setenv("PATH", "", 1);
	assert_int_equal(program_find(&g, "three", &err), 0);
	assert_path("three");
	unsetenv("PATH");
	assert_int_equal(program_find(&g, "three", &err), -ENOENT);
	assert_int_equal(program_find(&g, "ls", &err), 0);
	setenv("PATH", "a:b", 1);
}

static void test_refused(void **state)
{
	(void)state;
	file("a/plain", 0644, "\177ELF");
	file("a/later", 0644, "\177ELF");
	file("b/later", 0755, "\177ELF");
	file("a/text", 0755, "echo hello\n");
	file("a/empty", 0755, "");
	file("a/bare", 0755, "#! \n/bin/sh");
	file("a/gone", 0755, "#!/gone/for/ever x\n");
	assert_int_equal(program_find(&g, "plain", &err), -ENOEXEC);
	assert_string_equal(err.msg, "plain: Permission denied");
	assert_int_equal(program_find(&g, "later", &err), 0);
	assert_path("b/later");
	assert_int_equal(program_find(&g, "text", &err), -ENOEXEC);
	assert_int_equal(program_find(&g, "empty", &err), -ENOEXEC);
	assert_int_equal(program_find(&g, "bare", &err), -ENOEXEC);
	assert_int_equal(program_find(&g, "./a", &err), -ENOEXEC);
	assert_int_equal(program_find(&g, "gone", &err), -ENOENT);
	assert_string_equal(err.msg,
			    "/gone/for/ever: there is no such program");
}

static void test_scripts(void **state)
{
	char name[16], line[32];

	(void)state;
	file("elf", 0755, "\177ELF");
	file("a/s", 0755, "#!./elf\necho");
	assert_int_equal(program_find(&g, "s", &err), 0);
	assert_path("elf");
	assert_words("./elf|a/s");
	file("a/s", 0755, "#! \t./elf \t -x  y \t\n");
	assert_int_equal(program_find(&g, "a/s", &err), 0);
	assert_words("./elf|-x  y|a/s");
	file("a/s", 0755, "#!./elf"); /* not even a newline */
	assert_int_equal(program_find(&g, "a/s", &err), 0);
	assert_words("./elf|a/s");
	/* A script of a script, as deep as Linux goes. */
	file("s0", 0755, "#!./elf 0\n");
	for (int i = 1; i <= PROGRAM_SCRIPTS; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		snprintf(line, sizeof(line), "#!./s%d %d\n", i - 1, i);
		file(name, 0755, line);
	}
	assert_int_equal(program_find(&g, "./s4", &err), 0);
	assert_words("./elf|0|./s0|1|./s1|2|./s2|3|./s3|4|./s4");
	assert_int_equal(program_find(&g, "./s5", &err), -ENOEXEC);
	file("a/s", 0755, "#!a/s\n");
	assert_int_equal(program_find(&g, "a/s", &err), -ENOEXEC);
}

/* The longest first line that fits, and longer ones. */
static void test_long_line(void **state)
{
	char line[600];

	(void)state;
	file("elf", 0755, "\177ELF");
	for (size_t size = 200; size < sizeof(line) - 1; size++) {
		memset(line, 'x', size);
		memcpy(line, "#!./elf ", 8);
		line[size] = '\0';
		file("a/s", 0755, line);
		assert_int_equal(program_find(&g, "a/s", &err), 0);
		assert_int_equal(g.count, 3);
		assert_true(strlen(g.words[1]) <= 247);
	}
}

static void test_job(void **state)
{
	char *const words[] = { "ignored", "x", "", NULL };
	char *const variables[] = { "A=1", NULL };
	static const char want[] = "./elf\0a/s\0x\0\0A=1\0a/s";
	uint8_t *area = calloc(1, DIVE_DELEGATE_JOB + DIVE_DELEGATE_JOB_MAX);
	const struct dive_job *job = (void *)(area + DIVE_DELEGATE_JOB);
	const char *strings = (const char *)(job + 1);
	int size;

	(void)state;
	assert_non_null(area);
	file("elf", 0755, "\177ELF");
	file("a/s", 0755, "#!./elf\n");
	assert_int_equal(program_find(&g, "s", &err), 0);
	size = program_write_job(&g, area, words, variables, &err);
	assert_int_equal(size,
			 sizeof(*job) + sizeof(want) + strlen(g.path) + 1);
	assert_int_equal(job->argc, 4);
	assert_int_equal(job->envc, 1);
	assert_int_equal(job->flags, 0);
	assert_memory_equal(strings, want, sizeof(want));
	assert_string_equal(strings + sizeof(want), g.path);
	free(area);
}

static void test_job_too_large(void **state)
{
	uint8_t *area = calloc(1, DIVE_DELEGATE_JOB + DIVE_DELEGATE_JOB_MAX);
	char *large = malloc(DIVE_DELEGATE_JOB_MAX);
	char *const words[] = { "elf", large, NULL };
	char *const variables[] = { NULL };
	size_t fits;

	(void)state;
	assert_non_null(area);
	assert_non_null(large);
	file("elf", 0755, "\177ELF");
	assert_int_equal(program_find(&g, "./elf", &err), 0);
	fits = DIVE_DELEGATE_JOB_MAX - sizeof(struct dive_job) -
	       2 * sizeof("./elf") - strlen(g.path) - 2;
	memset(large, 'x', fits + 1);
	large[fits + 1] = '\0';
	assert_int_equal(program_write_job(&g, area, words, variables, &err),
			 -E2BIG);
	large[fits] = '\0';
	assert_int_equal(program_write_job(&g, area, words, variables, &err),
			 DIVE_DELEGATE_JOB_MAX);
	free(large);
	free(area);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_odd_paths),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_job),
		cmocka_unit_test(test_job_too_large),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
