/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Minnow's table of system calls on the host: its lines, with one function in
 * place of all that serve calls. Included once by a test.
 */
#ifndef HRT_TEST_TABLE_RIG_H
#define HRT_TEST_TABLE_RIG_H

#include <asm/errno.h>
#include <asm/unistd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Guest code is in no host library. NOLINTBEGIN(bugprone-suspicious-include) */
#include "hrt/kernel/linux/names.c"
#include "hrt/kernel/linux/serve.c"
/* NOLINTEND(bugprone-suspicious-include) */
#include "hrt/kernel/linux/kinds.h"

/* Not called: only whether there is one matters here. */
static int64_t serve_nothing(const uint64_t arg[6], struct frame *frame)
{
	(void)arg;
	(void)frame;
	return 0;
}

#define LOCAL(name, function) [__NR_##name] = { .local = serve_nothing },
#define REFUSE(name, number) \
	[__NR_##name] = { .policy = CALL_REFUSE, .error = (number) },
#define FORWARD(name, ...)                        \
	[__NR_##name] = { .policy = CALL_FORWARD, \
			  .forwards = true,       \
			  .argument = { __VA_ARGS__ } },
#define THROUGH(name, function, ...)             \
	[__NR_##name] = { .local = serve_nothing, \
			  .argument = { __VA_ARGS__ } },
#define EITHER(name, who, function, ...)        \
	[__NR_##name] = { .policy = CALL_##who, \
			  .forwards = true,     \
			  .local = serve_nothing, \
			  .argument = { __VA_ARGS__ } },

/* A call that is there twice does not compile (-Woverride-init). */
static const struct call_line lines[CALLS] = {
#include "hrt/kernel/linux/table.def"
};

const struct call_line *table_line(uint32_t nr)
{
	return &lines[nr];
}

#endif
