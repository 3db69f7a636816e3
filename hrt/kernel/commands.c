// SPDX-License-Identifier: Apache-2.0
// The commands of the shell.
#include <asm/errno.h>

#include "boot.h"
#include "clock.h"
#include "console.h"
#include "cpu.h"
#include "fpu.h"
#include "heap.h"
#include "ram.h"
#include "shell.h"
#include "test.h"
#include "wait.h"

#define THREADS_SHOWN 64
#define WORKERS_MAX   256
#define WORK_NS       (50 * CLOCK_MS)
#define SLEEP_MAX     86400 /* seconds */

static int bad_usage(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (shell_is_same(c->name, name))
			console_print("usage: %s %s\n", c->name, c->words);
	return SHELL_USAGE;
}

static int help(char **words)
{
	(void)words;
	for (const struct command *c = commands; c->name; c++)
		console_print("%-8s %-8s %s\n", c->name, c->words, c->summary);
	return 0;
}

static void print_ranges(const char *what, const struct dive_range *range,
			 uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		console_print("%-9s %012lx-%012lx %9lu KiB\n", what,
			      range[i].start,
			      range[i].start + range[i].size - 1,
			      range[i].size >> 10);
}

static int memory(char **words)
{
	uint64_t free[RAM_ORDERS], total = 0, bytes = ram_count(free);
	const struct dive_boot *boot = boot_machine;

	(void)words;
	print_ranges("memory", boot->memory, boot->memory_count);
	print_ranges("reserved", boot->reserved, boot->reserved_count);
	for (uint32_t i = 0; i < boot->memory_count; i++)
		total += boot->memory[i].size;
	console_print("free blocks:");
	for (unsigned int i = 0; i < RAM_ORDERS; i++)
		if (free[i])
			console_print(" %lu of %llu KiB", free[i],
				      RAM_PAGE >> 10 << i);
	console_print("\n%lu of %lu KiB are free\n", bytes >> 10, total >> 10);
	return 0;
}

/* What "threads N" starts N times. */
struct worker {
	struct thread *thread;
	uint64_t rounds;
	unsigned int cpu;
};

static void work(void *arg)
{
	struct worker *worker = arg;
	uint64_t end = clock_ns() + WORK_NS, flags;

	while (clock_ns() < end)
		worker->rounds++;
	flags = irq_save();
	worker->cpu = cpu_this()->index;
	irq_restore(flags);
}

static int run_workers(uint64_t count)
{
	struct worker *workers = heap_alloc(count * sizeof(*workers));
	uint64_t started = 0;

	if (!workers)
		return -ENOMEM;
	for (; started < count; started++) {
		struct worker *worker = &workers[started];

		worker->thread =
			thread_new("worker", work, worker, THREAD_ANY_CPU);
		if (!worker->thread)
			break;
		thread_start(worker->thread);
	}
	for (uint64_t i = 0; i < started; i++) {
		thread_join(workers[i].thread);
		console_print("worker %lu: %lu rounds, the last on CPU %u\n",
			      i + 1, workers[i].rounds, workers[i].cpu);
	}
	heap_free(workers);
	return started == count ? 0 : -ENOMEM;
}

static void list_threads(void)
{
	static const char *const states[] = { "new", "ready", "running",
					      "waiting", "dead" };
	size_t max = THREADS_SHOWN, count;
	struct thread_info *list = heap_alloc(max * sizeof(*list));

	if (!list)
		return;
	count = thread_list(list, max);
	console_print("  ID NAME             CPU STATE     SWITCHES      MS\n");
	for (size_t i = 0; i < count && i < max; i++)
		console_print("%4u %-16s %2u%c %-8s %9lu %7llu\n", list[i].id,
			      list[i].name, list[i].cpu,
			      list[i].is_pinned ? '!' : ' ',
			      states[list[i].state], list[i].switches,
			      list[i].ran_ns / CLOCK_MS);
	if (count > max)
		console_print("... and %lu more\n", count - max);
	heap_free(list);
}

static int threads(char **words)
{
	uint64_t count;

	if (!words[0]) {
		list_threads();
		return 0;
	}
	if (words[1] || !shell_number(words[0], WORKERS_MAX, &count))
		return bad_usage("threads");
	if (run_workers(count)) {
		console_print("not enough memory for %lu threads\n", count);
		return 1;
	}
	return 0;
}

static int show_cpus(char **words)
{
	char brand[49];

	(void)words;
	cpu_brand(brand);
	console_print("%s\n", brand[0] ? brand : "a CPU without a name");
	console_print("floating point and vectors: %lu bytes per thread\n",
		      fpu_size());
	console_print("CPU APIC INTERRUPTS  IDLE MS\n");
	for (unsigned int i = 0; i < cpu_count; i++)
		console_print("%3u %4u %10lu %8llu\n", i, cpus[i].apicid,
			      cpus[i].interrupts,
			      cpus[i].idle.ran_ns / CLOCK_MS);
	return 0;
}

static int show_time(char **words)
{
	enum {
		READS = 100
	};
	uint64_t start = clock_ns(), now = start;

	(void)words;
	for (int i = 0; i < READS; i++)
		now = clock_ns();
	console_print("%llu.%09llu s since the start\n", now / CLOCK_SEC,
		      now % CLOCK_SEC);
	console_print("TSC %lu kHz, APIC timer %lu Hz, clock read in %lu ns\n",
		      boot_machine->tsc_khz, boot_machine->lapic_hz,
		      (now - start) / READS);
	return 0;
}

static int sleep(char **words)
{
	uint64_t seconds;

	if (!words[0] || words[1] ||
	    !shell_number(words[0], SLEEP_MAX, &seconds))
		return bad_usage("sleep");
	wait_until(clock_ns() + seconds * CLOCK_SEC);
	return 0;
}

static int test(char **words)
{
	return test_main(words);
}

/* Its frame is a quarter of a stack's guard page. */
static int recurse(int depth)
{
	volatile char room[1024];

	room[0] = (char)depth;
	return depth ? recurse(depth - 1) + room[0] : 0;
}

static int crash(char **words)
{
	volatile int *const volatile nowhere = (volatile int *)8;

	if (words[0] && (words[1] || !shell_is_same(words[0], "stack")))
		return bad_usage("crash");
	if (words[0])
		return recurse(STACK_SIZE / 1024);
	*nowhere = 1;
	return 0;
}

static int leave(char **words)
{
	uint64_t status = 0;

	if (words[0] && (words[1] || !shell_number(words[0], 255, &status)))
		return bad_usage("exit");
	dive_exit((int)status);
}

const struct command commands[] = {
	{ "help", "", "list the commands", help },
	{ "memory", "", "what there is and what is free", memory },
	{ "threads", "[N]", "list the threads; or run N that compute",
	  threads },
	{ "cpus", "", "the CPUs and what they did", show_cpus },
	{ "time", "", "the clock", show_time },
	{ "sleep", "SECONDS", "wait", sleep },
	{ "test", "[NAME...]", "try every part of the kernel, or some", test },
	{ "crash", "[stack]", "write to where nothing is; or use up the stack",
	  crash },
	{ "exit", "[STATUS]", "stop the machine", leave },
	{ 0 }
};
