// SPDX-License-Identifier: ISC
// From the entry to dive_main(), and the ways a kernel ends.
#include "../dive/crash.h"
#include "internal.h"

struct dive_boot dive_boot;
struct dive_links dive_links;

/* What is read of a device tree at most. */
#define FDT_SIZE_MAX (1 << 20)

struct dive_control *dive_control(void)
{
	return (struct dive_control *)dive_links.control;
}

static void set_state(uint32_t state)
{
	__atomic_store_n(&dive_control()->state, state, __ATOMIC_RELEASE);
}

_Noreturn static void halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt" ::: "memory");
}

/* e_entry of a kernel that is linked where it runs, without head64.S. */
__asm__(".globl dive_entry_linked\n"
	"dive_entry_linked:\n"
	"	call dive_start\n");

void dive_start(const void *fdt, uint32_t magic, uintptr_t info)
{
	const char *wrong = NULL;

	if (fdt)
		wrong = dive_boot_from_fdt(fdt, FDT_SIZE_MAX, &dive_boot,
					   &dive_links);
	else
		dive_pc_boot(magic, info, &dive_boot);
	dive_boot_find_free(&dive_boot);
	if (dive_control()) {
		dive_io_init();
		set_state(DIVE_STATE_RUNNING);
	}
	if (wrong)
		dive_panic("%s", wrong);
	dive_irq_init();
	dive_irq_on();
	dive_exit(dive_main(&dive_boot));
}

void dive_exit(int status)
{
	struct dive_control *control = dive_control();

	dive_irq_off();
	if (control) {
		control->status = (uint32_t)status;
		set_state(DIVE_STATE_STOPPED);
		dive_ring_host();
	} else {
		dive_pc_exit(status);
	}
	halt();
}

/* This CPU's crash record, or NULL. */
static struct dive_crash *crash_record(void)
{
	uint32_t apicid = dive_apicid();

	for (uint32_t i = 0; i < dive_boot.cpu_count; i++)
		if (dive_boot.cpu[i].apicid == apicid)
			return (struct dive_crash *)dive_boot.cpu[i].crash;
	return NULL;
}

void dive_panic(const char *format, ...)
{
	struct dive_crash *crash;
	va_list args;
	char text[DIVE_CRASH_TEXT_MAX];

	dive_irq_off();
	va_start(args, format);
	dive_vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!dive_control()) {
		dive_log("panic: %s\n", text);
		dive_exit(134);
	}
	crash = crash_record();
	if (crash && crash->state == DIVE_CRASH_NONE) {
		memcpy(crash->text, text, sizeof(text));
		crash->rip = (uintptr_t)__builtin_return_address(0);
		crash->gpr[DIVE_GPR_RBP] =
			(uintptr_t)__builtin_frame_address(0);
		__asm__ volatile("mov %%rsp, %0"
				 : "=m"(crash->gpr[DIVE_GPR_RSP]));
		__asm__ volatile("mov %%cr0, %0" : "=r"(crash->cr0));
		__asm__ volatile("mov %%cr3, %0" : "=r"(crash->cr3));
		__asm__ volatile("mov %%cr4, %0" : "=r"(crash->cr4));
		__atomic_store_n(&crash->state, DIVE_CRASH_PANIC,
				 __ATOMIC_RELEASE);
	}
	set_state(DIVE_STATE_CRASHED);
	dive_ring_host();
	halt();
}

void dive_mark(unsigned int id)
{
	if (dive_control() && id < DIVE_MARKS)
		dive_control()->marks[id] = dive_tsc();
}

void dive_handle_shutdown(void)
{
	if (dive_control())
		dive_control()->handles_shutdown = 1;
}

bool dive_shutdown(void)
{
	struct dive_control *control = dive_control();

	return control && control->handles_shutdown &&
	       __atomic_load_n(&control->request, __ATOMIC_ACQUIRE) ==
		       DIVE_REQUEST_SHUTDOWN;
}
