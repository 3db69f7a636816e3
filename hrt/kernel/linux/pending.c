// SPDX-License-Identifier: Apache-2.0
// Stand-ins for what has not landed yet; the real ones replace them in the link.
#include "signal.h"

#define WEAK __attribute__((weak))

void signal_block(uint64_t blocked);

WEAK void signal_block(uint64_t blocked)
{
	(void)blocked;
}

WEAK void signal_after_call(struct frame *frame, int64_t result)
{
	frame->rax = (uint64_t)result;
}
