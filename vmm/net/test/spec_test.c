// SPDX-License-Identifier: Apache-2.0
// What --net says.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "vmm/net/spec.h"

static void test_user(void **state)
{
	const uint8_t mac[] = { 0x02, 'D', 'I', 'V', 'E', 1 };
	struct net_spec s;

	(void)state;
	assert_int_equal(net_spec_parse("user", &s, NULL), 0);
	assert_int_equal(s.kind, NET_USER);
	assert_int_equal(s.forwards, 0);
	assert_memory_equal(s.mac, mac, sizeof(mac));
}

static void test_forwards(void **state)
{
	struct net_spec s;

	(void)state;
	assert_int_equal(net_spec_parse("user,hostfwd=tcp:0.0.0.0:8080-:80,"
					"hostfwd=udp::53-:5353,"
					"hostfwd=tcp:[::1]:65535-:1",
					&s, NULL),
			 0);
	assert_int_equal(s.forwards, 3);
	assert_false(s.forward[0].udp);
	assert_string_equal(s.forward[0].host, "0.0.0.0");
	assert_int_equal(s.forward[0].port, 8080);
	assert_int_equal(s.forward[0].guest_port, 80);
	assert_true(s.forward[1].udp);
	assert_string_equal(s.forward[1].host, "127.0.0.1");
	assert_int_equal(s.forward[1].port, 53);
	assert_int_equal(s.forward[1].guest_port, 5353);
	assert_string_equal(s.forward[2].host, "::1");
	assert_int_equal(s.forward[2].port, 65535);
	assert_int_equal(s.forward[2].guest_port, 1);
}

static void test_taps(void **state)
{
	const uint8_t mac[] = { 0x52, 0x54, 0, 0xab, 0xcd, 0xef };
	struct net_spec s, other;

	(void)state;
	assert_int_equal(
		net_spec_parse("tap=tap0,mac=52:54:00:ab:CD:ef", &s, NULL), 0);
	assert_int_equal(s.kind, NET_TAP);
	assert_string_equal(s.tap, "tap0");
	assert_memory_equal(s.mac, mac, sizeof(mac));
	assert_true(s.mac_given);
	assert_int_equal(net_spec_parse("tap=tap1", &s, NULL), 0);
	assert_false(s.mac_given);
	assert_int_equal(net_spec_parse("tap=tap2", &other, NULL), 0);
	assert_memory_not_equal(s.mac, other.mac, sizeof(mac));
	assert_int_equal(s.mac[0], 2);
	assert_int_equal(net_spec_parse("fd=7", &s, NULL), 0);
	assert_int_equal(s.kind, NET_FD);
	assert_int_equal(s.fd, 7);
}

static void test_nonsense_is_refused_in_words(void **state)
{
	static const char *const bad[] = {
		"",
		"users",
		"user,",
		"tap",
		"tap=",
		"tap=0123456789abcdef",
		"fd=",
		"fd=-1",
		"fd=4294967296",
		"user,port=1",
		"user,mac=02:00:00:00:00",
		"user,mac=02:00:00:00:00:001",
		"user,mac=2:0:0:0:0:1",
		"user,mac=02:00:00:00:00: 1",
		"user,mac=0x:00:00:00:00:01",
		"user,mac=01:00:00:00:00:01",
		"tap=tap0,hostfwd=tcp::1-:1",
		"user,hostfwd=",
		"user,hostfwd=tcp",
		"user,hostfwd=tcp:1-:1",
		"user,hostfwd=sctp::1-:1",
		"user,hostfwd=tcp::0-:1",
		"user,hostfwd=tcp::1-:0",
		"user,hostfwd=tcp::65536-:1",
		"user,hostfwd=tcp::1-:65536",
		"user,hostfwd=tcp::1",
		"user,hostfwd=tcp::1-10.0.2.15:1",
		"user,hostfwd=tcp:localhost:1-:1",
		"user,hostfwd=tcp:127.0.0.1/8:1-:1",
		"user,hostfwd=tcp:::1:1-:1",
		"user,hostfwd=tcp:[127.0.0.1]:1-:1",
		"user,hostfwd=tcp:[::1:1-:1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { .code = 0 };
		struct net_spec s;

		if (net_spec_parse(bad[i], &s, &e) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		if (!e.msg[0])
			fail_msg("no words for '%s'", bad[i]);
	}
}

static void test_there_is_a_limit(void **state)
{
	static const char one[] = ",hostfwd=tcp::9-:9";
	char text[2048] = "user";
	struct net_spec s;
	size_t at = 4;

	(void)state;
	for (int i = 0; i < NET_FORWARDS_MAX; i++, at += sizeof(one) - 1)
		memcpy(text + at, one, sizeof(one));
	assert_int_equal(net_spec_parse(text, &s, NULL), 0);
	assert_int_equal(s.forwards, NET_FORWARDS_MAX);
	memcpy(text + at, one, sizeof(one));
	assert_int_equal(net_spec_parse(text, &s, NULL), -EINVAL);
	memset(text + 4, ',', sizeof(text) - 5);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(net_spec_parse(text, &s, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_forwards),
		cmocka_unit_test(test_taps),
		cmocka_unit_test(test_nonsense_is_refused_in_words),
		cmocka_unit_test(test_there_is_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
