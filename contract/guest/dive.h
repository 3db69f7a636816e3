/* SPDX-License-Identifier: ISC */
/* What libdive-guest.a offers a kernel; contract/README.md says the rest. */
#ifndef DIVE_GUEST_DIVE_H
#define DIVE_GUEST_DIVE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIVE_CPUS_MAX   256
#define DIVE_RANGES_MAX 16

/* The library's interrupts; for kernels with an interrupt table of their own. */
#define DIVE_VECTOR_DOORBELL 0x40
#define DIVE_VECTOR_TIMER    0x41

/**
 * struct dive_range - physical memory
 * @start: address
 * @size: bytes
 */
struct dive_range {
	uint64_t start;
	uint64_t size;
};

/**
 * struct dive_cpu - one CPU of the kernel
 * @apicid: local APIC id
 * @mailbox: physical address of its struct dive_mailbox; 0 = none
 * @crash: physical address of its struct dive_crash; 0 = none
 */
struct dive_cpu {
	uint32_t apicid;
	uint64_t mailbox;
	uint64_t crash;
};

/**
 * struct dive_boot - what the kernel was given; read only, lives for ever
 * @args: command line, "" when there is none
 * @mode: "fullvm", "hrt" or "pisces"; "pc" when started without Diver
 * @fdt: the flattened device tree, NULL when started without Diver
 * @window: memory in common with Linux; size 0 when there is none
 * @initrd: first initrd or module; size 0 when there is none
 * @memory: RAM
 * @reserved: parts of @memory that somebody uses, and the reclaimable part
 * @free: @memory without page 0 and without @reserved
 * @cpu: CPUs; the first is the one that runs dive_main()
 * @memory_count: entries of @memory
 * @reserved_count: entries of @reserved
 * @free_count: entries of @free
 * @cpu_count: entries of @cpu
 * @tsc_khz: frequency of RDTSC
 * @lapic_hz: frequency of the local APIC timer at divisor 1
 */
struct dive_boot {
	const char *args;
	const char *mode;
	const void *fdt;
	struct dive_range window;
	struct dive_range initrd;
	struct dive_range memory[DIVE_RANGES_MAX];
	struct dive_range reserved[DIVE_RANGES_MAX];
	struct dive_range free[DIVE_RANGES_MAX * 2];
	struct dive_cpu cpu[DIVE_CPUS_MAX];
	uint32_t memory_count;
	uint32_t reserved_count;
	uint32_t free_count;
	uint32_t cpu_count;
	uint64_t tsc_khz;
	uint64_t lapic_hz;
};

/**
 * dive_main() - the kernel; the library calls it on the first CPU
 * @boot: what there is
 *
 * Runs with interrupts on, on a stack of 16 KiB (DIVE_STACK_SIZE).
 *
 * Return: exit status, low 8 bits count.
 */
int dive_main(const struct dive_boot *boot);

/**
 * dive_exit() - stop the kernel, from any CPU
 * @status: exit status, low 8 bits count
 */
_Noreturn void dive_exit(int status);

/**
 * dive_panic() - stop the kernel with a crash report, from any CPU
 * @format: as dive_printf(), at most 255 bytes arrive
 */
_Noreturn void dive_panic(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/**
 * dive_read() - take bytes from standard input, waiting for the first one
 * @buffer: where to
 * @size: bytes
 *
 * On one CPU at a time.
 *
 * Return: bytes read, 0 at the end of the data, -1 when dive_shutdown() has
 * become true and nothing is there to read.
 */
long dive_read(void *buffer, size_t size);

/**
 * dive_write() - put bytes on standard output, waiting for space
 * @buffer: what
 * @size: bytes
 *
 * On one CPU at a time.
 *
 * Return: @size, or -1 when nobody reads any more.
 */
long dive_write(const void *buffer, size_t size);

/**
 * dive_console_write() - put bytes on the console, where messages go
 * @buffer: what
 * @size: bytes
 *
 * As dive_write().
 */
long dive_console_write(const void *buffer, size_t size);

/**
 * dive_printf() - formatted standard output
 * @format: %d %i %u %x %p %s %c %% with width, '0', '-', precision of %s, and
 *	the lengths hh h l ll z; nothing else
 *
 * Return: as dive_write().
 */
long dive_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * dive_log() - formatted console output
 * @format: as dive_printf()
 *
 * Return: as dive_write().
 */
long dive_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * dive_vsnprintf() - format into memory
 * @buffer: always ends with a NUL when @size is not 0
 * @size: bytes
 * @format: as dive_printf()
 * @args: arguments
 *
 * Return: bytes that a large enough buffer takes, without the NUL.
 */
size_t dive_vsnprintf(char *buffer, size_t size, const char *format,
		      va_list args) __attribute__((format(printf, 3, 0)));

/**
 * dive_mark() - put a time stamp on a phase of the kernel, without an exit
 * @id: 0 to 63 (DIVE_MARKS - 1); others are ignored
 */
void dive_mark(unsigned int id);

/**
 * dive_handle_shutdown() - promise to obey a request to shut down
 *
 * Without it the host stops the kernel itself.
 */
void dive_handle_shutdown(void);

/**
 * dive_shutdown() - has the host asked the kernel to end
 *
 * Return: true after the request, when dive_handle_shutdown() was called.
 */
bool dive_shutdown(void);

/**
 * dive_cpu_start() - run a function on a parked CPU
 * @cpu: index in boot->cpu, not 0; each CPU once
 * @entry: runs with interrupts off; the CPU halts when it returns
 * @arg: for @entry
 *
 * Return: false when there is no such CPU.
 */
bool dive_cpu_start(unsigned int cpu, void (*entry)(void *arg), void *arg);

/**
 * dive_apicid() - which CPU is this
 *
 * Return: its local APIC id.
 */
uint32_t dive_apicid(void);

/**
 * dive_timer() - call a function periodically on this CPU
 * @period_us: microseconds, up to about a second; 0 stops the timer
 * @tick: called from the interrupt, interrupts off
 *
 * Return: false when the period cannot be had.
 */
bool dive_timer(uint32_t period_us, void (*tick)(void));

/**
 * dive_now_us() - time that never goes back on one CPU
 *
 * Return: microseconds since some moment before the kernel ran.
 */
uint64_t dive_now_us(void);

/**
 * dive_wait() - sleep until an interrupt; returns with interrupts on
 *
 * Call with interrupts off after checking that there is nothing to do: an
 * interrupt that comes in between ends the sleep. The library waits for the
 * host with it; a kernel with threads may define its own.
 */
void dive_wait(void);

/**
 * dive_window_ring() - interrupt the machine at the other side of the window
 *
 * Its rings interrupt this one as the host's do: they end dive_wait().
 */
void dive_window_ring(void);

/**
 * dive_irq_off() - no interrupts on this CPU from here
 */
static inline void dive_irq_off(void)
{
	__asm__ volatile("cli" ::: "memory");
}

/**
 * dive_irq_on() - interrupts on this CPU, from the next instruction but one
 */
static inline void dive_irq_on(void)
{
	__asm__ volatile("sti" ::: "memory");
}

/**
 * dive_pause() - tell the CPU that this is a spin loop
 */
static inline void dive_pause(void)
{
	__asm__ volatile("pause" ::: "memory");
}

/**
 * dive_tsc() - time stamp counter, not serialised
 *
 * Return: ticks; dive_boot.tsc_khz is their rate.
 */
static inline uint64_t dive_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/**
 * dive_outb() - write a byte to an I/O port
 * @port: number
 * @value: written
 */
static inline void dive_outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port) : "memory");
}

/**
 * dive_outl() - write 32 bits to an I/O port
 * @port: number of the first
 * @value: written
 */
static inline void dive_outl(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" ::"a"(value), "Nd"(port) : "memory");
}

/**
 * dive_inb() - read a byte from an I/O port
 * @port: number
 *
 * Return: what the device answers; 0xff where there is none.
 */
static inline uint8_t dive_inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

/* What a freestanding compiler may call. */
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *text);

#endif
