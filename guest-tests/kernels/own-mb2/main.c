// SPDX-License-Identifier: ISC
// An ordinary teaching kernel that knows multiboot2 and nothing of Diver.
#include <stddef.h>
#include <stdint.h>

#define COM1 0x3f8

static void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void put_char(char c)
{
	while (!(inb(COM1 + 5) & 0x20))
		;
	outb(COM1, (uint8_t)c);
}

static void put(const char *text)
{
	while (*text)
		put_char(*text++);
}

static void put_number(uint64_t value)
{
	if (value >= 10)
		put_number(value / 10);
	put_char((char)('0' + value % 10));
}

static void stop(uint8_t status)
{
	outb(0xf4, status);
}

/* The sieve of Eratosthenes stands for what a kernel is good for. */
static uint8_t composite[10000];

static void kernel(const char *args)
{
	uint64_t primes = 0;

	put("own kernel, arguments: ");
	put(args);
	for (uint64_t i = 2; i < sizeof(composite); i++) {
		primes += !composite[i];
		for (uint64_t j = i * i; j < sizeof(composite); j += i)
			composite[j] = 1;
	}
	put("\n");
	put_number(primes);
	put(" primes\n");
	stop(7);
}

void start_multiboot2(const uint32_t *info);

void start_multiboot2(const uint32_t *info)
{
	const char *args = "";

	for (uint32_t at = 8; info[at / 4]; at += (info[at / 4 + 1] + 7) & ~7u)
		if (info[at / 4] == 1)
			args = (const char *)&info[at / 4 + 2];
	kernel(args);
}
