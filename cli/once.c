// SPDX-License-Identifier: Apache-2.0
// One ordinary run: boot, tell what became of it, end as it ended.
#include "cli/once.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "cli/outcome.h"
#include "cli/status.h"
#include "cli/text.h"
#include "vmm/fullvm.h"

/* The JSON line, for --status-fd and --json. */
static void tell_json(const struct options *o, const struct exit_report *report,
		      int status, const struct err *e)
{
	struct json j = { 0 };
	char *line = NULL;
	size_t size = 0;
	struct err trouble;

	if (!o->json && o->status_fd < 0)
		return;
	j.out = open_memstream(&line, &size);
	if (!j.out)
		return;
	json_open(&j, NULL, '{');
	if (e)
		outcome_error(&j, e);
	else
		outcome_run(&j, report, status);
	json_close(&j, '}');
	putc('\n', j.out);
	if (fclose(j.out) == 0) {
		int r = 0;

		if (o->status_fd >= 0)
			r = io_write_all(o->status_fd, line, size);
		if (r < 0) {
			err_set(&trouble, r,
				"cannot write to --status-fd %d: %s",
				o->status_fd, strerror(-r));
			text_error(&trouble);
		}
		if (o->json)
			fwrite(line, 1, size, stderr);
	}
	free(line);
}

/* End as a Unix filter would: by the signal itself. */
static void die_by(int sig)
{
	sigset_t set;

	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
}

int once_run(const struct options *o, uint64_t start_ns)
{
	struct exit_report report = { .phase_ns[PHASE_START] = start_ns };
	struct fullvm *vm = NULL;
	struct err e = { 0 };
	int status;
	int r = fullvm_run(&o->run, &vm, &report, &e);

	if (r < 0) {
		if (!o->json)
			text_error(&e);
		tell_json(o, NULL, 0, &e);
		return status_of_error(&e);
	}
	status = status_of_run(&report, o->exit_ok);
	tell_json(o, &report, status, NULL);
	fullvm_free(vm, true);
	if (report.reason == STOP_SIGNAL)
		die_by((int)report.status);
	return status;
}
