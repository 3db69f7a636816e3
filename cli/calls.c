// SPDX-License-Identifier: Apache-2.0
// Names of Linux's system calls, and what a kernel could do about each.
#include "cli/calls.h"

#include <stddef.h>
#include <stdio.h>

#define LOCAL  CALL_LOCAL
#define MEMORY CALL_MEMORY
#define CACHE  CALL_CACHE
#define BATCH  CALL_BATCH
#define STAYS  CALL_STAYS

#define NR_FUTEX 202
/* FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME do not make another command. */
#define FUTEX_FLAGS 0x180u

struct call {
	const char *name;
	uint32_t nr;
	enum call_kind kind;
};

struct command {
	uint32_t nr;
	uint32_t command;
	const char *name;
	enum call_kind kind;
};

static const struct call calls[] = {
#define CALL(nr, name, kind) { #name, nr, kind },
#include "hrt/calls.def"
};

static const struct command commands[] = {
#define COMMAND(nr, command, name, kind) { nr, command, #name, kind },
#include "hrt/commands.def"
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

unsigned int calls_known(void)
{
	return COUNT(calls);
}

static const struct call *find_call(uint32_t nr)
{
	for (size_t i = 0; i < COUNT(calls); i++)
		if (calls[i].nr == nr)
			return &calls[i];
	return NULL;
}

/* Is it a call that is many calls? */
static bool has_commands(uint32_t nr)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (commands[i].nr == nr)
			return true;
	return false;
}

uint32_t calls_command(uint32_t nr, uint32_t command)
{
	if (!has_commands(nr))
		return 0;
	return nr == NR_FUTEX ? command & ~FUTEX_FLAGS : command;
}

static const struct command *find_command(const struct dive_count *c)
{
	uint32_t command = calls_command(c->nr, c->command);

	for (size_t i = 0; i < COUNT(commands); i++)
		if (commands[i].nr == c->nr && commands[i].command == command)
			return &commands[i];
	return NULL;
}

const char *calls_call_name(uint32_t nr)
{
	const struct call *call = find_call(nr);

	return call ? call->name : NULL;
}

void calls_name(const struct dive_count *c, char *ret)
{
	const struct command *command = find_command(c);
	const struct call *call = find_call(c->nr);

	if (c->how == DIVE_COUNT_FAULT)
		snprintf(ret, CALLS_NAME_MAX, "page fault");
	else if (c->how == DIVE_COUNT_MAP)
		snprintf(ret, CALLS_NAME_MAX, "memory for the program");
	else if (!call)
		snprintf(ret, CALLS_NAME_MAX, "call %u", c->nr);
	else if (command)
		snprintf(ret, CALLS_NAME_MAX, "%s %s", call->name,
			 command->name);
	else if (has_commands(c->nr))
		snprintf(ret, CALLS_NAME_MAX, "%s 0x%x", call->name,
			 c->command);
	else
		snprintf(ret, CALLS_NAME_MAX, "%s", call->name);
}

enum call_kind calls_kind(const struct dive_count *c)
{
	const struct command *command = find_command(c);
	const struct call *call = find_call(c->nr);

	if (c->how != DIVE_COUNT_SYSCALL)
		return CALL_MEMORY;
	if (command)
		return command->kind;
	return call && !has_commands(c->nr) ? call->kind : CALL_STAYS;
}

const char *calls_kind_words(enum call_kind kind)
{
	static const char *const words[CALL_KINDS] = {
		[CALL_LOCAL] = "safe to serve in the kernel",
		[CALL_MEMORY] = "needs memory ownership",
		[CALL_CACHE] = "cacheable",
		[CALL_BATCH] = "batchable",
		[CALL_STAYS] = "stays in Linux",
	};

	return words[kind];
}

const char *calls_kind_name(enum call_kind kind)
{
	static const char *const names[CALL_KINDS] = {
		[CALL_LOCAL] = "local", [CALL_MEMORY] = "memory",
		[CALL_CACHE] = "cache", [CALL_BATCH] = "batch",
		[CALL_STAYS] = "stays",
	};

	return names[kind];
}

bool calls_waits(const struct dive_count *c)
{
	/* poll select pause nanosleep wait4 rt_sigtimedwait rt_sigsuspend
	 * futex clock_nanosleep epoll_wait waitid pselect6 ppoll epoll_pwait
	 * epoll_pwait2 futex_waitv */
	static const uint16_t numbers[] = { 7,   23,  34,  35,  61,  128,
					    130, 202, 230, 232, 247, 270,
					    271, 281, 441, 449 };

	if (c->how != DIVE_COUNT_SYSCALL)
		return false;
	for (size_t i = 0; i < COUNT(numbers); i++)
		if (numbers[i] == c->nr)
			return true;
	return false;
}
