// SPDX-License-Identifier: Apache-2.0
// What Linux says of the process and what does not change: asked once.
#include <asm/errno.h>
#include <asm/unistd.h>
#include <dive.h>

#include "misc.h"
#include "process.h"
#include "space.h"

#define UTSNAME 390 /* struct new_utsname */

static struct {
	bool is_known;
	int64_t value;
} ids[4];
/* The program has changed an identity, perhaps in one of its threads only. */
static bool ids_change;
static bool has_name;
static uint8_t name[UTSNAME];

void misc_init(void)
{
	memset(ids, 0, sizeof(ids));
	ids_change = has_name = false;
}

/* There is no fork, so it stays the same. */
int64_t sys_getpid(const uint64_t arg[6], struct frame *frame)
{
	(void)arg;
	(void)frame;
	return process.tid;
}

/* getuid() and the three like it. */
int64_t sys_identity(const uint64_t arg[6], struct frame *frame)
{
	static const uint16_t calls[4] = { __NR_getuid, __NR_geteuid,
					   __NR_getgid, __NR_getegid };
	uint32_t nr = (uint32_t)frame->rax;
	unsigned int i = 0;

	while (i < 3 && calls[i] != nr)
		i++;
	if (__atomic_load_n(&ids_change, __ATOMIC_ACQUIRE))
		return call_forward(nr, arg);
	if (!__atomic_load_n(&ids[i].is_known, __ATOMIC_ACQUIRE)) {
		int64_t value = call_forward(nr, arg);

		if (value < 0)
			return value;
		ids[i].value = value;
		__atomic_store_n(&ids[i].is_known, true, __ATOMIC_RELEASE);
	}
	return ids[i].value;
}

/* setuid() and the like change one thread in Linux. */
int64_t sys_set_identity(const uint64_t arg[6], struct frame *frame)
{
	__atomic_store_n(&ids_change, true, __ATOMIC_RELEASE);
	return call_forward((uint32_t)frame->rax, arg);
}

/* The program may not change it, and nobody else in its Linux does. */
int64_t sys_uname(const uint64_t arg[6], struct frame *frame)
{
	int64_t result;

	(void)frame;
	if (__atomic_load_n(&has_name, __ATOMIC_ACQUIRE))
		return space_write(arg[0], name, sizeof(name)) ? 0 : -EFAULT;
	result = call_forward(__NR_uname, arg);
	if (!result && space_read(name, arg[0], sizeof(name)))
		__atomic_store_n(&has_name, true, __ATOMIC_RELEASE);
	return result;
}
