// SPDX-License-Identifier: ISC
// Hostile: writes to every port of a PC, and to every page where a PC has no
// memory, in all sizes, but for those whose purpose is to end it. For PVH.
#include <dive.h>

#define PORTS     0xd00u
#define EMPTY     0x700u /* from here to the last page there is nothing */
#define COM1      0x3f8u
#define HOLE      0xc0000000u /* up to 4 GiB: devices, or nothing */
#define HOLE_STEP 0x00200000u

static const uint32_t values[] = { 1, 0x8080, ~0u };
#define VALUES (sizeof(values) / sizeof(values[0]))

static bool ends_us(uint32_t port)
{
	static const struct {
		uint16_t first;
		uint16_t last;
	} ends[] = {
		{ 0x60, 0x60 },   { 0x64, 0x64 },   { 0x92, 0x92 },
		{ 0xf4, 0xf7 },   { 0x501, 0x505 }, { 0x604, 0x605 },
		{ 0xcf9, 0xcf9 },
	};

	/* The widest access begins three ports before. */
	for (unsigned int i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (port + 3 >= ends[i].first && port <= ends[i].last)
			return true;
	return false;
}

static void read_port(uint16_t port)
{
	static uint8_t to[64];
	void *at = to;
	uint64_t count = 4;
	uint16_t word;
	uint32_t dword;

	(void)dive_inb(port);
	__asm__ volatile("inw %1, %0" : "=a"(word) : "d"(port));
	__asm__ volatile("inl %1, %0" : "=a"(dword) : "d"(port));
	__asm__ volatile("rep insl"
			 : "+D"(at), "+c"(count)
			 : "d"(port)
			 : "memory");
}

static void write_port(uint16_t port, uint32_t value)
{
	const void *at = values;
	uint64_t count = VALUES;

	dive_outb(port, (uint8_t)value);
	__asm__ volatile("outw %0, %1" ::"a"((uint16_t)value), "d"(port));
	dive_outl(port, value);
	__asm__ volatile("rep outsl"
			 : "+S"(at), "+c"(count)
			 : "d"(port)
			 : "memory");
}

/* The local APIC stays as it is: an INIT for ourselves is our own affair. */
static void write_holes(void)
{
	for (uint64_t at = HOLE; at < 1ull << 32; at += HOLE_STEP)
		for (unsigned int i = 0; i < VALUES; i++) {
			uint64_t odd = at + 0x1000 * i + i;

			if (at == 0xfee00000)
				continue;
			*(volatile uint8_t *)odd = (uint8_t)values[i];
			*(volatile uint16_t *)odd = (uint16_t)values[i];
			*(volatile uint32_t *)odd = values[i];
			*(volatile uint64_t *)(at + 0xffc) = ~0ull;
			(void)*(volatile uint64_t *)odd;
		}
}

int dive_main(const struct dive_boot *boot)
{
	(void)boot;
	dive_irq_off();
	for (uint32_t port = 0; port < PORTS; port++) {
		if (port == EMPTY)
			port = PORTS - 0x100;
		read_port((uint16_t)port);
		for (unsigned int i = 0; i < VALUES && !ends_us(port); i++)
			write_port((uint16_t)port, values[i]);
	}
	write_holes();
	dive_outb(COM1 + 3, 3); /* 8N1, no divisor latch */
	dive_outb(COM1 + 1, 0);
	dive_outb(COM1 + 4, 0);
	dive_printf("\nall of it\n");
	return 0;
}
