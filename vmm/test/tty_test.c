// SPDX-License-Identifier: Apache-2.0
// A terminal of our own: its mode is changed, restored, and guarded.
// link: -lutil
#include "vmm/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define WAIT_MS 5000

static int master, slave;
static struct termios before;

static int setup(void **state)
{
	(void)state;
	if (openpty(&master, &slave, NULL, NULL, NULL))
		return -1;
	return tcgetattr(slave, &before);
}

static int teardown(void **state)
{
	(void)state;
	close(master);
	close(slave);
	return 0;
}

static struct termios mode_now(void)
{
	struct termios now;

	assert_int_equal(tcgetattr(slave, &now), 0);
	return now;
}

static bool is_restored(void)
{
	struct termios now = mode_now();

	return now.c_iflag == before.c_iflag && now.c_oflag == before.c_oflag &&
	       now.c_cflag == before.c_cflag && now.c_lflag == before.c_lflag &&
	       memcmp(now.c_cc, before.c_cc, sizeof(now.c_cc)) == 0;
}

static void wait_restored(void)
{
	for (int ms = 0; ms < WAIT_MS && !is_restored(); ms++)
		usleep(1000);
}

static void assert_restored_soon(void)
{
	wait_restored();
	assert_true(is_restored());
}

static void test_changed_and_restored(void **state)
{
	struct tty tty = { 0 };
	struct termios now;

	(void)state;
	tty_enter(&tty, slave);
	assert_true(tty.active);
	now = mode_now();
	assert_int_equal(now.c_lflag & (ICANON | ECHO | IEXTEN), 0);
	assert_int_equal(now.c_iflag & (ICRNL | IXON | ISTRIP), 0);
	assert_int_equal(now.c_cc[VMIN], 1);
	/* Ctrl-C still is one, and output is still for people. */
	assert_int_equal(now.c_lflag & ISIG, before.c_lflag & ISIG);
	assert_int_equal(now.c_oflag, before.c_oflag);
	tty_leave(&tty);
	assert_false(tty.active);
	assert_true(is_restored());
	assert_int_equal(waitpid(-1, NULL, 0) > 0, 1);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void test_again_and_again(void **state)
{
	struct tty tty = { 0 };
	int next, after;

	(void)state;
	next = dup(0);
	close(next);
	for (int i = 0; i < 3; i++) {
		tty_enter(&tty, slave);
		tty_enter(&tty, slave);
		assert_false(is_restored());
		tty_leave(&tty);
		tty_leave(&tty);
		assert_true(is_restored());
		assert_true(waitpid(-1, NULL, 0) > 0);
	}
	after = dup(0);
	close(after);
	assert_int_equal(next, after);
}

static void test_no_terminal(void **state)
{
	struct tty tty = { 0 };
	int null = open("/dev/null", O_RDWR);

	(void)state;
	tty_enter(&tty, null);
	assert_false(tty.active);
	tty_enter(&tty, -1);
	assert_false(tty.active);
	tty_leave(&tty);
	close(null);
}

/* A child that owns the terminal's mode and waits to be killed. */
static pid_t start_owner(void)
{
	int ready[2];
	pid_t child;
	char byte;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		struct tty tty = { 0 };

		close(ready[0]);
		tty_enter(&tty, slave);
		(void)!write(ready[1], "", 1);
		for (;;)
			pause();
	}
	assert_true(child > 0);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

static void test_guard(void **state)
{
	static const int signals[] = { SIGKILL, SIGTERM, SIGHUP };

	(void)state;
	for (int i = 0; i < 3; i++) {
		pid_t child = start_owner();

		assert_false(is_restored());
		kill(child, signals[i]);
		assert_int_equal(waitpid(child, NULL, 0), child);
		assert_restored_soon();
	}
}

/* The guard neither dies with its group nor keeps the master from hanging up. */
static void test_guard_stays_alone(void **state)
{
	pid_t leader = fork();
	int status;

	(void)state;
	if (leader == 0) {
		struct tty tty = { 0 };

		setpgid(0, 0);
		tty_enter(&tty, slave);
		kill(0, SIGTERM);
		_exit(1);
	}
	assert_int_equal(waitpid(leader, &status, 0), leader);
	assert_true(WIFSIGNALED(status));
	assert_restored_soon();
}

/* In the background the terminal belongs to somebody else. */
static void test_background(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0) {
		struct tty tty = { 0 };
		pid_t job;
		bool left_alone;

		signal(SIGTTOU, SIG_IGN);
		setsid();
		if (ioctl(slave, TIOCSCTTY, 0))
			_exit(2);
		job = fork();
		if (job == 0) {
			setpgid(0, 0);
			tty_enter(&tty, slave);
			left_alone = !tty.active && is_restored();
			/* In the foreground it is ours. */
			tcsetpgrp(slave, getpgrp());
			tty_enter(&tty, slave);
			_exit(left_alone && tty.active && !is_restored());
		}
		waitpid(job, &status, 0);
		wait_restored(); /* our end takes the terminal away */
		_exit(WIFEXITED(status) && WEXITSTATUS(status) == 1 ? 0 : 3);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_restored_soon();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_changed_and_restored), T(test_again_and_again),
		T(test_no_terminal),          T(test_guard),
		T(test_guard_stays_alone),    T(test_background),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
