// SPDX-License-Identifier: Apache-2.0
// How a run becomes the exit status of dive.
#include "cli/status.h"

#include <errno.h>

static const char *const causes[] = {
	[STOP_NONE] = "none",
	[STOP_EXIT] = "exit",
	[STOP_POWEROFF] = "poweroff",
	[STOP_RESET] = "reset",
	[STOP_PANICKED] = "panicked",
	[STOP_EXCEPTION] = "exception",
	[STOP_TRIPLE_FAULT] = "triple-fault",
	[STOP_HALTED] = "halted",
	[STOP_KVM] = "kvm",
	[STOP_STRICT] = "strict",
	[STOP_BAD_CALL] = "bad-call",
	[STOP_TIMEOUT] = "timeout",
	[STOP_SIGNAL] = "signal",
	[STOP_IO] = "io",
	[STOP_OTHER] = "other-machine",
	[STOP_KILLED] = "killed",
	[STOP_NOT_STARTED] = "not-started",
};

const char *status_cause(enum stop_reason reason)
{
	return reason < sizeof(causes) / sizeof(causes[0]) ? causes[reason]
							   : "none";
}

bool status_is_crash(enum stop_reason reason)
{
	switch (reason) {
	case STOP_PANICKED:
	case STOP_EXCEPTION:
	case STOP_TRIPLE_FAULT:
	case STOP_HALTED:
	case STOP_KVM:
	case STOP_STRICT:
	case STOP_BAD_CALL:
		return true;
	default:
		return false;
	}
}

int status_of_run(const struct exit_report *report, int exit_ok)
{
	int value = (int)(report->status & 0xff);

	switch (report->reason) {
	case STOP_EXIT:
		return value == exit_ok ? 0 : value;
	case STOP_POWEROFF:
	case STOP_RESET:
		return 0;
	case STOP_TIMEOUT:
		return STATUS_TIMEOUT;
	case STOP_NOT_STARTED:
		return report->status == ENOENT ? STATUS_NOT_FOUND
						: STATUS_REFUSED;
	case STOP_SIGNAL:
	case STOP_KILLED:
		return 128 + (value & 0x7f);
	default:
		return status_is_crash(report->reason) ? STATUS_CRASHED
						       : STATUS_FAILED;
	}
}

int status_of_error(const struct err *e)
{
	if (e->code == -ENOEXEC)
		return STATUS_REFUSED;
	return e->code == -ENOENT ? STATUS_NOT_FOUND : STATUS_FAILED;
}
