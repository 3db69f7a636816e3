// SPDX-License-Identifier: Apache-2.0
// Two machines, whoever ends first: what they leave behind in the process.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "hrt/split.h"

#define SETTLE_MS 5000
#define PATH_LEN  640

/* What must be as before: descriptors, threads, signals, the timer. */
struct state {
	unsigned int files;
	unsigned int threads;
	sigset_t mask;
	sigset_t pending;
	struct sigaction usr1;
	struct itimerval timer;
};

static unsigned int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static struct state state_now(void)
{
	struct state s;

	memset(&s, 0, sizeof(s));
	s.files = count_entries("/proc/self/fd");
	s.threads = count_entries("/proc/self/task");
	pthread_sigmask(SIG_SETMASK, NULL, &s.mask);
	sigpending(&s.pending);
	sigaction(RUN_KICK, NULL, &s.usr1);
	getitimer(ITIMER_REAL, &s.timer);
	return s;
}

static void assert_state(const struct state *before)
{
	struct state now = state_now();

	/* A joined thread, or one of KVM's, may take a moment to go. */
	for (int ms = 0; now.threads != before->threads && ms < SETTLE_MS;
	     ms++) {
		usleep(1000);
		now = state_now();
	}
	assert_int_equal(now.files, before->files);
	assert_int_equal(now.threads, before->threads);
	for (int i = 1; i < 32; i++) {
		assert_int_equal(sigismember(&now.mask, i),
				 sigismember(&before->mask, i));
		assert_int_equal(sigismember(&now.pending, i), 0);
	}
	assert_ptr_equal(now.usr1.sa_handler, before->usr1.sa_handler);
	assert_int_equal(now.timer.it_value.tv_sec, 0);
	assert_int_equal(now.timer.it_value.tv_usec, 0);
}

/* The program is build/.../test/hrt/split_test, kernels are build/.../kernels. */
static void kernel_path(const char *name, char *to)
{
	char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	assert_true(n > 0);
	self[n] = '\0';
	for (int i = 0; i < 3; i++) {
		assert_non_null(strrchr(self, '/'));
		*strrchr(self, '/') = '\0';
	}
	n = snprintf(to, PATH_LEN, "%s/kernels/%s", self, name);
	assert_in_range(n, 1, PATH_LEN - 1);
}

static void need_kvm(void)
{
	const char *no_skip = getenv("DIVE_NO_SKIP");
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return;
	}
	if (no_skip && strcmp(no_skip, "1") == 0)
		fail_msg("may not skip: no usable /dev/kvm");
	skip();
}

/* One run of two kernels; 0 or what split_run() returned. */
struct pair {
	const char *hrt;
	const char *ros;
	unsigned int reboots;
	uint64_t window;
	struct exit_report report;
	enum stop_reason ros_reason;
	unsigned int reboots_done;
	struct err e;
};

static int run(struct pair *p)
{
	char hrt_path[PATH_LEN], ros_path[PATH_LEN];
	struct run_config hrt = { .role = RUN_HRT,
				  .image = hrt_path,
				  .cmdline = "",
				  .mem_size = 8 << 20,
				  .cpus = 2,
				  .in_fd = -1,
				  .out_fd = -1,
				  .console_fd = -1,
				  .core_fd = -1 };
	struct run_config ros = hrt;
	const struct split_config c = { .hrt = &hrt,
					.ros = &ros,
					.window = p->window,
					.reboots = p->reboots };
	struct state before;
	struct split *s;
	int rc;

	need_kvm();
	ros.role = RUN_ROS;
	ros.image = ros_path;
	kernel_path(p->hrt, hrt_path);
	kernel_path(p->ros, ros_path);
	before = state_now();
	rc = split_run(&c, &s, &p->report, &p->e);
	if (rc == 0) {
		p->ros_reason = split_ros_report(s)->reason;
		p->reboots_done = split_reboots(s)->count;
	} else {
		assert_null(s);
		assert_int_equal(p->e.code, rc);
	}
	split_free(s, false);
	assert_state(&before);
	return rc;
}

static void test_hrt_ends(void **state)
{
	struct pair p = { .hrt = "hello.elf", .ros = "ticks.elf" };

	(void)state;
	assert_int_equal(run(&p), 0);
	assert_int_equal(p.report.reason, STOP_EXIT);
	assert_int_equal(p.ros_reason, STOP_OTHER);
}

static void test_ros_ends(void **state)
{
	struct pair p = { .hrt = "ticks.elf", .ros = "hello.elf" };

	(void)state;
	assert_int_equal(run(&p), 0);
	assert_int_equal(p.report.reason, STOP_OTHER);
	assert_int_equal(p.ros_reason, STOP_EXIT);
}

/* Nobody knows who is first; neither must wait for the other. */
static void test_both_end(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		struct pair p = { .hrt = "hello.elf", .ros = "hello.elf" };

		assert_int_equal(run(&p), 0);
		assert_true(p.report.reason == STOP_EXIT ||
			    p.ros_reason == STOP_EXIT);
	}
}

static void test_reboots(void **state)
{
	struct pair p = { .hrt = "reset.elf",
			  .ros = "ticks.elf",
			  .reboots = 5,
			  .window = 2 << 20 };

	(void)state;
	assert_int_equal(run(&p), 0);
	assert_int_equal(p.report.reason, STOP_TRIPLE_FAULT);
	assert_int_equal(p.ros_reason, STOP_OTHER);
	assert_int_equal(p.reboots_done, 5);
}

/* Linux ends in the midst of it. */
static void test_reboots_end(void **state)
{
	struct pair p = { .hrt = "reset.elf",
			  .ros = "timer.elf",
			  .reboots = 100000 };

	(void)state;
	assert_int_equal(run(&p), 0);
	assert_int_equal(p.report.reason, STOP_OTHER);
	assert_int_equal(p.ros_reason, STOP_EXIT);
}

static void test_missing(void **state)
{
	struct pair no_ros = { .hrt = "hello.elf", .ros = "none" };
	struct pair no_hrt = { .hrt = "none", .ros = "hello.elf" };

	(void)state;
	assert_int_equal(run(&no_ros), -EINVAL);
	assert_non_null(strstr(no_ros.e.msg, "--ros: "));
	assert_int_equal(run(&no_hrt), -ENOENT);
}

static void *nothing(void *arg)
{
	return arg;
}

/* ThreadSanitizer starts a thread of its own beside the first other one. */
static int first_thread(void **state)
{
	pthread_t thread;

	(void)state;
	if (pthread_create(&thread, NULL, nothing, NULL))
		return -1;
	return pthread_join(thread, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hrt_ends),
		cmocka_unit_test(test_ros_ends),
		cmocka_unit_test(test_both_end),
		cmocka_unit_test(test_reboots),
		cmocka_unit_test(test_reboots_end),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, first_thread, NULL);
}
