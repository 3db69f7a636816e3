// SPDX-License-Identifier: Apache-2.0
// Images: what cannot be one, damaged headers, damaged notes, bounds.
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lab.h"

static uint8_t file[0x12000];
static struct image img;
static struct err e;

static int clear(void **state)
{
	(void)state;
	memset(file, 0, sizeof(file));
	image_close(&img);
	return 0;
}

static int open_file(size_t size)
{
	image_close(&img);
	return lab_open(&img, file, size, "k", &e);
}

static void elf(const struct lab_segment *s, size_t count)
{
	lab_elf(file, true, 0x1000, s, count);
	assert_int_equal(open_file(sizeof(file)), 0);
	assert_int_equal(img.elf_phnum, count);
}

static int next_fd(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void what_is_no_file_is_refused(void **state)
{
	int fd = next_fd();

	(void)state;
	assert_int_equal(image_open(&img, "/nonexistent", &e), -ENOENT);
	assert_non_null(strstr(e.msg, "/nonexistent"));
	assert_int_equal(image_open(&img, "/", &e), -ENOEXEC);
	assert_non_null(strstr(e.msg, "directory"));
	assert_int_equal(image_open(&img, "/dev/null", &e), -ENOEXEC);
	assert_int_equal(open_file(0), -ENOEXEC);
	assert_non_null(strstr(e.msg, "empty"));
	/* Every refusal has closed its descriptor. */
	assert_int_equal(next_fd(), fd);
}

/* A FIFO without a writer would block open() for ever. */
static void fifo_does_not_hang(void **state)
{
	char dir[] = "/tmp/image_testXXXXXX";
	char path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(image_open(&img, path, &e), -ENOEXEC);
	unlink(path);
	rmdir(dir);
}

static void short_file_has_a_short_head(void **state)
{
	uint8_t b;

	(void)state;
	file[2] = 7;
	assert_int_equal(open_file(3), 0);
	assert_int_equal(img.head_size, 3);
	assert_null(img.elf);
	assert_int_equal(image_read(&img, 2, &b, 1, &e), 0);
	assert_int_equal(b, 7);
	assert_int_equal(image_read(&img, 2, &b, 2, &e), -ENOEXEC);
	assert_int_equal(image_read(&img, UINT64_MAX, &b, 2, &e), -ENOEXEC);
	assert_int_equal(image_read(&img, 4, &b, 0, &e), -ENOEXEC);
	assert_int_equal(image_note(&img, "Xen", 18, &b, 1), -ENOENT);
}

static void reads_beyond_the_head(void **state)
{
	uint8_t bytes[16];

	(void)state;
	for (size_t i = 0; i < sizeof(file); i++)
		file[i] = (uint8_t)(i >> 3);
	assert_int_equal(open_file(sizeof(file)), 0);
	assert_int_equal(img.head_size, IMAGE_HEAD_MAX);
	for (size_t at = IMAGE_HEAD_MAX - 16; at <= IMAGE_HEAD_MAX; at++) {
		assert_int_equal(image_read(&img, at, bytes, 16, &e), 0);
		assert_memory_equal(bytes, file + at, 16);
	}
}

static void shrinking_file_is_an_error(void **state)
{
	uint8_t bytes[16];

	(void)state;
	assert_int_equal(open_file(sizeof(file)), 0);
	assert_int_equal(ftruncate(img.fd, IMAGE_HEAD_MAX + 8), 0);
	assert_int_equal(image_read(&img, IMAGE_HEAD_MAX, bytes, 16, &e),
			 -ENOEXEC);
	assert_non_null(strstr(e.msg, "shrank"));
}

static void other_elf_is_not_elf_here(void **state)
{
	static const struct lab_segment s = { PT_LOAD, 0, 0, 0, 1, 1 };
	static const size_t where[] = { EI_CLASS, EI_DATA,
					offsetof(Elf64_Ehdr, e_machine) };

	(void)state;
	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		lab_elf(file, true, 0, &s, 1);
		file[where[i]] = 9;
		assert_int_equal(open_file(sizeof(file)), 0);
		assert_null(img.elf);
		assert_int_equal(image_is_elf64(&img), 0);
	}
	lab_elf(file, false, 0x1234, &s, 1);
	assert_int_equal(open_file(sizeof(file)), 0);
	assert_int_equal(image_is_elf64(&img), 0);
	assert_int_equal(image_entry(&img), 0x1234);
}

/* A file with holes announces millions of them and takes no room itself. */
static void endless_sections_are_refused(void **state)
{
	static const size_t size =
		(IMAGE_SECTIONS_MAX + 3) * sizeof(Elf64_Shdr);
	static const Elf64_Off at = sizeof(file);
	const struct lab_segment s = { .type = PT_LOAD };
	uint8_t *large = calloc(1, size + sizeof(file));
	Elf64_Shdr first = { .sh_size = IMAGE_SECTIONS_MAX };

	(void)state;
	assert_non_null(large);
	lab_elf(large, true, 0x1000, &s, 1);
	memcpy(large + offsetof(Elf64_Ehdr, e_shoff), &at, sizeof(at));
	memcpy(large + at, &first, sizeof(first));
	assert_int_equal(lab_open(&img, large, size + sizeof(file), "k", &e),
			 0);
	assert_non_null(img.elf);
	image_close(&img);
	first.sh_size++;
	memcpy(large + at, &first, sizeof(first));
	assert_int_equal(lab_open(&img, large, size + sizeof(file), "k", &e),
			 -ENOEXEC);
	assert_string_equal(e.msg,
			    "k: has 65280 sections, 65279 are the limit");
	free(large);
}

static void too_many_headers_are_refused(void **state)
{
	struct lab_segment s[2] = { { PT_LOAD, 0, 0, 0, 1, 1 } };
	Elf64_Half n = IMAGE_PHDRS_MAX + 1;

	(void)state;
	lab_elf(file, true, 0, s, 1);
	memcpy(file + offsetof(Elf64_Ehdr, e_phnum), &n, sizeof(n));
	assert_int_equal(open_file(sizeof(file)), -ENOEXEC);
	assert_non_null(strstr(e.msg, "129"));
}

static void headers_outside_the_file(void **state)
{
	static const struct lab_segment s = { PT_LOAD, 0, 0, 0, 1, 1 };
	struct segment seg;
	Elf64_Off off = sizeof(file) - 8;

	(void)state;
	lab_elf(file, true, 0, &s, 1);
	memcpy(file + offsetof(Elf64_Ehdr, e_phoff), &off, sizeof(off));
	assert_int_equal(open_file(sizeof(file)), 0);
	for (size_t i = 0; i < img.elf_phnum; i++)
		assert_int_equal(image_segment(&img, i, &seg, &e), -ENOEXEC);
}

static void contradicting_segments_are_refused(void **state)
{
	static const struct lab_segment bad[] = {
		{ PT_LOAD, sizeof(file) - 1, 0, 0, 2, 2 },
		{ PT_LOAD, UINT64_MAX, 0, 0, 2, 2 },
		{ PT_LOAD, 0, 0, 0, sizeof(file) + 1, sizeof(file) + 1 },
		{ PT_LOAD, 0, 0, 0, 2, 1 },
		{ PT_LOAD, 0, 0, UINT64_MAX, 1, 2 },
		{ PT_LOAD, 0, 0, 2, 0, UINT64_MAX },
	};
	static const struct lab_segment good[] = {
		{ PT_LOAD, sizeof(file) - 1, 0, 0, 1, 1 },
		{ PT_LOAD, UINT64_MAX, 0, 0, 0, 0 },
		{ PT_LOAD, 0, 0, 1, 0, UINT64_MAX - 1 },
		{ PT_GNU_STACK, 0, 0, 0, 0, 0 },
	};
	struct segment seg;

	(void)state;
	elf(bad, sizeof(bad) / sizeof(bad[0]));
	for (size_t i = 0; i < img.elf_phnum; i++)
		assert_int_equal(image_segment(&img, i, &seg, &e), -ENOEXEC);
	elf(good, sizeof(good) / sizeof(good[0]));
	for (size_t i = 0; i < img.elf_phnum; i++)
		assert_int_equal(image_segment(&img, i, &seg, &e), 0);
}

static void descriptor_is_cut_to_the_room(void **state)
{
	struct lab_segment s = { PT_NOTE, LAB_BODY, 0, 0, 0, 0 };
	uint8_t desc[8] = { 0 };

	(void)state;
	s.filesz = lab_note(file + LAB_BODY, "Diver", 1, "123456", 6);
	elf(&s, 1);
	assert_int_equal(image_note(&img, "Diver", 1, desc, 4), 6);
	assert_string_equal((char *)desc, "1234");
	assert_int_equal(image_note(&img, "Dive", 1, desc, 4), -ENOENT);
	assert_int_equal(image_note(&img, "Diver", 2, desc, 4), -ENOENT);
	lab_put32(file + LAB_BODY, 5); /* the NUL does not belong to it */
	elf(&s, 1);
	assert_int_equal(image_note(&img, "Diver", 1, desc, 4), -ENOENT);
}

/* A large note segment is not a kernel's: nothing is read of it. */
static void large_notes_are_damaged_notes(void **state)
{
	struct lab_segment s = { PT_NOTE, LAB_BODY, 0, 0, 0x10001, 0x10001 };
	uint8_t desc;

	(void)state;
	(void)lab_note(file + LAB_BODY, "Diver", 1, "123456", 6);
	elf(&s, 1);
	assert_int_equal(image_note(&img, "Diver", 1, &desc, 1), -ENOEXEC);
	s.filesz--;
	elf(&s, 1);
	assert_int_equal(image_note(&img, "Diver", 1, &desc, 1), 6);
}

static void load_checks_both_ends(void **state)
{
	struct lab lab;

	(void)state;
	memset(file, 0x5a, sizeof(file));
	assert_int_equal(open_file(sizeof(file)), 0);
	lab_setup(&lab, 2u << 20);
	assert_int_equal(image_load(&img, 0, sizeof(file), &lab.mem,
				    lab.size - sizeof(file), &e),
			 0);
	assert_int_equal(lab_get32(&lab, lab.size - 4), 0x5a5a5a5a);
	assert_int_equal(lab_get32(&lab, lab.size - sizeof(file) - 4), 0);
	assert_int_equal(image_load(&img, 0, sizeof(file), &lab.mem,
				    lab.size - sizeof(file) + 1, &e),
			 -ENOEXEC);
	assert_int_equal(image_load(&img, 1, sizeof(file), &lab.mem, 0, &e),
			 -ENOEXEC);
	assert_int_equal(image_load(&img, 0, 4, &lab.mem, UINT64_MAX - 1, &e),
			 -ENOEXEC);
	assert_int_equal(image_load(&img, 99, 0, &lab.mem, UINT64_MAX, &e), 0);
	lab_teardown(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_no_file_is_refused, clear),
		cmocka_unit_test_setup(fifo_does_not_hang, clear),
		cmocka_unit_test_setup(short_file_has_a_short_head, clear),
		cmocka_unit_test_setup(reads_beyond_the_head, clear),
		cmocka_unit_test_setup(shrinking_file_is_an_error, clear),
		cmocka_unit_test_setup(other_elf_is_not_elf_here, clear),
		cmocka_unit_test_setup(too_many_headers_are_refused, clear),
		cmocka_unit_test_setup(endless_sections_are_refused, clear),
		cmocka_unit_test_setup(headers_outside_the_file, clear),
		cmocka_unit_test_setup(contradicting_segments_are_refused,
				       clear),
		cmocka_unit_test_setup(descriptor_is_cut_to_the_room, clear),
		cmocka_unit_test_setup(large_notes_are_damaged_notes, clear),
		cmocka_unit_test_setup(load_checks_both_ends, clear)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
