// SPDX-License-Identifier: Apache-2.0
// One ordinary run: boot, tell what became of it, end as it ended.
#include "cli/once.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/io.h"
#include "cli/attach.h"
#include "cli/corefile.h"
#include "cli/events.h"
#include "cli/files.h"
#include "cli/linux.h"
#include "cli/notice.h"
#include "cli/outcome.h"
#include "cli/program_time.h"
#include "cli/replay.h"
#include "cli/report.h"
#include "cli/screen.h"
#include "cli/status.h"
#include "cli/svg.h"
#include "cli/text.h"
#include "cli/timing.h"
#include "hrt/split.h"
#include "pisces/partition.h"
#include "vmm/fullvm.h"

/* What ended: the kernel, or Linux beside it. */
struct ending {
	const struct exit_report *report;
	const char *image;
	bool is_ros;
	const struct core_outcome *core;
	const struct split_reboots *reboots; /* NULL with --mode fullvm */
	struct program_time time;
};

/* Under --timeout our own words may take so long. */
#define WORDS_MAX_S 5

/* In words, when it did not end well. */
static void tell_words(const struct options *o, const struct crash *c)
{
	const struct exit_report *r = c->report;
	FILE *out = stderr;

	if (r->broken_ring && !o->quiet)
		fprintf(out,
			"dive: the kernel broke its %s ring (impossible index);"
			" nothing more was taken from it\n",
			r->broken_ring);
	if (r->broken_device[0] && !o->quiet)
		fprintf(out,
			"dive: the kernel broke %s; the device stood still"
			" until it was reset\n",
			r->broken_device);
	if (r->reason == STOP_TIMEOUT) {
		fprintf(out,
			"dive: stopped after --timeout %" PRIu64 ".%03" PRIu64
			" s, RIP was ",
			o->run.timeout_ns / 1000000000u,
			o->run.timeout_ns / 1000000u % 1000);
		report_whereabouts(out, r, c->symbols);
		putc('\n', out);
	} else if (r->reason == STOP_IO || r->reason == STOP_NOT_STARTED) {
		fprintf(out, "dive: %s\n", r->text);
	} else if (status_is_crash(r->reason) && o->quiet) {
		fputs("dive: kernel crashed: ", out);
		report_reason(out, c);
		putc('\n', out);
	} else if (status_is_crash(r->reason)) {
		report_print(out, c);
	}
}

static void json_split(struct json *j, const struct ending *end)
{
	const struct split_reboots *r = end->reboots;

	json_string(j, "machine", end->is_ros ? "ros" : "hrt");
	json_number(j, "reboots", r->count);
	if (r->count == 0)
		return;
	json_open(j, "reboot_ns", '{');
	json_number(j, "min", r->min_ns);
	json_number(j, "mean", r->sum_ns / r->count);
	json_number(j, "max", r->max_ns);
	json_close(j, '}');
}

/* As one JSON line; @e set when the kernel did not start, else the others. */
static void tell_json(const struct options *o, const struct crash *c,
		      const struct ending *end, int status, const struct err *e)
{
	struct json j = { 0 };
	struct err trouble;
	char *line = NULL;
	size_t size = 0;
	int r = 0;

	if (!o->json && o->status_fd < 0)
		return;
	j.out = open_memstream(&line, &size);
	if (!j.out)
		return;
	json_open(&j, NULL, '{');
	if (e)
		outcome_error(&j, e);
	else
		outcome_run(&j, c->report, status);
	if (!e && end->reboots)
		json_split(&j, end);
	if (!e)
		program_time_json(&end->time, &j);
	if (!e && status_is_crash(c->report->reason))
		report_json(&j, c);
	if (!e && o->run.tally)
		events_json(&j, o->run.tally);
	if (!e && o->screen && c->report->has_screen)
		screen_json(&j, &c->report->mem);
	json_close(&j, '}');
	putc('\n', j.out);
	if (fclose(j.out) != 0)
		goto out;
	if (o->json)
		fwrite(line, 1, size, stderr);
	if (o->status_fd >= 0)
		r = io_write_all(o->status_fd, line, size);
	if (r < 0) {
		err_set(&trouble, r, "cannot write to --status-fd %d: %s",
			o->status_fd, strerror(-r));
		text_error(&trouble);
	}
out:
	free(line);
}

/* End as a Unix filter would: by the signal itself. */
static void die_by(int sig)
{
	sigset_t set;

	/*
	 * A core would be dive's, with all the memory of the kernel.
	 * syscall: prctl[0=PR_SET_DUMPABLE]
	 */
	prctl(PR_SET_DUMPABLE, 0);
	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
}

/* What the kernel left unfinished must not stand in front of our words. */
static void end_line(const struct options *o, const struct exit_report *r)
{
	if (r->console_mid_line ||
	    (r->out_mid_line && isatty(o->run.out_fd) && isatty(STDERR_FILENO)))
		putc('\n', stderr);
}

static volatile sig_atomic_t late_status;

static void on_late(int sig)
{
	(void)sig;
	_exit(late_status);
}

static int tell(const struct options *o, const struct ending *end)
{
	const struct exit_report *report = end->report;
	bool bad = status_is_crash(report->reason);
	int status = status_of_run(report, o->exit_ok);
	struct crash c = { .report = report };
	struct symbols *symbols = NULL;

	if (o->run.timeout_ns) {
		late_status = status;
		signal(SIGALRM, on_late);
		alarm(WORDS_MAX_S); /* syscall: alarm */
	}
	if (bad || report->reason == STOP_TIMEOUT)
		symbols = notice_symbols(report, end->image);
	if (bad)
		crash_gather(&c, report, symbols);
	else
		c.symbols = symbols;
	if (symbols || bad || o->timing || o->stats || o->json || o->screen)
		end_line(o, report);
	if (report->quiet_missing && !o->quiet)
		fprintf(stderr, "dive: --quiet-cpu: %s\n",
			report->quiet_missing);
	if (bad && end->is_ros && !o->json)
		fputs("dive: Linux beside the kernel ended:\n", stderr);
	if (!o->json)
		tell_words(o, &c);
	if (o->screen && !o->json && report->has_screen)
		screen_print(stderr, &report->mem);
	if (o->timing && !o->json)
		timing_print(stderr, report, isatty(STDERR_FILENO));
	if (o->timing && !o->json)
		program_time_print(&end->time, stderr);
	if (o->timing && !o->json && end->reboots && end->reboots->count)
		fprintf(stderr,
			"%u reboots, in us: least %" PRIu64 ", mean %" PRIu64
			", most %" PRIu64 "\n",
			end->reboots->count, end->reboots->min_ns / 1000,
			end->reboots->sum_ns / end->reboots->count / 1000,
			end->reboots->max_ns / 1000);
	if (o->stats && !o->json)
		events_print(stderr, o->run.tally, isatty(STDERR_FILENO));
	if (o->svg)
		svg_print(o->svg, report, end->image);
	corefile_tell(o, report, end->core);
	tell_json(o, &c, end, status, NULL);
	symbols_close(symbols);
	return status;
}

/* The kernel alone, or with Linux beside it. */
static int boot(struct options *o, struct linux_image *linux_image,
		struct fullvm **vm, struct split **split,
		struct exit_report *report, struct err *e)
{
	struct split_config c = {
		.hrt = &o->run,
		.ros = &o->ros,
		.ros_has_terminal = o->console == CONSOLE_ROS,
		.window = o->window,
		.programs = o->programs,
		.words = o->words,
		.keep = o->keep,
		.native = o->native,
		.reboots = o->reboots,
	};
	int rc;

	if (o->run.role == RUN_ALONE)
		return fullvm_run(&o->run, vm, report, e);
	rc = o->programs ? linux_find(linux_image, o, e) : 0;
	if (rc == 0)
		rc = split_run(&c, split, report, e);
	if (rc == 0)
		*vm = *split_hrt(*split);
	return rc;
}

static int run(struct options *o, struct exit_report *report)
{
	struct core_outcome core;
	struct ending end = { .report = report,
			      .image = o->run.image,
			      .core = &core };
	struct linux_image ros = { NULL, NULL, NULL };
	struct profile_run told = { .words = o->words, .native = o->native };
	struct split *split = NULL;
	struct fullvm *vm = NULL;
	struct err e = { 0 };
	int status;

	if (corefile_open(o, &e) < 0 || files_open(o, &e) < 0 ||
	    boot(o, &ros, &vm, &split, report, &e) < 0) {
		linux_free(&ros);
		if (!o->json)
			text_error(&e);
		tell_json(o, NULL, NULL, 0, &e);
		return status_of_error(&e);
	}
	replay_triple_fault(&o->run, &vm, report);
	if (split) {
		*split_hrt(split) = vm;
		end.reboots = split_reboots(split);
		program_time_split(&end.time, split_program(split), report);
		profile_gather(&told, split, report);
	}
	if (report->reason == STOP_OTHER) {
		*report = *split_ros_report(split);
		end.is_ros = true;
		end.image = o->ros.image;
	}
	corefile_write(o, vm, report, &core);
	status = tell(o, &end);
	if (split) {
		told.status = status;
		profile_tell(&o->profile, &told);
		split_free(split, true);
	} else {
		fullvm_free(vm, true);
	}
	linux_free(&ros);
	return status;
}

/* No machine at all: Linux goes on beside it. */
static int run_partition(struct options *o, struct exit_report *report)
{
	struct core_outcome core = { .tried = false };
	struct ending end = { .report = report,
			      .image = o->run.image,
			      .core = &core };
	struct partition *partition = NULL;
	struct err e = { 0 };
	int status;

	if (files_open(o, &e) < 0 ||
	    partition_run(&o->run, &partition, report, &e) < 0) {
		if (!o->json)
			text_error(&e);
		tell_json(o, NULL, NULL, 0, &e);
		return status_of_error(&e);
	}
	status = tell(o, &end);
	alarm(0); /* of tell(): this may take longer than words */
	if (partition_free(partition, &e) < 0)
		text_error(&e);
	return status;
}

/* There is no machine here, but an outcome. */
static int run_elsewhere(const struct options *o, struct exit_report *report)
{
	struct crash c = { .report = report };
	struct ending end = { .report = report };
	struct err e = { 0 };
	int rc = attach_run(o, report, &e);
	int status =
		rc ? status_of_error(&e) : status_of_run(report, o->exit_ok);

	if (rc && !o->json)
		text_error(&e);
	else if (!o->json)
		tell_words(o, &c);
	tell_json(o, &c, &end, status, rc ? &e : NULL);
	return status;
}

int once_run(struct options *o, uint64_t start_ns)
{
	struct exit_report report = { .phase_ns[PHASE_START] = start_ns };
	struct err e = { 0 };
	int status;

	/* A kernel that ends its output ends ours, not this. */
	if (o->status_fd == o->run.out_fd) {
		int copy = fcntl(o->status_fd, F_DUPFD_CLOEXEC, 3);

		if (copy >= 0)
			o->status_fd = copy;
	}
	o->run.notify = notice_tell;
	o->run.notify_arg = o;
	o->ros.notify = notice_tell;
	o->ros.notify_arg = o;
	o->run.confine = true;
	status = o->attach                   ? run_elsewhere(o, &report)
		 : o->run.role == RUN_PISCES ? run_partition(o, &report)
					     : run(o, &report);
	corefile_close(o);
	if (files_close(o, &e) < 0)
		text_error(&e);
	if (o->run.timeout_ns)
		alarm(0); /* of tell() */
	if (report.reason == STOP_SIGNAL || report.reason == STOP_KILLED)
		die_by((int)report.status);
	return status;
}
