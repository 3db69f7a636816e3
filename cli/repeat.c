// SPDX-License-Identifier: Apache-2.0
// --repeat: measure what a user of the kernel waits for.
#include "cli/repeat.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/tally.h"
#include "cli/outcome.h"
#include "cli/stats.h"
#include "cli/status.h"
#include "cli/text.h"

#define LINE_MAX_BYTES 16384
#define SAID_MAX       (1u << 20)
#define NS_PER_TICK    10000000u /* USER_HZ of Linux on x86 is 100 */

/**
 * struct sample - one run
 * @forked_ns: CLOCK_MONOTONIC before the fork
 * @reaped_ns: and after the process is gone
 * @status: as of waitpid()
 * @usage: of the process
 * @line: its JSON line, NUL-terminated, "" for none
 */
struct sample {
	uint64_t forked_ns;
	uint64_t reaped_ns;
	int status;
	struct rusage usage;
	char line[LINE_MAX_BYTES];
};

/**
 * struct child_io - descriptors of all children
 * @in: kernel input, rewound for each run
 * @null: /dev/null, for the kernel's output
 * @err: memory file that takes stderr
 * @status: memory file that takes the JSON line
 */
struct child_io {
	int in;
	int null;
	int err;
	int status;
};

/*
 * Time stolen by the hypervisor below us, all CPUs: the eighth number of the
 * first line; 0 where not told. Without stdio: fscanf() is 100 KB.
 */
static uint64_t stolen_ns(void)
{
	char line[256];
	int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	char *at = line + strlen("cpu");
	uint64_t ticks = 0;

	if (fd >= 0)
		close(fd);
	if (n < 4)
		return 0;
	line[n] = '\0';
	for (unsigned int i = 0; i < 8; i++)
		ticks = strtoull(at, &at, 10);
	return ticks * NS_PER_TICK;
}

/*
 * Reads what a child wrote to a memory file, and has the next begin anew: they
 * share the position, which says how much it was.
 */
static void take_text(int fd, char *to, size_t size)
{
	off_t count = lseek(fd, 0, SEEK_CUR);
	ssize_t n = pread(fd, to,
			  (size_t)count < size ? (size_t)count : size - 1, 0);

	to[n > 0 ? n : 0] = '\0';
	(void)lseek(fd, 0, SEEK_SET);
}

static void be_child(const struct options *o, const struct child_io *io,
		     pid_t parent)
{
	/* Whoever ends the measurement ends a kernel that never would. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(STATUS_FAILED);
	if (dup2(io->in, STDIN_FILENO) < 0 ||
	    dup2(io->null, STDOUT_FILENO) < 0 ||
	    dup2(io->err, STDERR_FILENO) < 0)
		_exit(STATUS_FAILED);
	execv("/proc/self/exe", o->replay);
	perror("dive: cannot execute /proc/self/exe");
	_exit(STATUS_FAILED);
}

static int run_child(const struct options *o, const struct child_io *io,
		     struct sample *ret, struct err *e)
{
	pid_t parent = getpid();
	pid_t pid;

	/* Neither the input nor the memory files carry over. */
	lseek(io->in, 0, SEEK_SET);
	ret->forked_ns = clock_now_ns();
	pid = fork();
	if (pid < 0)
		return err_set(e, -errno, "cannot fork: %s", strerror(errno));
	if (pid == 0)
		be_child(o, io, parent);
	while (wait4(pid, &ret->status, 0, &ret->usage) < 0)
		if (errno != EINTR)
			return err_set(e, -errno, "cannot wait: %s",
				       strerror(errno));
	ret->reaped_ns = clock_now_ns();
	take_text(io->status, ret->line, sizeof(ret->line));
	return 0;
}

/* A number of our own JSON line; in strings every quote has a backslash. */
static bool find_number(const char *line, const char *name, uint64_t *ret)
{
	char key[40];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\":", name);
	at = strstr(line, key);
	if (!at)
		return false;
	*ret = strtoull(at + strlen(key), NULL, 10);
	return true;
}

/* Times: each phase from the end of the one before. */
static int add_phases(struct stats *s, const struct sample *sample,
		      struct err *e)
{
	uint64_t start = 0;
	uint64_t before = 0;
	int r;

	if (!find_number(sample->line, "start_ns", &start) ||
	    start < sample->forked_ns)
		return err_set(e, -EIO,
			       "a run ended without telling its times");
	r = stats_add(s, "total", "ns", sample->reaped_ns - sample->forked_ns,
		      e);
	if (r == 0)
		r = stats_add(s, "exec", "ns", start - sample->forked_ns, e);
	for (enum run_phase p = PHASE_IMAGE; p < RUN_PHASES && r == 0; p++) {
		uint64_t at;

		if (!find_number(sample->line, outcome_phase(p), &at) ||
		    at < before)
			continue;
		r = stats_add(s, outcome_phase(p), "ns", at - before, e);
		before = at;
	}
	if (r == 0 && sample->reaped_ns >= start + before)
		r = stats_add(s, "gone", "ns",
			      sample->reaped_ns - start - before, e);
	return r;
}

/* Marks count from the first instruction. */
static int add_marks(struct stats *s, const struct sample *sample,
		     struct err *e)
{
	uint64_t first = 0;
	int r = 0;

	if (!find_number(sample->line, outcome_phase(PHASE_CPUS), &first))
		return 0;
	for (unsigned int i = 0; i < REPORT_MARKS_MAX && r == 0; i++) {
		char id[16];
		char name[24];
		uint64_t at;

		snprintf(id, sizeof(id), "%u", i);
		if (!find_number(sample->line, id, &at) || at < first)
			continue;
		snprintf(name, sizeof(name), "mark %u", i);
		r = stats_add(s, name, "ns", at - first, e);
	}
	return r;
}

static int add_sample(struct stats *s, const struct sample *sample,
		      struct err *e)
{
	int r = add_phases(s, sample, e);

	if (r == 0)
		r = add_marks(s, sample, e);
	for (enum exit_kind k = 0; k < EXIT_KINDS && r == 0; k++) {
		char name[24];
		uint64_t n;

		snprintf(name, sizeof(name), "exits %s", event_name(k));
		if (find_number(sample->line, event_name(k), &n))
			r = stats_add(s, name, "", n, e);
	}
	if (r == 0)
		r = stats_add(s, "switched away", "",
			      (uint64_t)sample->usage.ru_nivcsw, e);
	if (r == 0)
		r = stats_add(s, "largest RSS", "KiB",
			      (uint64_t)sample->usage.ru_maxrss, e);
	return r;
}

/* Did a run end as none should? Then tell what it said. */
static int check_status(const struct sample *sample, unsigned int run,
			const struct child_io *io)
{
	char said[LINE_MAX_BYTES];
	int status = WIFEXITED(sample->status) ? WEXITSTATUS(sample->status)
					       : 128 + WTERMSIG(sample->status);

	take_text(io->err, said, sizeof(said));
	if (status == 0)
		return 0;
	fprintf(stderr, "dive: run %u ended with status %d", run, status);
	if (strstr(sample->line, "\"cause\":\"exit\""))
		fprintf(stderr, "; if that is success, add --exit-ok %d",
			status);
	fputs(said[0] ? "; it said:\n" : "\n", stderr);
	fputs(said, stderr);
	return status;
}

static int measure(const struct options *o, const struct child_io *io,
		   struct stats *s)
{
	struct sample *sample = malloc(sizeof(*sample));
	struct err e = { 0 };
	int status = 0;

	if (!sample)
		return STATUS_FAILED;
	for (unsigned int i = 0; i < o->warmup + o->repeat; i++) {
		if (run_child(o, io, sample, &e) < 0)
			goto fail;
		status = check_status(sample, i + 1, io);
		if (status != 0)
			break;
		if (i >= o->warmup && add_sample(s, sample, &e) < 0)
			goto fail;
	}
	free(sample);
	return status;
fail:
	text_error(&e);
	free(sample);
	return STATUS_FAILED;
}

/* Input that can be read again and again. */
static int open_input(struct err *e)
{
	if (isatty(STDIN_FILENO))
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (lseek(STDIN_FILENO, 0, SEEK_SET) < 0)
		return err_set(
			e, -EINVAL,
			"--repeat cannot read a pipe again for each run; give it a file: dive --repeat ... <FILE, or </dev/null");
	return dup(STDIN_FILENO);
}

/* A console that is flooded must not fill memory: it has a size, for good. */
static int open_said(void)
{
	int fd = memfd_create("stderr", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 &&
	    (ftruncate(fd, SAID_MAX) || fcntl(fd, F_ADD_SEALS, F_SEAL_GROW))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_io(struct child_io *io, struct err *e)
{
	io->in = open_input(e);
	io->null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	io->err = open_said();
	io->status = memfd_create("status", 0);
	if (io->in == -EINVAL)
		return -EINVAL;
	if (io->in < 0 || io->null < 0 || io->err < 0 || io->status < 0)
		return err_set(e, -EMFILE,
			       "cannot open what --repeat needs: %s",
			       strerror(errno));
	return 0;
}

static void print_result(const struct options *o, struct stats *s,
			 uint64_t stolen)
{
	struct json j = { .out = stdout };

	if (!o->json) {
		stats_print(s, stdout, isatty(STDOUT_FILENO));
		if (stolen > 0)
			fprintf(stderr,
				"dive: disturbed: the hypervisor below took %" PRIu64
				" ms of CPU time (steal)\n",
				stolen / 1000000);
		return;
	}
	json_open(&j, NULL, '{');
	json_number(&j, "runs", o->repeat);
	json_number(&j, "warmup", o->warmup);
	json_number(&j, "stolen_ns", stolen);
	stats_json(s, &j);
	json_close(&j, '}');
	putchar('\n');
}

int repeat_run(const struct options *o)
{
	struct child_io io;
	struct stats stats;
	struct err e = { 0 };
	char word[32];
	uint64_t stolen;
	int status;

	if (open_io(&io, &e) < 0) {
		text_error(&e);
		return STATUS_FAILED;
	}
	snprintf(word, sizeof(word), "--status-fd=%d", io.status);
	o->replay[1] = word;
	stats_init(&stats, o->repeat);
	stolen = stolen_ns();
	status = measure(o, &io, &stats);
	stolen = stolen_ns() - stolen;
	if (status == 0)
		print_result(o, &stats, stolen);
	stats_free(&stats);
	return status;
}
