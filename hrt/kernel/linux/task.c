// SPDX-License-Identifier: Apache-2.0
// Threads of the program: clone() for them, and their end.
#include "task.h"

#include <asm/errno.h>
#include <linux/sched.h>

#include "../cpu.h"
#include "../fpu.h"
#include "../heap.h"
#include "channel.h"
#include "futex.h"
#include "process.h"

/* What pthread_create() asks for: without all of it, it is a process. */
#define FLAGS_NEEDED \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)
#define FLAGS_KNOWN                                                          \
	(FLAGS_NEEDED | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | \
	 CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED)

#define STATUS_BYTE      0xff
#define ROBUST_HEAD_SIZE 24 /* struct robust_list_head */

/* What a new thread begins with. */
struct start {
	struct frame frame;
	uint64_t child_tid;
	uint32_t tid;
};

static void run(void *arg)
{
	struct start *start = arg;
	struct frame frame = start->frame;

	/* Written by the thread itself: Linux does not fail for it either. */
	if (start->child_tid)
		(void)!space_write(start->child_tid, &start->tid,
				   sizeof(start->tid));
	heap_free(start);
	thread_run_program(&frame);
}

/* A new thread computes as its parent does: rounding, masks of exceptions. */
static void copy_fpu(struct thread *thread)
{
	memcpy(thread->fpu, fpu_save(), fpu_layout().size);
}

static int64_t begin(struct start *start, const struct clone_args *args)
{
	struct task *task = process_add_task(run, start);
	uint32_t tid;
	int ret;

	if (!task)
		return -EAGAIN;
	ret = channel_open(task);
	if (!ret && args->flags & CLONE_PARENT_SETTID &&
	    !space_write(args->parent_tid, &task->tid, sizeof(task->tid))) {
		channel_close(task);
		ret = -EFAULT;
	}
	if (ret) {
		process_remove_task(task);
		return ret;
	}
	copy_fpu(task->thread);
	task->thread->fs_base = args->flags & CLONE_SETTLS
					? args->tls
					: thread_current()->fs_base;
	if (args->flags & CLONE_CHILD_CLEARTID)
		task->clear_child_tid = args->child_tid;
	tid = start->tid = task->tid;
	thread_start(task->thread);
	return tid;
}

/* @args->stack is the top here, 0: the caller's. */
static int64_t clone(const struct clone_args *args, const struct frame *frame)
{
	struct start *start;
	int64_t ret;

	if ((args->flags & FLAGS_NEEDED) != FLAGS_NEEDED)
		return -ENOSYS;
	if (args->flags & ~(uint64_t)FLAGS_KNOWN)
		return -EINVAL;
	/* The CPU would refuse it where nobody can be told. */
	if (args->flags & CLONE_SETTLS && args->tls >= DIVE_PROGRAM_END)
		return -EPERM;
	start = heap_alloc(sizeof(*start));
	if (!start)
		return -ENOMEM;
	start->frame = *frame;
	start->frame.rax = 0;
	if (args->stack)
		start->frame.rsp = args->stack;
	if (args->flags & CLONE_CHILD_SETTID)
		start->child_tid = args->child_tid;
	ret = begin(start, args);
	if (ret < 0)
		heap_free(start);
	return ret;
}

int64_t sys_clone(const uint64_t arg[6], struct frame *frame)
{
	/* The lowest byte is the signal that a process would send at its end. */
	struct clone_args args = { .flags = arg[0] & ~(uint64_t)CSIGNAL,
				   .stack = arg[1],
				   .parent_tid = arg[2],
				   .child_tid = arg[3],
				   .tls = arg[4] };

	return clone(&args, frame);
}

int64_t sys_clone3(const uint64_t arg[6], struct frame *frame)
{
	struct clone_args args;

	memset(&args, 0, sizeof(args));
	if (arg[1] < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	/* More than we know of: the caller is newer, and falls back. */
	if (arg[1] > sizeof(args))
		return -E2BIG;
	if (!space_read(&args, arg[0], arg[1]))
		return -EFAULT;
	if (args.exit_signal || args.set_tid_size || args.cgroup ||
	    !args.stack != !args.stack_size)
		return (args.flags & FLAGS_NEEDED) == FLAGS_NEEDED ? -EINVAL
								   : -ENOSYS;
	args.stack += args.stack_size;
	return clone(&args, frame);
}

int64_t sys_exit(const uint64_t arg[6], struct frame *frame)
{
	struct task *task = task_current();

	(void)frame;
	futex_walk(task->robust_list, task->tid);
	task->robust_list = 0;
	/* Nobody waits for the last one, and its memory may be shared. */
	if (task->clear_child_tid && process.task_count > 1)
		futex_clear(task->clear_child_tid);
	/* If all threads end so, it is the program's. */
	if (task->tid == process.tid)
		process.status = (int)arg[0] & STATUS_BYTE;
	channel_close(task);
	process_leave();
}

int64_t sys_exit_group(const uint64_t arg[6], struct frame *frame)
{
	(void)frame;
	process_exit((int)arg[0] & STATUS_BYTE, 0);
}

int64_t sys_set_tid_address(const uint64_t arg[6], struct frame *frame)
{
	(void)frame;
	task_current()->clear_child_tid = arg[0];
	return task_current()->tid;
}

int64_t sys_set_robust_list(const uint64_t arg[6], struct frame *frame)
{
	(void)frame;
	if (arg[1] != ROBUST_HEAD_SIZE)
		return -EINVAL;
	task_current()->robust_list = arg[0];
	return 0;
}

int64_t sys_get_robust_list(const uint64_t arg[6], struct frame *frame)
{
	uint64_t size = ROBUST_HEAD_SIZE, head = 0;
	struct list *link;
	int ret = -ESRCH;

	(void)frame;
	mutex_lock(&process.lock);
	LIST_EACH(link, &process.tasks) {
		const struct task *task = LIST_ENTRY(link, struct task, link);

		if (arg[0] ? task->tid != arg[0] : task != task_current())
			continue;
		head = task->robust_list;
		ret = 0;
	}
	mutex_unlock(&process.lock);
	if (!ret && (!space_write(arg[2], &size, sizeof(size)) ||
		     !space_write(arg[1], &head, sizeof(head))))
		ret = -EFAULT;
	return ret;
}

int64_t sys_gettid(const uint64_t arg[6], struct frame *frame)
{
	(void)arg;
	(void)frame;
	return task_current()->tid;
}
