// SPDX-License-Identifier: Apache-2.0
// The real passt, if this machine has it and a route for it to copy.
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "vmm/net/passt.h"

static void start(struct daemon *d, struct ether **cable, const char *text,
		  struct net_spec *spec)
{
	struct err e = { .code = 0 };
	int rc;

	assert_int_equal(net_spec_parse(text, spec, NULL), 0);
	rc = passt_start(d, spec, cable, &e);
	if (rc == -ENOENT) {
		print_message("# no passt here\n");
		skip();
	}
	assert_int_equal(rc, 0);
}

/* As start(), and until it is ready. */
static void start_ready(struct daemon *d, struct ether **cable)
{
	struct err e = { .code = 0 };
	struct net_spec spec;

	start(d, cable, "user", &spec);
	if (passt_wait(d, *cable, spec.mac, &e)) {
		ether_close(*cable);
		if (!strstr(e.msg, "default route"))
			fail_msg("%s", e.msg);
		print_message("# %s\n", e.msg);
		skip();
	}
}

static void test_it_is_ready_and_ends_with_its_cable(void **state)
{
	struct ether *cable;
	const uint8_t *frame;
	struct daemon d;
	char words[80];
	size_t size;

	(void)state;
	start_ready(&d, &cable);
	assert_true(d.pid > 0);
	/* The answer to the probe was not for the guest. */
	assert_int_equal(ether_peek(cable, &frame, &size), -EAGAIN);
	ether_close(cable);
	daemon_end(&d, 20 * NS_PER_S, words, sizeof(words));
	assert_null(strstr(words, "signal"));
}

static void test_its_death_is_seen(void **state)
{
	struct pollfd p = { .events = POLLIN };
	struct ether *cable;
	const uint8_t *frame;
	struct daemon d;
	char words[80];
	size_t size;
	int rc;

	(void)state;
	start_ready(&d, &cable);
	kill(d.pid, SIGKILL);
	p.fd = cable->fd;
	assert_int_equal(poll(&p, 1, 20000), 1);
	rc = ether_peek(cable, &frame, &size);
	assert_true(rc == -ENOTCONN || rc == -ECONNRESET);
	daemon_end(&d, NS_PER_S, words, sizeof(words));
	assert_string_equal(words, "it was ended by signal 9 (Killed)");
	ether_close(cable);
}

static void test_what_it_says_reaches_the_user(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(in);
	struct net_spec spec;
	struct ether *cable;
	struct daemon d;
	struct err e;
	char text[80];

	(void)state;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &length), 0);
	snprintf(text, sizeof(text), "user,hostfwd=tcp::%u-:80",
		 ntohs(in.sin_port));
	start(&d, &cable, text, &spec);
	assert_true(passt_wait(&d, cable, spec.mac, &e) < 0);
	assert_int_equal(d.pid, 0);
	if (!strstr(e.msg, "default route")) /* no route: see above */
		assert_non_null(strstr(e.msg, "bind"));
	ether_close(cable);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_ready_and_ends_with_its_cable),
		cmocka_unit_test(test_its_death_is_seen),
		cmocka_unit_test(test_what_it_says_reaches_the_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
