// SPDX-License-Identifier: Apache-2.0
// Daemons: what they get, what they leave, that they go when we go.
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "vmm/daemon.h"

/* sh -c SCRIPT, a socket to it in *ours. */
static int start(struct daemon *d, const char *script, int *ours)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	int pair[2], rc;

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	rc = daemon_start(d, argv, pair[1], NULL);
	close(pair[1]);
	*ours = pair[0];
	return rc;
}

static void hear(int fd, const char *want)
{
	char got[64] = "";

	assert_int_equal(recv(fd, got, strlen(want), MSG_WAITALL),
			 strlen(want));
	assert_string_equal(got, want);
}

static void test_it_has_its_socket_and_nothing_else(void **state)
{
	int secret = dup(1), fd;
	struct daemon d;
	char words[80];

	(void)state;
	assert_true(secret > 2);
	/* Four, and the shell has opened the directory. */
	assert_int_equal(start(&d,
			       "set -- /proc/$$/fd/*; echo $# >&3; "
			       "readlink /proc/$$/fd/0 >&3; echo lost",
			       &fd),
			 0);
	hear(fd, "5\n/dev/null\n");
	daemon_end(&d, NS_PER_S, words, sizeof(words));
	assert_string_equal(words, "it ended with status 0");
	assert_int_equal(d.pid, 0);
	close(fd);
	close(secret);
}

static void test_it_is_missing(void **state)
{
	const char *const argv[] = { "/nowhere/no-such-daemon", NULL };
	struct daemon d;
	struct err e;

	(void)state;
	assert_int_equal(daemon_start(&d, argv, 1, &e), -ENOENT);
	assert_non_null(strstr(e.msg, "no-such-daemon"));
	assert_non_null(strstr(e.msg, "install it"));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* reaped */
	assert_int_equal(errno, ECHILD);
}

static void test_its_last_words_are_kept(void **state)
{
	struct daemon d;
	char words[80];
	int fd;

	(void)state;
	assert_int_equal(start(&d,
			       "echo first >&2; printf 'port \\001 taken\\n"
			       "Failed to send 9 bytes to syslog\\n' >&2; "
			       "exit 1",
			       &fd),
			 0);
	daemon_end(&d, 5 * NS_PER_S, words, sizeof(words));
	assert_string_equal(words, "port ? taken");
	close(fd);
}

/* It must neither wait for us nor fill our memory. */
static void test_it_may_talk_for_ever(void **state)
{
	struct daemon d;
	char words[16];
	int fd;

	(void)state;
	assert_int_equal(start(&d,
			       "i=0; while [ $i -lt 3000 ]; do i=$((i + 1));"
			       "echo 0123456789012345678901234567890123456789;"
			       "done >&2 2>/dev/null; echo done >&3; sleep 60",
			       &fd),
			 0);
	hear(fd, "done\n");
	daemon_end(&d, 0, words, sizeof(words));
	assert_string_equal(words, "it was ended by");
	close(fd);
}

static void test_one_that_does_not_end_is_killed(void **state)
{
	uint64_t start_ns = clock_now_ns();
	struct daemon d;
	char words[80];
	int fd;

	(void)state;
	assert_int_equal(start(&d, "trap '' TERM; echo up >&3; sleep 60", &fd),
			 0);
	hear(fd, "up\n");
	daemon_end(&d, NS_PER_S / 20, words, sizeof(words));
	assert_string_equal(words, "it was ended by signal 9 (Killed)");
	assert_true(clock_now_ns() - start_ns < 20 * NS_PER_S);
	close(fd);
}

/* Its socket stays open in this process: only the signal can end it. */
static void test_it_goes_when_we_are_killed(void **state)
{
	struct pollfd p = { .events = POLLIN };
	int pair[2], status;
	char byte;
	pid_t us;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	us = fork();
	if (us == 0) {
		const char *const argv[] = { "sh", "-c",
					     "echo >&3; exec sleep 60", NULL };
		struct daemon d;

		close(pair[0]);
		if (daemon_start(&d, argv, pair[1], NULL))
			_exit(1);
		close(pair[1]);
		pause();
	}
	close(pair[1]);
	hear(pair[0], "\n");
	kill(us, SIGKILL);
	assert_int_equal(waitpid(us, &status, 0), us);
	p.fd = pair[0];
	assert_int_equal(poll(&p, 1, 20000), 1);
	assert_int_equal(read(pair[0], &byte, 1), 0);
	close(pair[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_has_its_socket_and_nothing_else),
		cmocka_unit_test(test_it_is_missing),
		cmocka_unit_test(test_its_last_words_are_kept),
		cmocka_unit_test(test_it_may_talk_for_ever),
		cmocka_unit_test(test_one_that_does_not_end_is_killed),
		cmocka_unit_test(test_it_goes_when_we_are_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
