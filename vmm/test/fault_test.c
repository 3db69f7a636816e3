// SPDX-License-Identifier: Apache-2.0
// Every call that can fail fails once: the run says so and leaves nothing.
// link: -Wl,--wrap=ioctl,--wrap=mmap,--wrap=malloc,--wrap=calloc
// link: -Wl,--wrap=eventfd,--wrap=pthread_create,--wrap=pipe2
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "vmm/fullvm.h"

#define KINDS_MAX 48
/* Of each kind of call only the first so many: a kernel exits often. */
#define SAME_MAX  3
#define TIMEOUT_S 30
#define SETTLE_MS 2000

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __real_ioctl(int fd, unsigned long request, void *arg);
void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd,
		  off_t offset);
void *__real_mmap(void *at, size_t size, int prot, int flags, int fd,
		  off_t offset);
void *__wrap_malloc(size_t size);
void *__real_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_calloc(size_t count, size_t size);
int __wrap_eventfd(unsigned int value, int flags);
int __real_eventfd(unsigned int value, int flags);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*run)(void *), void *arg);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*run)(void *), void *arg);
int __wrap_pipe2(int *ends, int flags);
int __real_pipe2(int *ends, int flags);

/* Which call fails: the one that counts @left down to 0; off when negative. */
static struct {
	pthread_mutex_t lock;
	int left;
	bool failed;
	uint64_t kind[KINDS_MAX];
	unsigned int seen[KINDS_MAX];
} plan = { .lock = PTHREAD_MUTEX_INITIALIZER, .left = -1 };

static bool fails(uint64_t kind)
{
	unsigned int i = 0;
	bool now = false;

	pthread_mutex_lock(&plan.lock);
	if (plan.left >= 0) {
		while (plan.seen[i] && plan.kind[i] != kind)
			i++;
		plan.kind[i] = kind;
		if (plan.seen[i]++ < SAME_MAX)
			now = plan.left-- == 0;
		plan.failed = plan.failed || now;
	}
	pthread_mutex_unlock(&plan.lock);
	return now;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	/* These two cannot fail for want of anything. */
	if (request != KVM_IRQ_LINE && request != KVM_SIGNAL_MSI &&
	    fails(request)) {
		errno = ENOMEM;
		return -1;
	}
	return __real_ioctl(fd, request, arg);
}

void *__wrap_mmap(void *at, size_t size, int prot, int flags, int fd,
		  off_t offset)
{
	if (fails(1)) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return __real_mmap(at, size, prot, flags, fd, offset);
}

void *__wrap_malloc(size_t size)
{
	return fails(2) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails(3) ? NULL : __real_calloc(count, size);
}

int __wrap_eventfd(unsigned int value, int flags)
{
	if (fails(4)) {
		errno = EMFILE;
		return -1;
	}
	return __real_eventfd(value, flags);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*run)(void *), void *arg)
{
	return fails(5) ? EAGAIN
			: __real_pthread_create(thread, attr, run, arg);
}

int __wrap_pipe2(int *ends, int flags)
{
	if (fails(6)) {
		errno = EMFILE;
		return -1;
	}
	return __real_pipe2(ends, flags);
}

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

/* What must be as before: descriptors, threads, signals. */
struct state {
	unsigned int files;
	unsigned int threads;
	sigset_t mask;
	struct sigaction usr1;
};

static struct state state_now(void)
{
	struct state s;

	memset(&s, 0, sizeof(s));
	s.files = count_entries("/proc/self/fd");
	s.threads = count_entries("/proc/self/task");
	pthread_sigmask(SIG_SETMASK, NULL, &s.mask);
	sigaction(RUN_KICK, NULL, &s.usr1);
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
	for (int i = 1; i < 32; i++)
		assert_int_equal(sigismember(&now.mask, i),
				 sigismember(&before->mask, i));
	assert_ptr_equal(now.usr1.sa_handler, before->usr1.sa_handler);
}

struct scenario {
	const char *kernel;
	const char *boot;
	unsigned int cpus;
	const char *input;
	const char *output;
};

/* Only what is written in base/run.h, and then output is complete or lost. */
static void assert_report(const struct scenario *s,
			  const struct exit_report *report, const char *output)
{
	switch (report->reason) {
	case STOP_EXIT:
		assert_int_equal(report->status, 0);
		assert_string_equal(output, s->output);
		break;
	case STOP_KVM:
	case STOP_IO:
		assert_int_not_equal(report->text[0], 0);
		break;
	default:
		fail_msg("reason %d: %s", report->reason, report->text);
	}
}

static void read_output(int fd, char *to, size_t size)
{
	size_t n = 0;
	ssize_t got;

	while (n < size - 1 && (got = read(fd, to + n, size - 1 - n)) > 0)
		n += (size_t)got;
	to[n] = '\0';
}

/* One run with the given call failing; false when there was no such call. */
static bool run(const struct scenario *s, struct run_config *config, int n)
{
	struct exit_report report = { .reason = STOP_NONE };
	struct err e = { .msg = "" };
	struct fullvm *vm = NULL;
	int in[2], out[2], rc;
	char output[256];

	assert_int_equal(__real_pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(__real_pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(write(in[1], s->input, strlen(s->input)),
			 strlen(s->input));
	close(in[1]);
	config->in_fd = in[0];
	config->out_fd = out[1];
	memset(plan.seen, 0, sizeof(plan.seen));
	plan.failed = false;
	plan.left = n;
	rc = fullvm_run(config, &vm, &report, &e);
	plan.left = -1;
	if (fcntl(out[1], F_GETFD) >= 0)
		close(out[1]); /* else closed when the kernel said EOF */
	read_output(out[0], output, sizeof(output));
	close(out[0]);
	close(in[0]);
	if (rc) {
		assert_true(plan.failed);
		assert_null(vm);
		assert_true(rc < 0 && rc > -4096);
		assert_int_equal(e.code, rc);
		assert_int_not_equal(e.msg[0], 0);
		/* Nobody is told that a kernel is bad or not there. */
		assert_int_not_equal(rc, -ENOENT);
	} else {
		assert_report(s, &report, output);
		if (!plan.failed)
			assert_int_equal(report.reason, STOP_EXIT);
	}
	fullvm_free(vm, false);
	return plan.failed;
}

/* The program is build/.../test/vmm/fault_test, kernels are build/.../kernels. */
static void kernel_path(const char *name, char *to, size_t size)
{
	char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	assert_true(n > 0);
	self[n] = '\0';
	for (int i = 0; i < 3; i++) {
		assert_non_null(strrchr(self, '/'));
		*strrchr(self, '/') = '\0';
	}
	n = snprintf(to, size, "%s/kernels/%s", self, name);
	assert_in_range(n, 1, size - 1);
}

static void try_all(const struct scenario *s)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct run_config config = {
		.cmdline = "",
		.boot = s->boot,
		.mem_size = 8 << 20,
		.cpus = s->cpus,
		.console_fd = null,
		.timeout_ns = TIMEOUT_S * UINT64_C(1000000000),
	};
	char path[640];
	struct state before;
	int n = 0;

	assert_true(null >= 0);
	kernel_path(s->kernel, path, sizeof(path));
	config.image = path;
	before = state_now();
	while (run(s, &config, n)) {
		assert_state(&before);
		n++;
	}
	assert_state(&before);
	print_message("# %d calls of a run of %s failed, one by one\n", n,
		      s->kernel);
	assert_in_range(n, 10, 1000);
	close(null);
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

static void test_hello(void **state)
{
	(void)state;
	need_kvm();
	try_all(&(struct scenario){ "hello.elf", NULL, 1, "", "hello\n" });
}

static void test_input_and_cpus(void **state)
{
	(void)state;
	need_kvm();
	try_all(&(struct scenario){ "echo.elf", NULL, 2, "in and out\n",
				    "in and out\n" });
}

static void test_pc(void **state)
{
	(void)state;
	need_kvm();
	try_all(&(struct scenario){ "hello.elf", "multiboot1", 2, "",
				    "hello\n" });
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
	if (__real_pthread_create(&thread, NULL, nothing, NULL))
		return -1;
	return pthread_join(thread, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hello),
		cmocka_unit_test(test_input_and_cpus),
		cmocka_unit_test(test_pc),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, first_thread, NULL);
}
