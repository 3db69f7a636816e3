// SPDX-License-Identifier: Apache-2.0
// Times commands in turn, in a new order each round: noise hits all of them
// alike, and so does what a run leaves behind in the kernel.
//
//   rounds ROUNDS WARMUP <LIST     LIST: name TAB what TAB against TAB command
//
// what = exit: from execve to wait4. The others take JSON as dive writes it to
// --status-fd 3. start, or the name of a phase: from execve to then; "cpus" is
// the first guest instruction. marks: from mark 1 to mark 2. against: row whose
// time in the same round divides.
// Prints TSV: name, median, min, p10, p90 (ms), n, median ratio, row of ratio.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define ROWS_MAX   32
#define WORDS_MAX  48
#define ROUNDS_MAX 1001
#define REPORT_FD  3
#define REPORT_MAX 65536

struct row {
	char *name;
	const char *what;
	const char *against;
	char *word[WORDS_MAX + 1];
	double ms[ROUNDS_MAX];
};

static void fail(const char *what)
{
	fprintf(stderr, "rounds: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Cut at the tabs; false for a line without a command. */
static bool parse_row(struct row *row, char *line)
{
	char *command, *rest;
	unsigned int n = 0;

	line[strcspn(line, "\n")] = '\0';
	row->name = strtok_r(line, "\t", &rest);
	row->what = strtok_r(NULL, "\t", &rest);
	row->against = strtok_r(NULL, "\t", &rest);
	command = strtok_r(NULL, "\t", &rest);
	if (!command)
		return false;
	command = strtok_r(command, " ", &rest);
	for (; command && n < WORDS_MAX; command = strtok_r(NULL, " ", &rest))
		row->word[n++] = command;
	return true;
}

static unsigned int read_rows(struct row *rows)
{
	static char line[ROWS_MAX][2048];
	unsigned int n = 0;

	while (n < ROWS_MAX && fgets(line[n], sizeof(line[n]), stdin))
		if (parse_row(&rows[n], line[n]))
			n++;
	return n;
}

/* In the child: nothing to read, nobody to write to, the report on fd 3. */
static void become(const struct row *row, int report, uint64_t *stamp)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	if (report == REPORT_FD)
		fcntl(report, F_SETFD, 0);
	else
		dup2(report, REPORT_FD);
	*stamp = clock_now_ns();
	execvp(row->word[0], row->word);
	_exit(127);
}

static uint64_t field(const char *json, const char *name)
{
	const char *at = strstr(json, name);

	return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static void read_report(int fd, char *json, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used < size - 1 &&
	       (n = read(fd, json + used, size - 1 - used)) > 0)
		used += (size_t)n;
	json[used] = '\0';
}

/* Nanoseconds; 0 = the command did not report it. */
static uint64_t reported(const struct row *row, const char *json,
			 uint64_t stamp)
{
	uint64_t start = field(json, "\"start_ns\":");
	char phase[32];

	if (!strcmp(row->what, "marks"))
		return field(json, "\"2\":") - field(json, "\"1\":");
	snprintf(phase, sizeof(phase), "\"%s\":", row->what);
	return start ? start + field(json, phase) - stamp : 0;
}

/* Milliseconds, or -1. */
static double time_once(const struct row *row, uint64_t *stamp)
{
	static char json[REPORT_MAX];
	int status, report[2];
	uint64_t ns;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC))
		fail("pipe");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0)
		become(row, report[1], stamp);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	ns = clock_now_ns() - *stamp;
	close(report[1]);
	read_report(report[0], json, sizeof(json));
	close(report[0]);
	if (!WIFEXITED(status) || WEXITSTATUS(status) >= 124)
		return -1;
	if (strcmp(row->what, "exit") != 0)
		ns = reported(row, json, *stamp);
	return ns ? (double)ns / 1e6 : -1;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double quantile(const double *sorted, unsigned int n, double q)
{
	return sorted[(unsigned int)(q * (n - 1) + 0.5)];
}

static const struct row *find(const struct row *rows, unsigned int n,
			      const char *name)
{
	for (unsigned int i = 0; i < n; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static void print_row(const struct row *row, const struct row *against,
		      unsigned int rounds)
{
	static double ms[ROUNDS_MAX], ratio[ROUNDS_MAX];
	unsigned int n = 0, m = 0;

	for (unsigned int i = 0; i < rounds; i++) {
		if (row->ms[i] < 0)
			continue;
		ms[n++] = row->ms[i];
		if (against && against->ms[i] > 0)
			ratio[m++] = row->ms[i] / against->ms[i];
	}
	if (n == 0) {
		printf("%s\t-\t-\t-\t-\t0\t-\t%s\n", row->name, row->against);
		return;
	}
	qsort(ms, n, sizeof(ms[0]), compare);
	qsort(ratio, m, sizeof(ratio[0]), compare);
	printf("%s\t%.3f\t%.3f\t%.3f\t%.3f\t%u", row->name,
	       quantile(ms, n, 0.5), ms[0], quantile(ms, n, 0.1),
	       quantile(ms, n, 0.9), n);
	if (m)
		printf("\t%.2f\t%s\n", quantile(ratio, m, 0.5), row->against);
	else
		printf("\t-\t%s\n", row->against);
}

static void shuffle(unsigned int *order, unsigned int n)
{
	for (unsigned int i = n; i > 1; i--) {
		unsigned int k = (unsigned int)random() % i;
		unsigned int last = order[i - 1];

		order[i - 1] = order[k];
		order[k] = last;
	}
}

int main(int argc, char **argv)
{
	static struct row rows[ROWS_MAX];
	struct sched_param fifo = { .sched_priority = 1 };
	unsigned int rounds =
		argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : 21;
	unsigned int warmup =
		argc > 2 ? (unsigned int)strtoul(argv[2], NULL, 10) : 3;
	unsigned int n = read_rows(rows);
	unsigned int order[ROWS_MAX];
	uint64_t *stamp = mmap(NULL, sizeof(*stamp), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (stamp == MAP_FAILED)
		fail("mmap");
	if (rounds > ROUNDS_MAX)
		rounds = ROUNDS_MAX;
	if (sched_setscheduler(0, SCHED_FIFO, &fifo))
		fprintf(stderr, "rounds: not allowed to use SCHED_FIFO: "
				"expect more spread\n");
	for (unsigned int k = 0; k < n; k++)
		order[k] = k;
	for (unsigned int i = 0; i < warmup + rounds; i++) {
		shuffle(order, n);
		for (unsigned int k = 0; k < n; k++) {
			struct row *row = &rows[order[k]];
			double ms = time_once(row, stamp);

			if (i >= warmup)
				row->ms[i - warmup] = ms;
		}
	}
	for (unsigned int k = 0; k < n; k++)
		print_row(&rows[k], find(rows, n, rows[k].against), rounds);
	return 0;
}
