// SPDX-License-Identifier: Apache-2.0
// What is told while a kernel runs.
#include "cli/notice.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/report.h"
#include "cli/screen.h"
#include "cli/status.h"

/* Symbols are worth having, never worth failing for. */
struct symbols *notice_symbols(const struct exit_report *r, const char *name)
{
	struct symbols *symbols = NULL;
	/* syscall: fcntl[1=F_DUPFD_CLOEXEC] */
	int fd = fcntl(r->image_fd, F_DUPFD_CLOEXEC, 3);

	return fd < 0 || symbols_open(&symbols, fd, name, NULL) < 0 ? NULL
								    : symbols;
}

static void say_where(FILE *out, const struct options *o, enum run_notice why,
		      const struct exit_report *now)
{
	struct symbols *symbols = notice_symbols(now, o->run.image);

	if (why == NOTICE_SILENT)
		fputs("dive: no output yet, RIP is ", out);
	else
		fprintf(out, "dive: CPU %u, RIP is ", now->cpu);
	report_whereabouts(out, now, symbols);
	if (why == NOTICE_SILENT && now->has_screen && !o->screen &&
	    screen_has_text(&now->mem))
		fputs("; on its VGA screen is text, --screen shows it", out);
	putc('\n', out);
	if (why == NOTICE_ASKED && o->screen && now->cpu == 0 &&
	    now->has_screen)
		screen_print(out, &now->mem);
	symbols_close(symbols);
}

/* One line for each: the report is told of the last boot only. */
static void say_reboot(FILE *out, const struct exit_report *report)
{
	struct crash c = { .report = report };

	fputs("dive: the kernel is booted again: ", out);
	if (status_is_crash(report->reason)) {
		crash_gather(&c, report, NULL);
		report_reason(out, &c);
	} else {
		fputs(status_cause(report->reason), out);
	}
	putc('\n', out);
}

/*
 * The kernel has been silent for run.hello_ns, somebody pressed Ctrl-\\, gdb
 * can come, a device has lost its other end, or there is a reboot. No signal
 * ends us here, so a reader that sleeps gets no notice.
 */
void notice_tell(void *arg, enum run_notice why, const struct exit_report *now)
{
	const struct options *o = arg;
	struct pollfd err = { .fd = STDERR_FILENO, .events = POLLOUT };
	char *line = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&line, &size);

	if (!out)
		return;
	if (why == NOTICE_LOST && !o->json)
		fprintf(out, "dive: %s\n", now->text);
	else if (why == NOTICE_SILENT || why == NOTICE_ASKED)
		say_where(out, o, why, now);
	else if (why == NOTICE_REBOOT && !o->quiet && !o->json)
		say_reboot(out, now);
	else if (why == NOTICE_GDB && !o->quiet)
		fprintf(out, "dive: waiting for gdb at %s\n", o->run.gdb);
	if (fclose(out) == 0 && poll(&err, 1, 0) == 1)
		(void)!write(STDERR_FILENO, line, size);
	free(line);
}
