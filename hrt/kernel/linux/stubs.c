// SPDX-License-Identifier: Apache-2.0
// Stands in for what is being written: each goes when the real one comes.
#include "../console.h"
#include "process.h"

#define WEAK __attribute__((weak))

WEAK void signal_init(void)
{
}

WEAK void signal_task_init(struct task *task, const struct task *parent)
{
	(void)task;
	(void)parent;
}

WEAK void signal_task_end(struct task *task)
{
	(void)task;
}

WEAK void signal_poll(void)
{
}

WEAK bool signal_interrupts(void)
{
	return true;
}

WEAK void signal_deliver(struct frame *frame)
{
	(void)frame;
}

WEAK bool signal_fault(struct frame *frame, uint64_t address)
{
	console_log("minnow: exception %lu at 0x%lx, address 0x%lx\n",
		    frame->vector, frame->rip, address);
	process_exit(0, 11);
}
