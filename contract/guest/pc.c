// SPDX-License-Identifier: ISC
// A kernel started without Diver: multiboot or PVH, COM1, exit port, PIT.
#include "internal.h"

#define MULTIBOOT1_MAGIC 0x2badb002
#define MULTIBOOT2_MAGIC 0x36d76289
#define PVH_MAGIC        0x336ec578 /* head64.S */

#define COM1        0x3f8
#define COM1_STATUS (COM1 + 5)
#define PIT_HZ      1193182

/* Multiboot 1, 3.3: the words of the information used here. */
enum {
	MB1_FLAGS,
	MB1_CMDLINE = 4,
	MB1_MODS_COUNT,
	MB1_MODS,
	MB1_MMAP_SIZE = 11,
	MB1_MMAP,
	MB1_LOADER = 16
};

static const uint32_t *words_at(uint64_t at)
{
	return (const uint32_t *)at;
}

static uint64_t word64(const uint32_t *at)
{
	return (uint64_t)at[1] << 32 | at[0];
}

static void add_memory(struct dive_boot *boot, uint64_t start, uint64_t size,
		       uint32_t type)
{
	if (type == 1 && size && boot->memory_count < DIVE_RANGES_MAX)
		boot->memory[boot->memory_count++] =
			(struct dive_range){ start, size };
}

/* Some loaders put the name of the file in front of the arguments. */
static const char *without_name(const char *args, const char *loader)
{
	if (memcmp(loader, "qemu", 4) != 0 && memcmp(loader, "Dive", 4) != 0)
		return args;
	while (*args && *args != ' ')
		args++;
	return *args ? args + 1 : args;
}

static void multiboot1(const uint32_t *info, struct dive_boot *boot)
{
	const char *loader = (const char *)words_at(info[MB1_LOADER]);
	uint32_t flags = info[MB1_FLAGS], size;

	if (flags & 4)
		boot->args = (const char *)words_at(info[MB1_CMDLINE]);
	if (flags & 512)
		boot->args = without_name(boot->args, loader);
	if (flags & 8 && info[MB1_MODS_COUNT]) {
		const uint32_t *module = words_at(info[MB1_MODS]);

		boot->initrd =
			(struct dive_range){ module[0], module[1] - module[0] };
	}
	size = flags & 64 ? info[MB1_MMAP_SIZE] : 0;
	for (uint32_t at = 0; at < size;) {
		const uint32_t *entry = words_at(info[MB1_MMAP] + at);

		add_memory(boot, word64(entry + 1), word64(entry + 3),
			   entry[5]);
		at += entry[0] + 4;
	}
}

static void multiboot2(const uint32_t *info, struct dive_boot *boot)
{
	const char *loader = "none";
	uint32_t total = info[0];

	for (uint32_t at = 8; at + 8 <= total;) {
		const uint32_t *tag = info + at / 4;

		if (tag[0] == 1)
			boot->args = (const char *)(tag + 2);
		if (tag[0] == 3 && !boot->initrd.size)
			boot->initrd =
				(struct dive_range){ tag[2], tag[3] - tag[2] };
		for (uint32_t i = 16; tag[0] == 6 && i < tag[1]; i += tag[2])
			add_memory(boot, word64(tag + i / 4),
				   word64(tag + i / 4 + 2), tag[i / 4 + 4]);
		if (tag[0] == 2)
			loader = (const char *)(tag + 2);
		if (!tag[0])
			break;
		at += (tag[1] + 7) & ~7u;
	}
	boot->args = without_name(boot->args, loader);
}

/* Xen public headers, hvm/start_info.h, version 1. */
static void pvh(const uint32_t *info, struct dive_boot *boot)
{
	const uint32_t *entry = words_at(word64(info + 10));
	const uint32_t *module = words_at(word64(info + 4));

	if (info[6])
		boot->args = (const char *)words_at(word64(info + 6));
	if (info[3])
		boot->initrd = (struct dive_range){ word64(module),
						    word64(module + 2) };
	for (uint32_t i = 0; info[1] >= 1 && i < info[12]; i++, entry += 6)
		add_memory(boot, word64(entry), word64(entry + 2), entry[4]);
}

static void com1_init(void)
{
	dive_outb(COM1 + 1, 0); /* no interrupts */
	dive_outb(COM1 + 3, 0x80);
	dive_outb(COM1, 1); /* 115200 */
	dive_outb(COM1 + 1, 0);
	dive_outb(COM1 + 3, 3); /* 8N1 */
	/* Turning the FIFO on would lose what it holds already. */
}

/* TSC and APIC timer against 10 ms of PIT channel 2. */
static void calibrate(struct dive_boot *boot)
{
	uint64_t tsc;
	uint32_t ticks;

	dive_apic_write(0x3e0, 0xb);
	dive_apic_write(0x320, 0x10000);
	dive_outb(0x61, (uint8_t)((dive_inb(0x61) & ~2) | 1));
	dive_outb(0x43, 0xb0);
	dive_outb(0x42, PIT_HZ / 100 & 0xff);
	dive_apic_write(0x380, UINT32_MAX);
	tsc = dive_tsc();
	dive_outb(0x42, PIT_HZ / 100 >> 8);
	while (!(dive_inb(0x61) & 0x20))
		dive_pause();
	tsc = dive_tsc() - tsc;
	ticks = UINT32_MAX - dive_apic_read(0x390);
	/* The shortest of several is the one that nobody held up. */
	if (boot->tsc_khz && tsc / 10 >= boot->tsc_khz)
		return;
	boot->tsc_khz = tsc / 10;
	boot->lapic_hz = ticks * 100ull;
}

void dive_pc_boot(uint32_t magic, uintptr_t info, struct dive_boot *boot)
{
	uint64_t start = (uintptr_t)dive_image_start;

	boot->args = "";
	boot->mode = "pc";
	com1_init();
	dive_outb(0x21, 0xff); /* no interrupts from the PIC */
	dive_outb(0xa1, 0xff);
	if (magic == MULTIBOOT1_MAGIC)
		multiboot1(words_at(info), boot);
	else if (magic == MULTIBOOT2_MAGIC)
		multiboot2(words_at(info), boot);
	else if (magic == PVH_MAGIC)
		pvh(words_at(info), boot);
	boot->reserved[0].size = 1 << 20;
	boot->reserved[1].start = start;
	boot->reserved[1].size = (uintptr_t)dive_image_end - start;
	boot->reserved[2] = boot->initrd;
	boot->reserved_count = boot->initrd.size ? 3 : 2;
	boot->cpu_count = 1;
	boot->cpu[0].apicid = dive_apicid();
	for (int i = 0; i < 3; i++)
		calibrate(boot);
}

void dive_pc_write(const void *buffer, size_t size)
{
	const uint8_t *from = buffer;

	while (size--) {
		while (!(dive_inb(COM1_STATUS) & 0x20))
			dive_pause();
		dive_outb(COM1, *from++);
	}
}

long dive_pc_read(void *buffer, size_t size)
{
	uint8_t *to = buffer;

	if (!size)
		return 0;
	while (!(dive_inb(COM1_STATUS) & 1))
		dive_pause();
	*to = dive_inb(COM1);
	/* A serial line has no end of file: ^D, as on a terminal. */
	return *to != 4;
}

void dive_pc_exit(int status)
{
	while (!(dive_inb(COM1_STATUS) & 0x40))
		dive_pause(); /* sent, not only accepted */
	dive_outl(0xf4, (uint8_t)status);
	dive_outb(0x501, (uint8_t)status);
}
