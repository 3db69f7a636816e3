// SPDX-License-Identifier: Apache-2.0
// The table of table.def, in C.
#include "table.h"

#include <asm/errno.h>
#include <asm/unistd.h>

#include "cpu_time.h"
#include "exe.h"
#include "futex.h"
#include "kinds.h"
#include "misc.h"
#include "signal.h"
#include "space.h"
#include "task.h"
#include "time.h"

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
