/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a program: a job that the partner has brought, its threads, its
 * end. One program at a time; the kernel waits for the next one.
 */
#ifndef MINNOW_LINUX_PROCESS_H
#define MINNOW_LINUX_PROCESS_H

#include "../../../contract/lib/channel.h"
#include "../list.h"
#include "../thread.h"
#include "../wait.h"
#include "signal.h"
#include "space.h"

/**
 * struct task - a thread of the program; thread->user
 * @thread: of the kernel
 * @link: in process.tasks
 * @end: channel.c: of its channel
 * @channel: channel.c: number of that channel
 * @tid: thread id in Linux
 * @clear_child_tid: task.c: word to clear and wake at the end, or 0
 * @robust_list: task.c: head of the list of held futexes, or 0
 * @signal: signal.c: see signal_task_init(), signal_task_end()
 * @asked_linux: call.c: its call went to Linux
 */
struct task {
	struct thread *thread;
	struct list link;
	struct channel_end end;
	unsigned int channel;
	uint32_t tid;

	uint64_t clear_child_tid;
	uint64_t robust_list;
	struct task_signal signal;
	bool asked_linux;
};

/**
 * struct job - what to run, a copy of what the partner wrote
 * @path: of the program, absolute
 * @argc: words of the command
 * @envc: variables
 * @words: strings: the words, the variables, @name; each with its NUL
 * @name: by which it was found
 * @words_size: bytes of @words
 */
struct job {
	const char *path;
	uint32_t argc;
	uint32_t envc;
	const char *words;
	const char *name;
	size_t words_size;
};

/**
 * struct process - the program
 * @lock: of @tasks and @task_count
 * @tasks: its threads
 * @task_count: how many they are
 * @is_ending: no thread enters it any more
 * @is_lost: the partner is gone: no request will be answered
 * @status: exit status, of EXIT
 * @signal: that ended it, or 0
 * @rung: a word that changes with each doorbell and each thread's end
 * @tid: of the first thread: the process id in Linux
 * @job: what runs
 */
struct process {
	struct mutex lock;
	struct list tasks;
	unsigned int task_count;
	bool is_ending;
	bool is_lost;
	int status;
	int signal;
	uint32_t rung;
	uint32_t tid;
	struct job job;
};

extern struct process process;

/**
 * task_current() - the thread of the program that runs this
 *
 * Return: its task.
 */
static inline struct task *task_current(void)
{
	return thread_current()->user;
}

/**
 * process_add_task() - make a thread of the program, which does not run yet
 * @entry: its function, which ends in thread_run_program(); it can have
 *	registers of the vector unit at once (fpu_give() was called)
 * @arg: for @entry
 *
 * With hooks for faults, calls and signals, detached, in process.tasks, without
 * a channel: see channel_open(). Start it with thread_start(task->thread), or
 * undo it with process_remove_task().
 *
 * Return: its task, or NULL when there is no memory, or the program ends.
 */
struct task *process_add_task(void (*entry)(void *arg), void *arg);

/**
 * process_remove_task() - forget a task whose thread never ran
 * @task: from process_add_task()
 */
void process_remove_task(struct task *task);

/**
 * process_leave() - the thread that calls is no more; others go on
 *
 * Its channel is closed before (channel_close()). The last one ends the program
 * with the status of process_exit(), or that which was set before.
 */
_Noreturn void process_leave(void);

/**
 * process_exit() - end the program with all its threads
 * @status: for exit_group()
 * @signal: that ends it, or 0
 *
 * In a thread of the program. The first call counts.
 */
_Noreturn void process_exit(int status, int signal);

/**
 * process_is_ending() - shall threads of the program die
 *
 * They do so on their way back to it: whoever blocks returns to there.
 *
 * Return: true when they shall.
 */
static inline bool process_is_ending(void)
{
	return __atomic_load_n(&process.is_ending, __ATOMIC_ACQUIRE);
}

/**
 * process_ring() - look at what the partner has to say
 *
 * Also from interrupts.
 */
void process_ring(void);

/**
 * process_lost() - the partner does not answer any more; ends the program
 *
 * In any thread; returns, and the thread dies on its way back to the program.
 */
void process_lost(void);

#endif
