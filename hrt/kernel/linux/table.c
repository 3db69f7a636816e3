// SPDX-License-Identifier: Apache-2.0
// The table of table.def, in C.
#include "table.h"

#include <asm/errno.h>
#include <asm/unistd.h>

#include "exe.h"
#include "futex.h"
#include "kinds.h"
#include "misc.h"
#include "signal.h"
#include "space.h"
#include "task.h"
#include "time.h"

/* Not all of them have landed. */
#pragma weak sys_brk
#pragma weak sys_clock_getres
#pragma weak sys_clock_gettime
#pragma weak sys_clock_nanosleep
#pragma weak sys_clone
#pragma weak sys_clone3
#pragma weak sys_exit
#pragma weak sys_exit_group
#pragma weak sys_futex
#pragma weak sys_get_robust_list
#pragma weak sys_getrusage
#pragma weak sys_gettid
#pragma weak sys_gettimeofday
#pragma weak sys_kill
#pragma weak sys_madvise
#pragma weak sys_mmap
#pragma weak sys_mprotect
#pragma weak sys_mremap
#pragma weak sys_munmap
#pragma weak sys_nanosleep
#pragma weak sys_pause
#pragma weak sys_rt_sigaction
#pragma weak sys_rt_sigpending
#pragma weak sys_rt_sigprocmask
#pragma weak sys_rt_sigqueueinfo
#pragma weak sys_rt_sigreturn
#pragma weak sys_rt_sigsuspend
#pragma weak sys_rt_sigtimedwait
#pragma weak sys_rt_tgsigqueueinfo
#pragma weak sys_set_robust_list
#pragma weak sys_set_tid_address
#pragma weak sys_sigaltstack
#pragma weak sys_tgkill
#pragma weak sys_time
#pragma weak sys_times
#pragma weak sys_tkill

#define LOCAL(name, function) [__NR_##name] = { .local = (function) },
#define THROUGH(name, function, ...) \
	[__NR_##name] = { .local = (function), .argument = { __VA_ARGS__ } },
#define FORWARD(name, ...) EITHER(name, FORWARD, NULL, __VA_ARGS__)
#define EITHER(name, who, function, ...)        \
	[__NR_##name] = { .policy = CALL_##who, \
			  .forwards = true,     \
			  .local = (function),  \
			  .argument = { __VA_ARGS__ } },
#define REFUSE(name, number) \
	[__NR_##name] = { .policy = CALL_REFUSE, .error = (number) },

static const struct call_line lines[CALLS] = {
#include "table.def"
};

const struct call_line *table_line(uint32_t nr)
{
	return &lines[nr];
}
