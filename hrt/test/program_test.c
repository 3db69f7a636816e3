// SPDX-License-Identifier: Apache-2.0
// The program from outside: what Linux is told, and what it may say.
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hrt/program.h"

static struct program p;
static unsigned int wakes;

static void wake(void *ctx)
{
	(void)ctx;
	wakes++;
}

static int setup(void **state)
{
	static char name[] = "sort", word[] = "-r";
	static char *const words[] = { name, word, NULL };
	struct err e;

	(void)state;
	wakes = 0;
	assert_int_equal(program_open(&p, words, &e), 0);
	p.wake = wake;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	program_close(&p);
	return 0;
}

/* In pieces of @step bytes. */
static void say(uint32_t type, const void *body, uint32_t size, size_t step)
{
	const struct job_frame head = { type, size };
	uint8_t bytes[sizeof(head) + 1024];

	assert_true(size <= 1024);
	memcpy(bytes, &head, sizeof(head));
	if (size)
		memcpy(bytes + sizeof(head), body, size);
	for (size_t at = 0; at < sizeof(head) + size; at += step) {
		size_t left = sizeof(head) + size - at;

		p.run.said(&p.run, bytes + at, left < step ? left : step);
	}
}

static void say_number(uint32_t type, int32_t number)
{
	say(type, &number, sizeof(number), 64);
}

/* Take the next frame, one byte at a time. */
static struct job_frame heard(void *body, size_t max)
{
	struct job_frame head = { 0 };
	uint8_t *to = body;
	const uint8_t *from;

	assert_true(p.run.next(&p.run, &from) >= sizeof(head));
	for (size_t i = 0; i < sizeof(head); i++) {
		assert_true(p.run.next(&p.run, &from) > 0);
		((uint8_t *)&head)[i] = *from;
		p.run.taken(&p.run, 1);
	}
	assert_true(head.size <= max);
	for (size_t i = 0; i < head.size; i++) {
		assert_true(p.run.next(&p.run, &from) > 0);
		to[i] = *from;
		p.run.taken(&p.run, 1);
	}
	return head;
}

static void silence(void)
{
	const uint8_t *from;

	assert_int_equal(p.run.next(&p.run, &from), 0);
}

static void begin(void)
{
	static uint8_t body[JOB_FRAME_MAX];

	say(JOB_READY, NULL, 0, 64);
	assert_int_equal(heard(body, sizeof(body)).type, JOB_START);
	say_number(JOB_STARTED, 7);
}

static void test_start(void **state)
{
	static uint8_t body[JOB_FRAME_MAX];
	struct job_start start;
	struct job_frame head;
	const char *at = (char *)body + sizeof(start);
	char *cwd = getcwd(NULL, 0);

	(void)state;
	silence();
	assert_false(p.run.signal(&p.run, SIGTERM));
	say(JOB_READY, NULL, 0, 1);
	assert_true(p.ready_ns != 0);
	head = heard(body, sizeof(body));
	assert_int_equal(head.type, JOB_START);
	memcpy(&start, body, sizeof(start));
	assert_int_equal(start.argc, 2);
	assert_int_equal(start.uid, getuid());
	assert_string_equal(at, "sort");
	assert_string_equal(at + 5, "-r");
	at += 8;
	for (uint32_t i = 0; i < start.envc; i++, at += strlen(at) + 1)
		assert_string_equal(at, environ[i]);
	assert_null(environ[start.envc]);
	assert_string_equal(at, cwd);
	assert_ptr_equal(at + strlen(at) + 1, (char *)body + head.size);
	silence();
	free(cwd);
}

static void test_signals(void **state)
{
	int32_t number;
	struct job_size size;

	(void)state;
	begin();
	assert_true(p.run.signal(&p.run, SIGTERM));
	assert_true(p.run.signal(&p.run, SIGINT));
	assert_true(p.run.signal(&p.run, SIGINT));
	assert_true(p.run.signal(&p.run, SIGWINCH));
	assert_int_equal(wakes, 4);
	assert_int_equal(heard(&size, sizeof(size)).type, JOB_SIZE);
	assert_int_equal(heard(&number, sizeof(number)).type, JOB_SIGNAL);
	assert_int_equal(number, SIGINT);
	assert_int_equal(heard(&number, sizeof(number)).type, JOB_SIGNAL);
	assert_int_equal(number, SIGTERM);
	silence();
}

static void ends(int32_t status, enum stop_reason reason, uint32_t want)
{
	setup(NULL);
	begin();
	say_number(JOB_ENDED, status);
	assert_true(p.run.over);
	assert_int_equal(p.run.reason, reason);
	assert_int_equal(p.run.status, want);
	silence();
	teardown(NULL);
}

static void test_ends(void **state)
{
	(void)state;
	teardown(NULL);
	ends(0, STOP_EXIT, 0);
	ends(0x300, STOP_EXIT, 3);
	ends(SIGSEGV | 0x80, STOP_KILLED, SIGSEGV);
	ends(0x7f, STOP_IO, EPROTO); /* stopped */
	ends(0xffff, STOP_IO, EPROTO);
	ends(SIGSTOP, STOP_IO, EPROTO); /* it would stop dive */
}

static void test_failed(void **state)
{
	struct {
		int32_t number;
		char text[12];
	} body = { ENOENT, "not\nfound" };

	(void)state;
	static uint8_t start[JOB_FRAME_MAX];

	say(JOB_READY, NULL, 0, 64);
	assert_int_equal(heard(start, sizeof(start)).type, JOB_START);
	say(JOB_FAILED, &body, 4 + 9, 1);
	assert_true(p.run.over);
	assert_int_equal(p.run.reason, STOP_NOT_STARTED);
	assert_int_equal(p.run.status, ENOENT);
	assert_string_equal(p.run.text, "sort: not?found");
}

static void refused(uint32_t type, uint32_t size)
{
	static const uint8_t body[1024];

	say(type, body, size, 1);
	assert_true(p.run.over);
	assert_int_equal(p.run.reason, STOP_IO);
	assert_int_equal(p.run.status, EPROTO);
	teardown(NULL);
	setup(NULL);
}

static void test_hostile(void **state)
{
	const uint8_t *from;

	(void)state;
	refused(0, 0);
	refused(JOB_START, 4);
	refused(UINT32_MAX, UINT32_MAX % 1024);
	refused(JOB_READY, 1);
	refused(JOB_STARTED, 4); /* not yet */
	refused(JOB_ENDED, 4);
	refused(JOB_FAILED, 4);
	say(JOB_READY, NULL, 0, 1);
	assert_true(p.run.next(&p.run, &from) > 1);
	p.run.taken(&p.run, p.out_left - 1);
	refused(JOB_STARTED, 4); /* it has not heard all */
	say(JOB_READY, NULL, 0, 1);
	assert_true(p.run.next(&p.run, &from) > 1);
	p.run.taken(&p.run, 1);
	refused(JOB_FAILED, 4);
	begin();
	refused(JOB_READY, 0); /* again */
	begin();
	refused(JOB_STARTED, 4);
	begin();
	refused(JOB_ENDED, 3);
	begin();
	refused(JOB_ENDED, 5);
	begin();
	refused(JOB_FAILED, 4 + PROGRAM_TEXT_MAX + 1);
	begin();
	refused(JOB_FAILED, 3);
	/* Nothing that comes behind it is looked at. */
	begin();
	say_number(JOB_ENDED, 0x500);
	say(UINT32_MAX, NULL, 0, 1);
	assert_int_equal(p.run.status, 5);
}

static void test_linux_ends(void **state)
{
	struct exit_report r = { .reason = STOP_RESET };

	(void)state;
	begin();
	program_judge(&p, &r);
	assert_int_equal(r.reason, STOP_IO);
	r.reason = STOP_TRIPLE_FAULT;
	program_judge(&p, &r);
	assert_int_equal(r.reason, STOP_TRIPLE_FAULT);
	say_number(JOB_ENDED, 0);
	r.reason = STOP_EXIT;
	program_judge(&p, &r);
	assert_int_equal(r.reason, STOP_EXIT);
}

static void test_too_much(void **state)
{
	char *big = malloc(JOB_FRAME_MAX);
	char *const words[] = { big, NULL };
	struct err e;

	(void)state;
	assert_non_null(big);
	memset(big, 'x', JOB_FRAME_MAX - 1);
	big[JOB_FRAME_MAX - 1] = '\0';
	program_close(&p);
	assert_int_equal(program_open(&p, words, &e), -E2BIG);
	free(big);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_start),    T(test_signals), T(test_ends),
		T(test_failed),   T(test_hostile), T(test_linux_ends),
		T(test_too_much),
	};

	return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
