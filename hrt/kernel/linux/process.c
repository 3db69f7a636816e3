// SPDX-License-Identifier: Apache-2.0
// Programs of Linux, one after the other. Read this file first.
#include "process.h"

#include <asm/unistd.h>
#include <dive/cpu.h>

#include "../boot.h"
#include "../console.h"
#include "../fpu.h"
#include "../heap.h"
#include "../lock.h"
#include "../shell.h"
#include "call.h"
#include "channel.h"
#include "cpu_time.h"
#include "job.h"
#include "load.h"
#include "signal.h"
#include "time.h"

#define STATUS_NOT_STARTED 126

struct process process;

void process_ring(void)
{
	__atomic_fetch_add(&process.rung, 1, __ATOMIC_SEQ_CST);
	wait_wake(&process.rung, UINT32_MAX);
}

/* --- threads ---------------------------------------------------------------- */

/* Is there nothing of the kernel's below this frame on the thread's stack. */
static bool is_of_program(const struct frame *frame)
{
	return (uintptr_t)(frame + 1) == thread_current()->stack + STACK_SIZE;
}

static bool on_fault(struct frame *frame, uint64_t address)
{
	bool is_mended = frame->vector == VECTOR_PAGE_FAULT &&
			 space_fault(frame, address);

	if (!is_mended && !is_of_program(frame))
		return false;
	if (!is_mended)
		signal_fault(frame, address);
	if (process_is_ending() && is_of_program(frame))
		process_leave();
	return true;
}

static void on_call(struct frame *frame)
{
	call_dispatch(frame);
	if (process_is_ending())
		process_leave();
}

static void on_resume(struct frame *frame)
{
	if (process_is_ending())
		process_leave();
	signal_deliver(frame);
}

static const struct thread_ops ops = { on_fault, on_call, on_resume };

static void remove(struct task *task)
{
	signal_task_end(task);
	mutex_lock(&process.lock);
	list_remove(&task->link);
	process.task_count--;
	cpu_time_task_end(task);
	mutex_unlock(&process.lock);
	heap_free(task);
}

struct task *process_add_task(void (*entry)(void *arg), void *arg)
{
	/* The first one is made by a thread of the kernel. */
	const struct task *parent = task_current();
	struct task *task = heap_alloc(sizeof(*task));
	bool is_ending;

	if (!task)
		return NULL;
	task->thread = thread_new("program", entry, arg, THREAD_ANY_CPU);
	if (!task->thread) {
		heap_free(task);
		return NULL;
	}
	task->thread->ops = &ops;
	task->thread->user = task;
	task->thread->is_detached = true;
	signal_task_init(task, parent);
	mutex_lock(&process.lock);
	is_ending = process.is_ending;
	list_add(&process.tasks, &task->link);
	process.task_count++;
	mutex_unlock(&process.lock);
	if (is_ending || fpu_give(task->thread)) {
		process_remove_task(task);
		return NULL;
	}
	return task;
}

void process_remove_task(struct task *task)
{
	struct thread *thread = task->thread;

	remove(task);
	thread_free(thread);
	process_ring();
}

void process_leave(void)
{
	remove(task_current());
	process_ring();
	thread_exit();
}

/* With the lock: every thread looks at is_ending, wherever it is. */
static void end_tasks(void)
{
	struct list *link;

	__atomic_store_n(&process.is_ending, true, __ATOMIC_SEQ_CST);
	LIST_EACH(link, &process.tasks)
		wait_interrupt(LIST_ENTRY(link, struct task, link)->thread);
	channel_wake_all();
}

void process_exit(int status, int signal)
{
	mutex_lock(&process.lock);
	if (!process.is_ending) {
		process.status = status;
		process.signal = signal;
		end_tasks();
	}
	mutex_unlock(&process.lock);
	process_leave();
}

void process_lost(void)
{
	bool is_first;

	mutex_lock(&process.lock);
	is_first = !process.is_lost;
	__atomic_store_n(&process.is_lost, true, __ATOMIC_SEQ_CST);
	if (is_first)
		end_tasks();
	mutex_unlock(&process.lock);
	if (is_first)
		console_log("minnow: %s has ended: its partner in Linux is "
			    "gone\n",
			    process.job.path);
}

/* --- the program ------------------------------------------------------------ */

static void run_first(void *arg)
{
	static const uint64_t no_arguments[6];
	struct task *task = task_current();
	struct frame frame = { .cs = DIVE_SEL_CODE,
			       .ss = DIVE_SEL_DATA,
			       .rflags = RFLAGS_IF };
	const char *why;

	(void)arg;
	task->tid = (uint32_t)call_linux_surely(__NR_gettid, no_arguments);
	process.tid = task->tid;
	why = load_program(&process.job, &frame);
	if (why) {
		console_log("minnow: %s cannot be run: %s\n", process.job.path,
			    why);
		process_exit(STATUS_NOT_STARTED, 0);
	}
	dive_mark(DIVE_MARK_ENTERED);
	thread_run_program(&frame);
}

static bool start(unsigned int channels)
{
	struct task *task;

	list_init(&process.tasks);
	process.is_ending = process.is_lost = false;
	process.status = STATUS_NOT_STARTED;
	process.signal = 0;
	signal_init();
	time_init();
	call_init((char *)channel_area() + DIVE_DELEGATE_COUNTS);
	task = process_add_task(run_first, NULL);
	if (!task)
		return false;
	channel_begin(task, channels);
	thread_start(task->thread);
	return true;
}

/* Until its last thread has ended. */
static void watch(void)
{
	for (;;) {
		uint32_t seen =
			__atomic_load_n(&process.rung, __ATOMIC_SEQ_CST);
		unsigned int count;

		mutex_lock(&process.lock);
		count = process.task_count;
		mutex_unlock(&process.lock);
		if (!count)
			return;
		if (job_is_gone())
			process_lost();
		/* Whoever should say that it is gone may be gone, too. */
		wait_on(&process.rung, seen, clock_ns() + CLOCK_SEC);
	}
}

static void run_job(unsigned int channels)
{
	if (start(channels))
		watch();
	else
		console_log("minnow: no memory for a thread\n");
	call_refusals();
	space_clear();
	if (!process.is_lost)
		channel_exit(process.status, process.signal);
}

static bool is_hrt(void)
{
	return shell_is_same(boot_machine->mode, "hrt") &&
	       boot_machine->window.size;
}

int boot_run(char *args)
{
	const char *words;
	unsigned int channels;

	if (!is_hrt())
		return shell_main(args);
	words = call_serve(boot_machine->args);
	if (!words)
		return SHELL_USAGE;
	/* With no program to run this is its shell. */
	if (!*words)
		return shell_main(args + strlen(args));
	if (channel_init(&boot_machine->window) ||
	    space_init(&boot_machine->window) || !job_init()) {
		console_log("minnow: no program fits a window of %lu KiB, or"
			    " the memory; use larger ones\n",
			    boot_machine->window.size >> 10);
		return 1;
	}
	dive_mark(DIVE_MARK_WAITS); /* of the boot: once */
	for (;;) {
		channels = job_wait(&process.job);
		dive_mark(DIVE_MARK_TAKEN);
		run_job(channels);
	}
}
