// SPDX-License-Identifier: Apache-2.0
// The console: libdive-guest's rings, shared by threads.
#include "console.h"

#include "cpu.h"
#include "irq.h"
#include "wait.h"

static struct mutex lock;
/* Doorbells so far. */
static uint32_t rung;

void console_rung(void)
{
	rung++;
	wait_wake(&rung, UINT32_MAX);
}

void console_init(void)
{
	irq_set(DIVE_VECTOR_DOORBELL, console_rung);
}

/*
 * In place of the library's, which halts: here other threads may run. The
 * library calls it on the CPU that gets the doorbell, with interrupts off.
 */
void dive_wait(void)
{
	wait_on(&rung, rung, CLOCK_NEVER);
	dive_irq_on();
}

__attribute__((format(printf, 2, 0))) static void
print(long (*write)(const void *, size_t), const char *format, va_list args)
{
	char text[512];
	size_t size = dive_vsnprintf(text, sizeof(text), format, args);

	mutex_lock(&lock);
	write(text, size < sizeof(text) ? size : sizeof(text) - 1);
	mutex_unlock(&lock);
}

void console_print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(dive_write, format, args);
	va_end(args);
}

void console_log(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(dive_console_write, format, args);
	va_end(args);
}

bool console_read_line(char *line, size_t size)
{
	size_t used = 0;
	char c = 0;

	while (c != '\n' && dive_read(&c, 1) == 1)
		if (c != '\n' && used + 1 < size)
			line[used++] = c;
	line[used] = '\0';
	return c == '\n' || used;
}
