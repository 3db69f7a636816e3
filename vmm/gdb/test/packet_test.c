// SPDX-License-Identifier: Apache-2.0
// gdb's packets: what is taken, what is refused, what is sent.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vmm/gdb/packet.h"

static struct gdb_in in;
static struct gdb_out out;

static int setup(void **state)
{
	(void)state;
	memset(&in, 0, sizeof(in));
	gdb_out_begin(&out);
	return 0;
}

/* The last event of these bytes. */
static enum gdb_event feed(const char *bytes, size_t size)
{
	enum gdb_event event = GDB_EVENT_NONE;

	for (size_t i = 0; i < size; i++)
		event = gdb_in_byte(&in, (uint8_t)bytes[i]);
	return event;
}

static enum gdb_event feed_text(const char *text)
{
	return feed(text, strlen(text));
}

static void assert_sent(const char *want)
{
	gdb_out_end(&out);
	assert_int_equal(out.size, strlen(want));
	assert_memory_equal(out.data, want, out.size);
}

static struct gdb_args args(const char *text)
{
	return (struct gdb_args){ text, text + strlen(text) };
}

static void test_packet(void **state)
{
	(void)state;
	assert_int_equal(feed_text("+$m0,4#fd"), GDB_EVENT_PACKET);
	assert_int_equal(in.size, 4);
	assert_memory_equal(in.data, "m0,4", 4);
	/* the digits of the sum may be capitals, a packet may be empty */
	assert_int_equal(feed_text("$m0,4#FD"), GDB_EVENT_PACKET);
	assert_int_equal(feed_text("$#00"), GDB_EVENT_PACKET);
	assert_int_equal(in.size, 0);
}

static void test_escape(void **state)
{
	(void)state;
	/* '}' 0x03 is '#', and the sum is of what was sent */
	assert_int_equal(feed("$}\x03#80", 6), GDB_EVENT_PACKET);
	assert_int_equal(in.size, 1);
	assert_int_equal(in.data[0], '#');
}

static void test_damaged(void **state)
{
	(void)state;
	assert_int_equal(feed_text("$m0,4#fe"), GDB_EVENT_BAD);
	assert_int_equal(feed_text("$m0,4#gd"), GDB_EVENT_BAD);
	assert_int_equal(feed_text("$m0,4#fg"), GDB_EVENT_BAD);
	assert_int_equal(feed_text("#00"), GDB_EVENT_NONE);
	assert_int_equal(feed_text("$?#3f"), GDB_EVENT_PACKET);
}

static void test_too_long(void **state)
{
	(void)state;
	feed_text("$");
	for (unsigned int i = 0; i < GDB_PACKET_MAX; i++)
		assert_int_equal(feed_text("@"), GDB_EVENT_NONE);
	/* 4096 * 0x40 is 0 modulo 256 */
	assert_int_equal(feed_text("#00"), GDB_EVENT_PACKET);
	assert_int_equal(in.size, GDB_PACKET_MAX);
	feed_text("$");
	for (unsigned int i = 0; i < GDB_PACKET_MAX + 4; i++)
		feed_text("@");
	assert_int_equal(feed_text("#00"), GDB_EVENT_BAD);
	assert_int_equal(feed_text("$?#3f"), GDB_EVENT_PACKET);
}

static void test_between(void **state)
{
	(void)state;
	assert_int_equal(feed_text("\003"), GDB_EVENT_INTERRUPT);
	assert_int_equal(feed_text("-"), GDB_EVENT_AGAIN);
	assert_int_equal(feed_text("+"), GDB_EVENT_NONE);
	/* inside a packet it is data */
	assert_int_equal(feed_text("$\003#03"), GDB_EVENT_PACKET);
}

static void test_sent(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x7f, 0xa5 };

	(void)state;
	gdb_out_text(&out, "T");
	gdb_out_hex(&out, bytes, 3);
	gdb_out_number(&out, 0);
	gdb_out_text(&out, ",");
	gdb_out_number(&out, UINT64_MAX);
	assert_sent("$T007fa50,ffffffffffffffff#a3");
}

static void test_sent_too_long(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < GDB_PACKET_MAX + 1; i++)
		gdb_out_text(&out, "x");
	assert_sent("$E01#a6");
}

static void part(const char *text, uint64_t offset, uint64_t length,
		 const char *want)
{
	gdb_out_begin(&out);
	gdb_out_part(&out, text, offset, length);
	assert_int_equal(out.size - 1, strlen(want));
	assert_memory_equal(out.data + 1, want, strlen(want));
}

static void test_part(void **state)
{
	static char big[3 * GDB_PACKET_MAX];
	size_t got = 0;

	(void)state;
	part("abc", 0, 2, "mab");
	part("abc", 1, 2, "lbc");
	part("abc", 3, 2, "l");
	part("abc", UINT64_MAX, UINT64_MAX, "l");
	memset(big, 'x', sizeof(big) - 1);
	do {
		gdb_out_begin(&out);
		gdb_out_part(&out, big, got, UINT64_MAX);
		assert_false(out.full);
		got += out.size - 2;
	} while (out.data[1] == 'm');
	assert_int_equal(got, sizeof(big) - 1);
}

static void test_numbers(void **state)
{
	struct gdb_args a = args("1f,ffffffffffffffff");
	uint64_t at, size;

	(void)state;
	assert_true(gdb_args_range(&a, &at, &size));
	assert_int_equal(at, 0x1f);
	assert_int_equal(size, UINT64_MAX);
	assert_ptr_equal(a.at, a.end);
	a = args("1f");
	assert_false(gdb_args_range(&a, &at, &size));
	a = args("12345678123456781");
	assert_false(gdb_args_number(&a, &at));
	a = args("");
	assert_false(gdb_args_number(&a, &at));
	a = args(",1");
	assert_false(gdb_args_number(&a, &at));
}

static void test_hex(void **state)
{
	struct gdb_args a = args("00fFA5");
	uint8_t bytes[3];

	(void)state;
	assert_true(gdb_args_hex(&a, bytes, 3));
	assert_memory_equal(bytes, "\x00\xff\xa5", 3);
	a = args("00f");
	assert_false(gdb_args_hex(&a, bytes, 2));
	a = args("0x11");
	assert_false(gdb_args_hex(&a, bytes, 2));
}

static void test_threads(void **state)
{
	struct gdb_args a = args("-1");
	int thread;

	(void)state;
	assert_true(gdb_args_thread(&a, &thread));
	assert_int_equal(thread, -1);
	a = args("a");
	assert_true(gdb_args_thread(&a, &thread));
	assert_int_equal(thread, 10);
	a = args("80000000");
	assert_false(gdb_args_thread(&a, &thread));
	a = args("-2");
	assert_false(gdb_args_thread(&a, &thread));
}

static void actions(const char *text, const char *want)
{
	struct gdb_args a = args(text);
	enum gdb_action action[3];
	char got[4] = "bad";

	if (gdb_args_actions(&a, action, 3))
		for (unsigned int i = 0; i < 3; i++)
			got[i] = "-cs"[action[i]];
	assert_string_equal(got, want);
}

static void test_actions(void **state)
{
	(void)state;
	actions(";c", "ccc");
	actions(";s:2;c", "csc");
	actions(";s:2", "-s-");
	actions(";C05:1;S05:3", "c-s");
	actions(";c:-1", "ccc");
	actions(";s:1;c:1", "s--");
	actions(";s:4", "---");
	actions("", "---");
	actions(";t", "bad");
	actions(";c:", "bad");
	actions(";c;", "bad");
	actions(";C", "bad");
	actions(";c:1x", "bad");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_packet, setup),
		cmocka_unit_test_setup(test_escape, setup),
		cmocka_unit_test_setup(test_damaged, setup),
		cmocka_unit_test_setup(test_too_long, setup),
		cmocka_unit_test_setup(test_between, setup),
		cmocka_unit_test_setup(test_sent, setup),
		cmocka_unit_test_setup(test_sent_too_long, setup),
		cmocka_unit_test_setup(test_part, setup),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_actions),
	};

	return cmocka_run_group_tests_name("gdb_packet", tests, NULL, NULL);
}
