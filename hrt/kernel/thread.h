/* SPDX-License-Identifier: Apache-2.0 */
/* Threads: made, started, ended, joined. sched.h decides which one runs. */
#ifndef MINNOW_THREAD_H
#define MINNOW_THREAD_H

#include "irq.h"
#include "layout.h"
#include "list.h"

#define THREAD_NAME_MAX 16
#define THREAD_ANY_CPU  (-1)

enum thread_state {
	THREAD_NEW,
	THREAD_READY,
	THREAD_RUNNING,
	THREAD_WAITING,
	THREAD_DEAD
};

/**
 * struct thread_ops - what makes a thread more than a function of the kernel
 * @fault: an exception came from @frame, at @address if it is a page fault;
 *	returns true when the thread can go on with @frame, which it may change
 * @syscall: the SYSCALL instruction was executed; the result goes to frame->rax
 * @resume: the thread is about to enter or resume its program, and somebody has
 *	called wait_interrupt(): the place to deliver a signal by changing @frame
 *
 * Each may be NULL. They run as the thread, on its kernel stack, with
 * interrupts on, and may block. A program runs in kernel mode like everything
 * else, but on a stack of its own and with a red zone.
 */
struct thread_ops {
	bool (*fault)(struct frame *frame, uint64_t address);
	void (*syscall)(struct frame *frame);
	void (*resume)(struct frame *frame);
};

/**
 * struct thread - one thread
 * @stack: lowest byte of its kernel stack
 * @sp: of its kernel stack while it does not run
 * @fs_base: FS base of the thread
 * @fpu: where its XSAVE state is kept, NULL: it has none; see fpu.h
 * @ops: may be NULL; set before thread_start()
 * @user: for @ops
 * @entry: its function
 * @arg: for @entry
 * @name: for people
 * @id: unique
 * @cpu: where it runs, or ran last
 * @is_pinned: it runs on @cpu only
 * @is_detached: nobody joins it; set before thread_start()
 * @state: changes under the lock of @cpu's queue
 * @exited: 1 at the end; a word to wait for
 * @interrupted: wait_interrupt() was called: wait_interruptible() returns at
 *	once; cleared before @ops->resume is called, or by the thread itself
 * @wait_word: wait.c: what it waits for, NULL: nothing
 * @wait_bits: wait.c: wait_wake_bits() wakes it if it has one of these
 * @wait_interruptible: wait.c: wait_interrupt() may end that
 * @wait_result: wait.c: why it ended
 * @ran_ns: time that it has run, without the slice it is in
 * @switches: how often it began to run
 * @link: in a queue of ready threads or of waiting ones
 * @all: in the list of all threads
 */
struct thread {
	uintptr_t stack;
	uintptr_t sp;
	uint64_t fs_base;
	void *fpu;
	const struct thread_ops *ops;
	void *user;
	void (*entry)(void *arg);
	void *arg;
	char name[THREAD_NAME_MAX];
	uint32_t id;
	struct cpu *cpu;
	bool is_pinned;
	bool is_detached;
	enum thread_state state;
	uint32_t exited;
	uint32_t interrupted;
	const uint32_t *wait_word;
	uint32_t wait_bits;
	bool wait_interruptible;
	int wait_result;
	uint64_t ran_ns;
	uint64_t switches;
	struct list link;
	struct list all;
};

_Static_assert(offsetof(struct thread, stack) == THREAD_STACK, "entry.S");

/**
 * thread_current() - the thread that runs this
 *
 * Return: its structure.
 */
static inline struct thread *thread_current(void)
{
	struct thread *thread;

	__asm__ volatile("movq %%gs:%c1, %0" : "=r"(thread) : "i"(CPU_CURRENT));
	return thread;
}

/**
 * thread_new() - make a thread that does not run yet
 * @name: for people, cut at THREAD_NAME_MAX
 * @entry: its function; the thread ends when that returns
 * @arg: for @entry
 * @cpu: index of the only CPU it may run on, or THREAD_ANY_CPU
 *
 * In a thread, interrupts on. Whoever makes it starts it, and joins it unless
 * it is detached.
 *
 * Return: the thread, or NULL when there is no memory.
 */
struct thread *thread_new(const char *name, void (*entry)(void *arg), void *arg,
			  int cpu);

/**
 * thread_start() - let a thread run
 * @thread: from thread_new(), once
 */
void thread_start(struct thread *thread);

/**
 * thread_exit() - end the thread that calls
 */
_Noreturn void thread_exit(void);

/**
 * thread_join() - wait for a thread's end and free it
 * @thread: started, not detached
 */
void thread_join(struct thread *thread);

/**
 * thread_free() - give back what a thread has
 * @thread: never started, or dead and off its stack
 */
void thread_free(struct thread *thread);

/**
 * thread_set_fs() - set the FS base of the thread that calls
 * @base: its new value
 */
void thread_set_fs(uint64_t base);

/**
 * thread_adopt() - the code that runs becomes an idle thread
 * @thread: zeroed, written
 * @cpu: this CPU
 *
 * On a stack of at least STACK_SIZE bytes, near its top.
 */
void thread_adopt(struct thread *thread, struct cpu *cpu);

/**
 * thread_ran_ns() - how long has a thread run
 * @thread: not freed meanwhile
 *
 * Return: nanoseconds on a CPU, with the slice it is in.
 */
uint64_t thread_ran_ns(const struct thread *thread);

/**
 * struct thread_info - what is shown of a thread
 * @name: as in struct thread
 * @id: as in struct thread
 * @cpu: index
 * @is_pinned: as in struct thread
 * @state: as in struct thread
 * @ran_ns: with the slice it is in
 * @switches: as in struct thread
 */
struct thread_info {
	char name[THREAD_NAME_MAX];
	uint32_t id;
	unsigned int cpu;
	bool is_pinned;
	enum thread_state state;
	uint64_t ran_ns;
	uint64_t switches;
};

/**
 * thread_list() - a picture of all threads, oldest first
 * @list: filled
 * @max: members of @list
 *
 * Return: how many threads there are, which may be more than @max.
 */
size_t thread_list(struct thread_info *list, size_t max);

/**
 * thread_run_program() - leave the kernel for a program
 * @frame: registers to begin with; rsp is a stack of the program's. A local
 *	variable of the caller
 *
 * In a thread, at the end of what it does in the kernel: its kernel stack
 * begins anew with the next interrupt or system call.
 */
_Noreturn void thread_run_program(struct frame *frame);

#endif
