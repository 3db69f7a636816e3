// SPDX-License-Identifier: Apache-2.0
// Tells the program which file it is: Linux would say that it is the partner.
#include "exe.h"

#include <asm/errno.h>
#include <asm/unistd.h>

#include "../wait.h"
#include "process.h"
#include "range.h"

#define NAME_MAX 32 /* of /proc/PID/exe */

/* The path, in memory of the program's; 0: not yet. */
static uint64_t copy;
static struct mutex lock;

void exe_init(void)
{
	copy = 0;
}

static bool is_same(const char *text, const char *other)
{
	return !memcmp(text, other, strlen(other) + 1);
}

/* Is the text at an address one of the names of the program's own file. */
static bool is_exe(uint64_t address)
{
	char text[NAME_MAX] = "", own[NAME_MAX] = "/proc/";
	size_t length, at = strlen(own), digits = 0;
	uint32_t number = process.tid;

	if (!space_string(address, sizeof(text) - 1, &length) ||
	    !space_read(text, address, length))
		return false;
	text[length] = '\0';
	if (is_same(text, "/proc/self/exe") ||
	    is_same(text, "/proc/thread-self/exe"))
		return true;
	for (uint32_t rest = number; rest; rest /= 10)
		digits++;
	for (size_t i = digits; i-- > 0; number /= 10)
		own[at + i] = (char)('0' + number % 10);
	memcpy(own + at + digits, "/exe", sizeof("/exe"));
	return is_same(text, own);
}

/* Linux can only read what is in the program's memory. */
static int64_t make_copy(void)
{
	const struct space_request page = { .size = ARGUMENT_PATH_MAX,
					    .rights = PAGE_READ | PAGE_WRITE };
	const char *path = process.job.path;
	int64_t at = space_map(&page);

	if (at < 0)
		return at;
	if (!space_write((uintptr_t)at, path, strlen(path) + 1))
		return -EFAULT;
	copy = (uint64_t)at;
	return 0;
}

int exe_replace(const struct argument kinds[ARGUMENTS], uint64_t arg[ARGUMENTS])
{
	int64_t result = 0;

	for (unsigned int i = 0; i < ARGUMENTS; i++) {
		if (kinds[i].kind != ARG_TEXT ||
		    kinds[i].size != ARGUMENT_PATH_MAX || !arg[i] ||
		    !is_exe(arg[i]))
			continue;
		mutex_lock(&lock);
		if (!copy)
			result = make_copy();
		mutex_unlock(&lock);
		if (result)
			return (int)result;
		arg[i] = copy;
	}
	return 0;
}

static int64_t read_exe(uint64_t buffer, uint64_t buffer_size)
{
	size_t size = strlen(process.job.path);

	if ((int32_t)buffer_size <= 0)
		return -EINVAL;
	if (size > (uint32_t)buffer_size)
		size = (uint32_t)buffer_size;
	return space_write(buffer, process.job.path, size) ? (int64_t)size
							   : -EFAULT;
}

int64_t sys_readlink(const uint64_t arg[6], struct frame *frame)
{
	(void)frame;
	return is_exe(arg[0]) ? read_exe(arg[1], arg[2])
			      : call_forward(__NR_readlink, arg);
}

int64_t sys_readlinkat(const uint64_t arg[6], struct frame *frame)
{
	(void)frame;
	return is_exe(arg[1]) ? read_exe(arg[2], arg[3])
			      : call_forward(__NR_readlinkat, arg);
}
