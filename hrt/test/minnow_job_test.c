// SPDX-License-Identifier: Apache-2.0
// Unit tests of what Minnow takes for a job, from a partner that it cannot trust.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Guest code is in no host library. NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "hrt/kernel/linux/job.c"

#define AREA_SIZE (DIVE_DELEGATE_JOB + DIVE_DELEGATE_JOB_MAX)

struct process process;
static struct dive_delegate *area;
static unsigned int reports;
static jmp_buf asleep;

struct dive_delegate *channel_area(void)
{
	return area;
}

void *heap_alloc(size_t size)
{
	return calloc(1, size);
}

void console_log(const char *format, ...)
{
	(void)format;
	reports++;
}

uint64_t clock_ns(void)
{
	return 0;
}

/* There is nothing to take: the test goes on. */
int wait_on(const uint32_t *word, uint32_t value, uint64_t deadline_ns)
{
	(void)word;
	(void)value;
	(void)deadline_ns;
	assert_int_equal(area->kernel_sleeps, 1);
	longjmp(asleep, 1);
}

static int set_up(void **state)
{
	(void)state;
	area = calloc(1, AREA_SIZE);
	reports = 0;
	return area && job_init() ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	free(area);
	free(copy);
	return 0;
}

static void offer(const struct dive_job *head, const char *text, size_t size)
{
	char *job = (char *)area + DIVE_DELEGATE_JOB;

	area->magic = DIVE_DELEGATE_MAGIC;
	area->version = DIVE_CONTRACT_VERSION;
	area->size = sizeof(*area);
	area->channels = 8;
	area->run++;
	memcpy(job, head, sizeof(*head));
	memcpy(job + sizeof(*head), text, size);
	area->job_size = (uint32_t)(sizeof(*head) + size);
	area->partner_state = DIVE_PARTNER_READY;
}

/* Channels of the job that was taken; 0: the kernel sleeps. */
static unsigned int taken(struct job *job)
{
	*job = (struct job){ 0 };
	if (setjmp(asleep))
		return 0;
	return job_wait(job);
}

static void good(void)
{
	static const char text[] = "ls\0-l\0A=1\0./ls\0/bin/ls";

	offer(&(struct dive_job){ .argc = 2, .envc = 1 }, text, sizeof(text));
}

static void test_good(void **state)
{
	struct job job;

	(void)state;
	assert_int_equal(taken(&job), 0);
	good();
	assert_int_equal(taken(&job), 8);
	assert_int_equal(area->kernel_run, area->run);
	assert_int_equal(area->kernel_sleeps, 0);
	assert_int_equal(job.argc, 2);
	assert_int_equal(job.envc, 1);
	assert_int_equal(job.words_size, 15);
	assert_memory_equal(job.words, "ls\0-l\0A=1\0./ls", 15);
	assert_string_equal(job.name, "./ls");
	assert_string_equal(job.path, "/bin/ls");
	assert_false(job_is_gone());
	/* It is taken once, also by a kernel that has been booted again. */
	assert_int_equal(taken(&job), 0);
	free(copy);
	assert_true(job_init());
	assert_int_equal(taken(&job), 0);
	area->run++;
	assert_true(job_is_gone());
	area->run--;
	area->partner_state = DIVE_PARTNER_GONE;
	assert_true(job_is_gone());
	assert_int_equal(reports, 0);
}

/* What it has copied is its own. */
static void test_copy(void **state)
{
	struct job job;

	(void)state;
	good();
	assert_int_equal(taken(&job), 8);
	memset((char *)area + DIVE_DELEGATE_JOB, 'x', DIVE_DELEGATE_JOB_MAX);
	assert_string_equal(job.words, "ls");
	assert_string_equal(job.path, "/bin/ls");
}

static void refused(void)
{
	unsigned int before = reports;
	struct job job;

	assert_int_equal(taken(&job), 0);
	assert_int_equal(reports, before + 1);
	assert_int_equal(area->kernel_run, area->run);
}

static void test_bad_header(void **state)
{
	(void)state;
	good();
	area->version++;
	refused();
	good();
	area->size--;
	refused();
	good();
	area->channels = 1;
	refused();
	good();
	area->channels = DIVE_CHANNELS_MAX + 1;
	refused();
	good();
	area->job_size = sizeof(struct dive_job) - 1;
	refused();
	good();
	area->job_size = DIVE_DELEGATE_JOB_MAX + 1;
	refused();
	good();
	area->job_size = UINT32_MAX;
	refused();
}

static void test_bad_strings(void **state)
{
	static char path[2 * PATH_MAX];

	(void)state;
	offer(&(struct dive_job){ .argc = 1 }, "a\0n\0/b", 6);
	refused();
	offer(&(struct dive_job){ .argc = 1 }, "a\0n\0b", 6);
	refused();
	offer(&(struct dive_job){ .argc = 0 }, "n\0/b", 5);
	refused();
	offer(&(struct dive_job){ .argc = 1, .flags = 1 }, "a\0n\0/b", 7);
	refused();
	offer(&(struct dive_job){ .argc = 2 }, "a\0n\0/b", 7);
	refused();
	offer(&(struct dive_job){ .argc = UINT32_MAX, .envc = UINT32_MAX },
	      "a\0n\0/b", 7);
	refused();
	memset(path, '/', sizeof(path) - 1);
	path[0] = path[1] = '\0';
	offer(&(struct dive_job){ .argc = 1 }, path, sizeof(path));
	refused();
	/* No string at all, in the largest job. */
	memset((char *)area + DIVE_DELEGATE_JOB, 1, DIVE_DELEGATE_JOB_MAX);
	area->run++;
	area->job_size = DIVE_DELEGATE_JOB_MAX;
	refused();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_good, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_copy, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_header, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_bad_strings, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
