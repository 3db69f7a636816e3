// SPDX-License-Identifier: Apache-2.0
// From the contract's entry to a running kernel. Read this file first.
#include "boot.h"

#include "apic.h"
#include "clock.h"
#include "console.h"
#include "cpu.h"
#include "heap.h"
#include "irq.h"
#include "page.h"
#include "ram.h"
#include "sched.h"
#include "shell.h"
#include "tlb.h"
#include "wait.h"

const struct dive_boot *boot_machine;

/* Interrupts are off; the stack, the stub's, becomes the idle thread's. */
static void start_other(void *arg)
{
	page_load();
	cpu_setup(arg);
	dive_irq_on();
	sched_idle();
}

static void start_others(void)
{
	for (unsigned int i = 1; i < cpu_count; i++) {
		if (!dive_cpu_start(i, start_other, &cpus[i]))
			dive_panic("CPU %u cannot be started", i);
		while (!__atomic_load_n(&cpus[i].online, __ATOMIC_ACQUIRE))
			dive_pause();
	}
}

/* linux/process.c has a stronger one, for programs of Linux. */
__attribute__((weak)) int boot_run(char *args)
{
	return shell_main(args);
}

static void run(void *args)
{
	dive_exit(boot_run(args));
}

int dive_main(const struct dive_boot *boot)
{
	static char args[SHELL_LINE_MAX];
	struct thread *shell;

	if (!boot->fdt) {
		dive_log("minnow: started without Diver; use dive\n");
		return 1;
	}
	boot_machine = boot;

	/* Memory. */
	ram_init(boot);
	heap_init();
	page_init();
	page_load();

	/* Interrupts. */
	dive_irq_off();
	irq_init();
	apic_init();
	clock_init(boot);
	wait_init();
	sched_init();
	tlb_init();
	console_init();

	/* CPUs. */
	cpu_init(boot);
	cpu_setup(&cpus[0]);
	dive_irq_on();
	start_others();

	/* Threads. This one becomes the idle thread of the first CPU. */
	for (size_t i = 0; i + 1 < sizeof(args) && boot->args[i]; i++)
		args[i] = boot->args[i];
	shell = thread_new("shell", run, args, 0);
	if (!shell)
		dive_panic("no memory for the first thread");
	thread_start(shell);
	sched_idle();
}
