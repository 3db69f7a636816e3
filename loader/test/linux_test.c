// SPDX-License-Identifier: Apache-2.0
// The Linux protocol: which images have which entry, and what they get.
#include <asm/bootparam.h>
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lab.h"

#define BASE      0x200000u
#define HEADER    0x1f1
#define CODE      0x400 /* setup_sects 1 */
#define CODE_SIZE 0x1000u

/* Debian's kernel in small. */
static struct setup_header debian(void)
{
	return (struct setup_header){
		.setup_sects = 1,
		.syssize = CODE_SIZE / 16,
		.boot_flag = 0xaa55,
		.jump = 0x6aeb,
		.header = 0x53726448,
		.version = 0x020f,
		.loadflags = LOADED_HIGH,
		.code32_start = 0x100000,
		.initrd_addr_max = 0x7fffffff,
		.kernel_alignment = 0x100000,
		.relocatable_kernel = 1,
		.xloadflags = XLF_KERNEL_64,
		.cmdline_size = 2047,
		.setup_data = 0xdeadbeef,
		.pref_address = BASE,
		.init_size = 0x10000,
	};
}

static void kernel(struct bench *b, struct setup_header h)
{
	memset(b->file, 0, sizeof(b->file));
	memset(b->file + CODE, 0x5a, CODE_SIZE);
	b->file[0x1ef] = 0xff; /* sentinel: nothing before 0x1f1 is copied */
	memcpy(b->file + HEADER, &h, sizeof(h));
}

static void elf_kernel(struct bench *b)
{
	struct lab_segment s = {
		PT_LOAD, LAB_BODY, 0xffffffff80000000ull + BASE,
		BASE,    0x100,    0x200
	};

	memset(b->file, 0, sizeof(b->file));
	lab_elf(b->file, true, BASE + 0x20, &s, 1);
}

/* Load, look at the CPU, and return what it was handed. */
static struct boot_params assert_enters(struct bench *b, enum entry_mode mode,
					uint64_t code)
{
	const struct entry_state *s = &b->loaded.entry;
	struct boot_params bp = { .sentinel = 1 };

	if (bench_load(b, &protocol_linux) != 0)
		fail_msg("%s", b->e.msg);
	assert_int_equal(s->mode, mode);
	assert_int_equal(s->cs, 0x10);
	assert_int_equal(s->ds, 0x18);
	assert_int_equal(lab_get64(&b->lab, s->gdt + 0x10), code);
	assert_int_equal(lab_get64(&b->lab, s->gdt + 0x18),
			 0x00cf93000000ffffull);
	assert_int_equal(gmem_read(&b->lab.mem, s->rsi, &bp, sizeof(bp)), 0);
	assert_int_equal(bp.sentinel, 0);
	assert_int_equal(bp.hdr.boot_flag, 0xaa55);
	assert_int_equal(bp.hdr.header, 0x53726448);
	assert_int_equal(bp.hdr.type_of_loader, 0xff);
	assert_int_equal(bp.hdr.setup_data, 0);
	return bp;
}

static struct boot_params assert_loads(struct bench *b)
{
	return assert_enters(b, ENTRY_LONG64, 0x00af9b000000ffffull);
}

/* Flat 32-bit protected mode, EBP, EDI and EBX are 0 (x86/boot.rst). */
static struct boot_params assert_loads_32(struct bench *b)
{
	struct boot_params bp =
		assert_enters(b, ENTRY_PROT32, 0x00cf9b000000ffffull);
	const struct entry_state *s = &b->loaded.entry;

	assert_int_equal(s->cr0, 0x11);
	assert_int_equal(s->rbx, 0);
	assert_int_equal(s->rdi, 0);
	return bp;
}

static void assert_unusable(struct bench *b, struct setup_header h,
			    const char *word)
{
	struct probe p;

	kernel(b, h);
	p = bench_probe(b, &protocol_linux);
	assert_int_equal(p.verdict, PROBE_UNUSABLE);
	if (!strstr(p.why, word))
		fail_msg("\"%s\" does not say \"%s\"", p.why, word);
}

static void bzimage_goes_where_it_prefers(void **state)
{
	struct bench *b = *state;
	struct boot_params bp;

	kernel(b, debian());
	b->lab.req.cmdline = "console=ttyS0 quiet";
	bp = assert_loads(b);
	assert_int_equal(b->loaded.entry.rip, BASE + 0x200);
	assert_int_equal(lab_get32(&b->lab, BASE), 0x5a5a5a5a);
	assert_int_equal(lab_get32(&b->lab, BASE + CODE_SIZE), 0);
	assert_int_equal(bp.hdr.code32_start, BASE);
	assert_string_equal(lab_text(&b->lab, bp.hdr.cmd_line_ptr),
			    "console=ttyS0 quiet");
	assert_int_equal(bp.acpi_rsdp_addr, 0xe0000);
	assert_int_equal(bp.e820_entries, 5);
	for (unsigned int i = 0; i < 5; i++) {
		const struct board_range *r = &b->lab.board.range[i];

		assert_int_equal(bp.e820_table[i].addr, r->gpa);
		assert_int_equal(bp.e820_table[i].size, r->size);
		assert_int_equal(bp.e820_table[i].type, r->type);
	}
}

/* The first 4 GiB, one to one, writable, by 2 MiB pages. */
static void identity_map_is_complete(void **state)
{
	struct bench *b = *state;
	const struct entry_state *s = &b->loaded.entry;
	gpa_t pdpt;

	kernel(b, debian());
	(void)assert_loads(b);
	assert_int_equal(s->cr0, 0x80000011);
	assert_int_equal(s->cr4, 0x20);
	assert_int_equal(s->efer, 0x500);
	pdpt = lab_get64(&b->lab, s->cr3) & ~0xfffull;
	for (uint64_t gib = 0; gib < 4; gib++) {
		gpa_t pd = lab_get64(&b->lab, pdpt + 8 * gib) & ~0xfffull;

		for (uint64_t i = 0; i < 512; i++)
			assert_int_equal(lab_get64(&b->lab, pd + 8 * i),
					 (gib << 30 | i << 21) | 0xe3);
	}
}

static void bzimage_moves_when_ram_is_short(void **state)
{
	struct bench *b = *state;
	struct setup_header h = debian();

	h.pref_address = 0x1000000;
	kernel(b, h);
	(void)assert_loads(b);
	assert_int_equal(b->loaded.entry.rip, 0x100200);
	h.init_size = 0x700001;
	kernel(b, h);
	assert_int_equal(bench_load(b, &protocol_linux), -ENOEXEC);
	assert_non_null(strstr(b->e.msg, "--mem"));
	h.init_size = 0x10000;
	h.relocatable_kernel = 0;
	kernel(b, h);
	assert_int_equal(bench_load(b, &protocol_linux), -ENOEXEC);
	assert_non_null(strstr(b->e.msg, "--mem"));
}

static void nothing_lies_in_init_size(void **state)
{
	struct bench *b = *state;
	struct setup_header h = debian();
	struct image file;
	struct boot_params bp;

	assert_int_equal(lab_open(&file, "12345", 5, "i", &b->e), 0);
	h.init_size = 0x600000 - 0x1000;
	h.initrd_addr_max = BASE + h.init_size + 0xfff;
	b->lab.req.initrds = 1;
	b->lab.req.initrd[0] = (struct load_file){ &file, "" };
	kernel(b, h);
	bp = assert_loads(b);
	assert_int_equal(bp.hdr.ramdisk_image, BASE + h.init_size);
	h.initrd_addr_max = BASE + h.init_size;
	kernel(b, h);
	bp = assert_loads(b);
	assert_int_equal(bp.hdr.ramdisk_image, BASE - 0x1000);
	image_close(&file);
}

static void initrds_are_joined_at_4(void **state)
{
	struct bench *b = *state;
	struct image files[2];
	struct boot_params bp;

	assert_int_equal(lab_open(&files[0], "12345", 5, "a", &b->e), 0);
	assert_int_equal(lab_open(&files[1], "678", 3, "b", &b->e), 0);
	kernel(b, debian());
	b->lab.req.initrds = 2;
	b->lab.req.initrd[0] = (struct load_file){ &files[0], "" };
	b->lab.req.initrd[1] = (struct load_file){ &files[1], "" };
	bp = assert_loads(b);
	assert_int_equal(bp.hdr.ramdisk_size, 11);
	assert_int_equal(bp.hdr.ramdisk_image, 0x7ff000);
	assert_memory_equal(gmem_ptr(&b->lab.mem, bp.hdr.ramdisk_image, 11),
			    "12345\0\0\0"
			    "678",
			    11);
	b->lab.req.modules = 1;
	b->lab.req.module[0] = (struct load_file){ &files[1], "" };
	assert_int_equal(bench_load(b, &protocol_linux), -ENOEXEC);
	assert_non_null(strstr(b->e.msg, "--initrd"));
	image_close(&files[0]);
	image_close(&files[1]);
}

static void cmdline_size_is_the_kernels(void **state)
{
	struct bench *b = *state;
	struct setup_header h = debian();

	h.cmdline_size = 7;
	kernel(b, h);
	b->lab.req.cmdline = "1234567";
	(void)assert_loads(b);
	b->lab.req.cmdline = "12345678";
	assert_int_equal(bench_load(b, &protocol_linux), -ENOEXEC);
}

static void header_ends_where_it_says(void **state)
{
	struct bench *b = *state;
	struct setup_header h = debian();
	struct boot_params bp;

	h.jump = 0x62eb; /* up to 0x264: handover_offset is code already */
	h.handover_offset = 0xcccccccc;
	kernel(b, h);
	bp = assert_loads(b);
	assert_int_equal(bp.hdr.init_size, h.init_size);
	assert_int_equal(bp.hdr.handover_offset, 0);
}

static void elf_gets_a_header(void **state)
{
	struct bench *b = *state;
	struct boot_params bp;

	elf_kernel(b);
	bp = assert_loads(b);
	assert_int_equal(b->loaded.entry.rip, BASE + 0x20);
	assert_true(bp.hdr.loadflags & LOADED_HIGH);
	assert_true(bp.hdr.version >= 0x020c);
}

static void entries_of_others_are_not_offered(void **state)
{
	struct bench *b = *state;
	static const uint32_t headers[][4] = {
		{ 0x1badb002, 3, 0u - 0x1badb002u - 3, 0 },
		{ 0xe85250d6, 0, 24, 0u - 0xe85250d6u - 24 },
	};
	struct lab_segment program[] = {
		{ PT_LOAD, LAB_BODY, BASE, BASE, 0x100, 0x100 },
		{ PT_INTERP, LAB_BODY, BASE, BASE, 8, 8 },
	};

	for (size_t i = 0; i < 2; i++) {
		elf_kernel(b);
		memcpy(b->file + 0x800, headers[i], 16);
		assert_int_equal(bench_probe(b, &protocol_linux).verdict,
				 PROBE_ABSENT);
	}
	lab_elf(b->file, true, BASE, program, 2);
	memset(b->file + 0x800, 0, 16);
	assert_int_equal(bench_probe(b, &protocol_linux).verdict,
			 PROBE_UNUSABLE);
}

/* memtest86+ ia32 */
static void a_kernel_without_64_bits_enters_at_its_start(void **state)
{
	struct bench *b = *state;
	struct setup_header h = debian();
	struct boot_params bp;

	h.version = 0x020c;
	h.xloadflags = XLF_EFI_HANDOVER_32;
	h.relocatable_kernel = 0;
	kernel(b, h);
	bp = assert_loads_32(b);
	assert_int_equal(b->loaded.entry.rip, BASE);
	assert_int_equal(lab_get32(&b->lab, BASE), 0x5a5a5a5a);
	assert_int_equal(bp.hdr.code32_start, BASE);
}

/* What a version does not have must not be believed: 2.06 is Kitten's. */
static void an_old_kernel_is_taken_by_its_version(void **state)
{
	struct bench *b = *state;
	struct setup_header h = debian();
	struct boot_params bp;
	struct probe p;

	h.version = 0x0206;
	h.relocatable_kernel = 0;
	h.pref_address = 0x63346136332e3532; /* ipxe.lkrn has text there */
	h.init_size = 0x352d3538;
	kernel(b, h);
	p = bench_probe(b, &protocol_linux);
	assert_int_equal(p.lo, 0x100000);
	assert_int_equal(p.hi, 0x100000 + 3 * CODE_SIZE);
	bp = assert_loads_32(b);
	assert_int_equal(b->loaded.entry.rip, 0x100000);
	assert_int_equal(bp.hdr.cmdline_size, 2047);
	h.version = 0x0203;
	h.syssize = 0xcccc0000; /* 16 bits of it are something else */
	h.kernel_alignment = 3;
	h.relocatable_kernel = 0xcc;
	kernel(b, h);
	bp = assert_loads_32(b);
	assert_int_equal(b->loaded.entry.rip, 0x100000);
	assert_int_equal(bp.hdr.cmdline_size, 255);
	assert_int_equal(bp.hdr.initrd_addr_max, 0x7fffffff);
	h.version = 0x0202;
	kernel(b, h);
	bp = assert_loads_32(b);
	assert_int_equal(bp.hdr.initrd_addr_max, 0x37ffffff);
}

static void old_and_small_kernels_are_refused(void **state)
{
	struct bench *b = *state;
	struct setup_header h = debian();

	h.code32_start = 0; /* ipxe.lkrn */
	h.version = 0x0207;
	assert_unusable(b, h, "BIOS");
	h = debian();
	h.version = 0x0201;
	assert_unusable(b, h, "2.01");
	h = debian();
	h.loadflags = 0;
	assert_unusable(b, h, "zImage");
	h = debian();
	h.setup_sects = 64;
	assert_unusable(b, h, "cut off");
	h = debian();
	h.syssize = BENCH_FILE / 16;
	assert_unusable(b, h, "cut off");
	h = debian();
	h.kernel_alignment = 3;
	assert_unusable(b, h, "damaged");
	h = debian();
	h.pref_address = ~0ull;
	assert_unusable(b, h, "damaged");
}

#define T(f) cmocka_unit_test_setup_teardown(f, bench_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(bzimage_goes_where_it_prefers),
		T(identity_map_is_complete),
		T(bzimage_moves_when_ram_is_short),
		T(nothing_lies_in_init_size),
		T(initrds_are_joined_at_4),
		T(cmdline_size_is_the_kernels),
		T(header_ends_where_it_says),
		T(elf_gets_a_header),
		T(entries_of_others_are_not_offered),
		T(a_kernel_without_64_bits_enters_at_its_start),
		T(an_old_kernel_is_taken_by_its_version),
		T(old_and_small_kernels_are_refused)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
