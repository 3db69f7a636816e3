// SPDX-License-Identifier: Apache-2.0
// --report: what the calls of a program have cost.
#include "cli/profile.h"

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/beside.h"
#include "cli/counts.h"
#include "cli/json.h"
#include "cli/program_time.h"
#include "hrt/split.h"

#define BRAND_SIZE 48 /* Intel SDM, CPUID: brand string with its NUL */

bool profile_wanted(const struct profile *p)
{
	return p->text || p->json || p->svg;
}

int profile_set(struct profile *p, const char *arg, struct err *e)
{
	if (!arg)
		p->text = true;
	else if (!strncmp(arg, "json:", 5) && arg[5])
		p->json = arg + 5;
	else if (!strncmp(arg, "svg:", 4) && arg[4])
		p->svg = arg + 4;
	else
		return err_set(e, -EINVAL,
			       "it is json:FILE or svg:FILE, or nothing for "
			       "text");
	return 0;
}

/* Beside this program, else anywhere. */
static void become_diver(char *const *argv)
{
	const char *path = beside("diver");

	if (path)
		execv(path, argv);
	execvp(argv[0], argv);
}

/* In the child. What ends dive shall not end the report. */
static void run_diver(const struct profile *p, int from)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	char *argv[] = { "diver", "advise", "-", NULL, NULL, NULL };
	int to = p->text ? STDERR_FILENO : open("/dev/null", O_WRONLY);

	if (p->svg) {
		argv[3] = "--svg";
		argv[4] = (char *)(uintptr_t)p->svg;
	}
	for (unsigned int i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	if (to >= 0 && dup2(from, 0) == 0 && dup2(to, 1) == 1) {
		close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
		become_diver(argv);
	}
	_exit(127);
}

static int start_diver(struct profile *p, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return err_set(e, -errno, "--report: %s", strerror(errno));
	p->diver = fork();
	if (p->diver == 0)
		run_diver(p, ends[0]);
	close(ends[0]);
	p->reader = fdopen(ends[1], "w");
	if (p->reader && p->diver > 0)
		return 0;
	if (!p->reader)
		close(ends[1]);
	return err_set(e, -ENOMEM, "--report: no memory for diver");
}

int profile_open(struct profile *p, struct err *e)
{
	if (p->json) {
		p->file = fopen(p->json, "we");
		if (!p->file)
			/* -ENOENT would say that the kernel is not there. */
			return err_set(e, -EIO, "--report: %s: %s", p->json,
				       strerror(errno));
	}
	return p->text || p->svg ? start_diver(p, e) : 0;
}

static void put_cpu(struct json *j)
{
	char brand[BRAND_SIZE + 1] = "";
	uint32_t r[4];

	for (unsigned int i = 0; i < 3; i++)
		if (__get_cpuid(0x80000002 + i, &r[0], &r[1], &r[2], &r[3]))
			memcpy(brand + 16 * i, r, sizeof(r));
	json_string(j, "cpu", brand);
}

static void put(FILE *out, const struct profile_run *run)
{
	struct json j = { .out = out };

	json_open(&j, NULL, '{');
	json_number(&j, "dive_report", REPORT_VERSION);
	json_open(&j, "program", '[');
	for (char *const *w = run->words; w && *w; w++)
		json_string(&j, NULL, *w);
	json_close(&j, ']');
	put_cpu(&j);
	json_bool(&j, "native", run->native);
	json_number(&j, "status", (uint8_t)run->status);
	json_bool(&j, "ended", run->is_ended);
	json_number(&j, "load_ns", run->load_ns);
	json_number(&j, "run_ns", run->run_ns);
	json_number(&j, "tsc_khz", run->tsc_khz);
	counts_json(&j, run->mem, run->area);
	json_close(&j, '}');
	putc('\n', out);
}

void profile_gather(struct profile_run *ret, const struct split *split,
		    const struct exit_report *report)
{
	const struct program *p = split_program(split);
	uint64_t taken = report->mark_ns[DIVE_MARK_TAKEN];
	uint64_t begin = report->mark_ns[DIVE_MARK_ENTERED], end;

	ret->tsc_khz = report->tsc_khz;
	ret->mem = &report->mem;
	ret->area = split_area(split);
	if (!p) {
		ret->words = NULL; /* the kernel's own */
		return;
	}
	if (taken && begin > taken)
		ret->load_ns = begin - taken;
	if (!begin)
		begin = p->started_ns;
	ret->is_ended = p->ended_ns != 0;
	end = p->ended_ns ? p->ended_ns : report->phase_ns[PHASE_STOPPED];
	if (begin && end > begin)
		ret->run_ns = end - begin;
}

void profile_tell(struct profile *p, const struct profile_run *run)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction old;

	if (run->words && !run->run_ns)
		return;
	if (p->file)
		put(p->file, run);
	if (!p->reader)
		return;
	/* A diver that is not there has closed its end. */
	sigaction(SIGPIPE, &ignore, &old);
	put(p->reader, run);
	(void)fflush(p->reader);
	sigaction(SIGPIPE, &old, NULL);
}

static int close_reader(struct profile *p, struct err *e)
{
	int status = 0;

	fclose(p->reader);
	p->reader = NULL;
	/* syscall: wait4 */
	while (waitpid(p->diver, &status, 0) < 0 && errno == EINTR)
		;
	p->diver = 0;
	if (status == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return err_set(e, -EIO,
			       "--report: there is no diver beside dive; "
			       "--report=json:FILE needs none");
	return err_set(e, -EIO, "--report: diver has failed");
}

int profile_close(struct profile *p, struct err *e)
{
	int rc = 0;

	if (p->file && fclose(p->file))
		rc = err_set(e, -EIO, "--report: %s: %s", p->json,
			     strerror(errno));
	p->file = NULL;
	return p->reader ? close_reader(p, e) : rc;
}
