// SPDX-License-Identifier: Apache-2.0
// Frames, whole, in pieces and wrong.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "hrt/ros/frame.h"

struct port {
	int host;
	struct frame_reader reader;
};

static int set_up(void **state)
{
	struct port *p = calloc(1, sizeof(*p));
	int ends[2];

	assert_non_null(p);
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	p->host = ends[0];
	p->reader.fd = ends[1];
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct port *p = *state;

	close(p->host);
	close(p->reader.fd);
	free(p);
	return 0;
}

static void put(const struct port *p, uint32_t type, const void *body,
		uint32_t size)
{
	const struct job_frame head = { type, size };

	assert_int_equal(write(p->host, &head, sizeof(head)), sizeof(head));
	if (size)
		assert_int_equal(write(p->host, body, size), size);
}

static void two_frames_at_once(void **state)
{
	struct port *p = *state;
	const struct job_number number = { 15 };
	struct err e;

	assert_int_equal(frame_read(&p->reader, &e), 0);
	put(p, JOB_SIGNAL, &number, sizeof(number));
	put(p, JOB_READY, NULL, 0);
	assert_int_equal(frame_read(&p->reader, &e), 1);
	assert_int_equal(p->reader.head.type, JOB_SIGNAL);
	assert_memory_equal(p->reader.body, &number, sizeof(number));
	assert_int_equal(frame_read(&p->reader, &e), 1);
	assert_int_equal(p->reader.head.type, JOB_READY);
	assert_int_equal(p->reader.head.size, 0);
	assert_int_equal(frame_read(&p->reader, &e), 0);
}

static void byte_by_byte(void **state)
{
	struct port *p = *state;
	const struct job_frame head = { JOB_SIGNAL, 4 };
	char all[sizeof(head) + 4];
	struct err e;

	memcpy(all, &head, sizeof(head));
	memcpy(all + sizeof(head), "\x0f\0\0", 4);
	for (size_t i = 0; i < sizeof(all); i++) {
		assert_int_equal(frame_read(&p->reader, &e), 0);
		assert_int_equal(write(p->host, all + i, 1), 1);
	}
	assert_int_equal(frame_read(&p->reader, &e), 1);
	assert_memory_equal(p->reader.body, "\x0f\0\0", 4);
}

static void too_large(void **state)
{
	struct port *p = *state;
	const struct job_frame head = { JOB_START, JOB_FRAME_MAX + 1 };
	struct err e;

	assert_int_equal(write(p->host, &head, sizeof(head)), sizeof(head));
	assert_int_equal(frame_read(&p->reader, &e), -EPROTO);
}

static void closed(void **state)
{
	struct port *p = *state;
	struct err e;

	shutdown(p->host, SHUT_WR);
	assert_int_equal(frame_read(&p->reader, &e), -ENODATA);
}

static void sent(void **state)
{
	struct port *p = *state;
	char got[64], text[600];
	struct job_frame head;
	struct err e;

	assert_int_equal(frame_send(p->reader.fd, JOB_READY, 0, NULL, &e), 0);
	assert_int_equal(read(p->host, got, sizeof(got)), sizeof(head));
	assert_int_equal(frame_send(p->reader.fd, JOB_FAILED, 2, "why", &e), 0);
	assert_int_equal(read(p->host, got, sizeof(got)), sizeof(head) + 7);
	memcpy(&head, got, sizeof(head));
	assert_int_equal(head.type, JOB_FAILED);
	assert_int_equal(head.size, 7);
	assert_memory_equal(got + sizeof(head), "\2\0\0\0why", 7);

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(frame_send(p->reader.fd, JOB_FAILED, 2, text, &e), 0);
	assert_int_equal(read(p->host, &head, sizeof(head)), sizeof(head));
	assert_int_equal(head.size, 504);
}

/* start: JOB_START of these numbers, and strings as they are. */
static int parse(uint32_t argc, uint32_t envc, const char *strings, size_t size,
		 struct frame_start *ret)
{
	const struct job_start head = { .argc = argc, .envc = envc };
	/* On the heap, of exactly this size: ASan sees who looks behind it. */
	static char *body;
	struct err e;

	free(body);
	body = malloc(sizeof(head) + size);
	assert_non_null(body);
	memcpy(body, &head, sizeof(head));
	memcpy(body + sizeof(head), strings, size);
	return frame_parse_start(body, sizeof(head) + size, ret, &e);
}

#define PARSE(argc, envc, strings, ret) \
	parse(argc, envc, strings, sizeof(strings), ret)

static void a_start(void **state)
{
	struct frame_start s;

	(void)state;
	assert_int_equal(PARSE(2, 1, "ls\0-l\0A=b\0/tmp", &s), 0);
	assert_string_equal(s.words[0], "ls");
	assert_string_equal(s.words[1], "-l");
	assert_null(s.words[2]);
	assert_string_equal(s.variables[0], "A=b");
	assert_null(s.variables[1]);
	assert_string_equal(s.cwd, "/tmp");
	frame_free_start(&s);
	frame_free_start(&s);
}

static void wrong_starts(void **state)
{
	struct frame_start s;
	char few[4] = "";
	struct err e;

	(void)state;
	assert_int_equal(frame_parse_start(few, sizeof(few), &s, &e), -EPROTO);
	assert_int_equal(PARSE(0, 0, "/tmp", &s), -EPROTO);
	assert_int_equal(PARSE(1, 0, "/tmp", &s), -EPROTO);
	assert_int_equal(PARSE(1, 0, "ls\0tmp", &s), -EPROTO);
	assert_int_equal(PARSE(UINT32_MAX, 0, "ls\0/tmp", &s), -EPROTO);
	assert_int_equal(PARSE(1, UINT32_MAX, "ls\0/tmp", &s), -EPROTO);
	assert_int_equal(parse(1, 0, "ls\0/tmp", 7, &s), -EPROTO);
	assert_int_equal(parse(1, 0, "", 0, &s), -EPROTO);
	assert_null(s.words);
	frame_free_start(&s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_frames_at_once),
		TEST(byte_by_byte),
		TEST(too_large),
		TEST(closed),
		TEST(sent),
		cmocka_unit_test(a_start),
		cmocka_unit_test(wrong_starts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
