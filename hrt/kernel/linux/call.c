// SPDX-License-Identifier: Apache-2.0
// From the SYSCALL instruction to the result: find who serves, check, count.
#include "call.h"

#include <asm/errno.h>
#include <asm/unistd.h>
#include <dive/delegate.h>

#include "../clock.h"
#include "../console.h"
#include "channel.h"
#include "command.h"
#include "count.h"
#include "exe.h"
#include "misc.h"
#include "process.h"
#include "serve.h"
#include "space.h"
#include "time.h"

/* As Linux: what is larger is no result but an errno. */
static bool is_error(int64_t result)
{
	return (uint64_t)result >= (uint64_t)-4095;
}

void call_init(void *counts)
{
	count_init(counts);
	exe_init();
	misc_init();
}

const char *call_serve(const char *args)
{
	struct serve_word word;

	serve_reset();
	while (serve_next(args, &word)) {
		if (word.problem) {
			console_log("minnow: %.*s: %s\n", (int)word.size,
				    word.text, word.problem);
			return NULL;
		}
		args = word.end;
	}
	return args;
}

static bool allows(uintptr_t address, size_t size, unsigned int rights)
{
	return space_allows(address, size,
			    (rights & ARG_READ ? PAGE_READ : 0u) |
				    (rights & ARG_WRITE ? PAGE_WRITE : 0u));
}

static const struct argument_space program = {
	.allows = allows,
	.read = space_read,
	.text = space_string,
};

/* What a call of many commands is asked to do, for the counters. */
static uint32_t command_of(uint32_t nr, const uint64_t arg[ARGUMENTS])
{
	/* FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME are no commands. */
	if (nr == __NR_futex)
		return (uint32_t)arg[1] & 0x7f;
	if (nr == __NR_fcntl || nr == __NR_ioctl)
		return (uint32_t)arg[1];
	return nr == __NR_prctl ? (uint32_t)arg[0] : 0;
}

static int64_t refuse(uint32_t nr, uint32_t command, int error)
{
	count_refuse(nr, command, error);
	return -error;
}

int64_t call_forward(uint32_t nr, const uint64_t arg[6])
{
	const struct call_line *line = table_line(nr);
	uint64_t given[ARGUMENTS];
	struct call_cost cost;
	int64_t result;
	uint64_t start;

	memcpy(given, arg, sizeof(given));
	result = argument_check(&program, line->argument, given);
	if (!result)
		result = exe_replace(line->argument, given);
	if (result)
		return result;
	start = clock_cpu_ns();
	result = call_linux(nr, given, &cost);
	if (!result)
		time_forwarded(nr, given, start);
	task_current()->asked_linux = true;
	count_forward(DIVE_COUNT_SYSCALL, nr, command_of(nr, arg), &cost,
		      is_error(result));
	return result;
}

/* Commands that Linux must not be given: the rest of the line holds. */
static int command_error(uint32_t nr, const uint64_t arg[ARGUMENTS])
{
	const struct command *command;

	if (nr != __NR_fcntl && nr != __NR_ioctl && nr != __NR_prctl)
		return 0;
	command = command_find(nr, command_of(nr, arg));
	return command ? command->error : command_unknown(nr);
}

static int64_t serve(uint32_t nr, const uint64_t arg[ARGUMENTS],
		     struct frame *frame)
{
	uint32_t command = command_of(nr, arg);
	struct task *task = task_current();
	uint64_t start = dive_tsc();
	enum call_policy policy;
	int64_t result;
	int error = ENOSYS;

	policy = nr < CALLS ? serve_policy(nr, &error) : CALL_REFUSE;
	if (policy == CALL_FORWARD) {
		error = command_error(nr, arg);
		if (error)
			policy = CALL_REFUSE;
	}
	if (policy == CALL_REFUSE)
		return refuse(nr, command, error);

	task->asked_linux = false;
	/* These do not come back. */
	if (nr == __NR_exit || nr == __NR_exit_group)
		count_local(DIVE_COUNT_SYSCALL, nr, 0, 0, false);
	if (policy == CALL_FORWARD)
		result = call_forward(nr, arg);
	else
		result = table_line(nr)->local(arg, frame);
	/* Also what did not get as far as Linux. */
	if (!task->asked_linux)
		count_local(DIVE_COUNT_SYSCALL, nr, command, dive_tsc() - start,
			    is_error(result));
	return result;
}

void call_dispatch(struct frame *frame)
{
	const uint64_t arg[ARGUMENTS] = { frame->rdi, frame->rsi, frame->rdx,
					  frame->r10, frame->r8,  frame->r9 };

	signal_after_call(frame, serve((uint32_t)frame->rax, arg, frame));
}

void call_count_fault(uint64_t cycles)
{
	count_local(DIVE_COUNT_FAULT, 0, 0, cycles, false);
}

void call_count_map(const struct call_cost *cost)
{
	count_forward(DIVE_COUNT_MAP, 0, 0, cost, false);
}

static void report(const struct count_refusal *refusal)
{
	const char *name = table_name(refusal->nr);
	const char *command = table_command(refusal->nr, refusal->command);
	const char *error = table_error(refusal->error);
	const char *times = refusal->times == 1 ? "time" : "times";

	if (!name)
		console_log("minnow: call %u was refused %lu %s with %s\n",
			    refusal->nr, refusal->times, times, error);
	else if (command || !refusal->command)
		console_log("minnow: %s(%s) was refused %lu %s with %s\n", name,
			    command ? command : "", refusal->times, times,
			    error);
	else
		console_log("minnow: %s(0x%x) was refused %lu %s with %s\n",
			    name, refusal->command, refusal->times, times,
			    error);
}

void call_refusals(void)
{
	struct count_refusal refusal;
	unsigned int at = 0;

	while (count_refusal(&at, &refusal))
		report(&refusal);
}
