// SPDX-License-Identifier: Apache-2.0
// Any bytes as an image: every protocol probes, and loads what it offers.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lab.h"
#include "loader/solo5.h"

#define MEM_SIZE (4u << 20)
#define TABLES   0xe0000u /* what the machine wrote before */
#define HOLE     0xa0000u
#define HOLE_END 0x100000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_hole(const struct lab *lab)
{
	static const uint8_t zero[HOLE_END - HOLE];

	/* Only what lab_setup() wrote is there. */
	assert(memcmp(lab->host + HOLE, zero, TABLES - HOLE) == 0);
	assert(memcmp(lab->host + TABLES, "RSD PTR ", 8) == 0);
	assert(memcmp(lab->host + TABLES + 24, zero, HOLE_END - TABLES - 24) ==
	       0);
}

/* What every machine relies on, whatever the file says. */
static void check_entry(const struct lab *lab, const struct loaded *l)
{
	const struct entry_state *s = &l->entry;

	assert(s->cs && s->ds && s->gdt);
	assert(gmem_ptr(&lab->mem, s->gdt, s->gdt_limit + 1u));
	assert(s->rsp && gmem_ptr(&lab->mem, s->rsp - 64, 64));
	if (s->mode == ENTRY_LONG64)
		assert(gmem_ptr(&lab->mem, s->cr3 & ~0xfffull, 4096));
	else
		assert(s->rip < 1ull << 32);
}

/* The machine of a contract kernel. */
static void make_lean(struct lab *lab)
{
	lab->board = (struct board){
		.mode = "fullvm",
		.cpus = 2,
		.range = { { 0, MEM_SIZE, RANGE_RAM } },
		.ranges = 1,
		.tsc_khz = 1000000,
		.lapic_hz = 1000000,
		.doorbell_port = 0x510,
		.ring_size = 4096,
	};
}

/* The machine of a Solo5 kernel, with all its devices. */
static void make_solo5(struct lab *lab, const struct image *img,
		       struct solo5_manifest *devices)
{
	int rc = solo5_manifest_read(img, devices, NULL);

	assert(rc == 0);
	for (unsigned int i = 0; i < devices->count; i++)
		devices->device[i].attached = i > 0;
	lab->board.range[0] = (struct board_range){ 0, MEM_SIZE, RANGE_RAM };
	lab->board.ranges = 1;
	lab->board.solo5 = devices;
	lab->req.initrds = 0;
}

static void load(const struct protocol *p, const struct image *img,
		 const struct image *file)
{
	struct err e = { .msg = "" };
	struct solo5_manifest devices;
	struct loaded loaded;
	struct lab lab;
	int rc;

	lab_setup(&lab, MEM_SIZE);
	lab.req.cmdline = "some words";
	lab.req.initrds = 1;
	lab.req.initrd[0] = (struct load_file){ file, "" };
	if (p->machine == MACHINE_LEAN)
		make_lean(&lab);
	if (p->machine == MACHINE_SOLO5)
		make_solo5(&lab, img, &devices);
	if (p == &protocol_multiboot1 || p == &protocol_multiboot2) {
		lab.req.modules = 1;
		lab.req.module[0] = (struct load_file){ file, "words" };
	}
	memset(&loaded, 0, sizeof(loaded));
	rc = p->load(img, &lab.req, &loaded, &e);
	assert(rc <= 0);
	if (rc)
		assert(e.code == rc && e.msg[0]);
	if (p->machine != MACHINE_LEAN)
		check_hole(&lab);
	if (rc == 0)
		check_entry(&lab, &loaded);
	lab_teardown(&lab);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image img, file;
	struct err e;
	int rc = lab_open(&img, data, size, "k", &e);

	if (rc)
		return 0;
	rc = lab_open(&file, "module", 6, "m", &e);
	assert(rc == 0);
	for (size_t i = 0; protocols[i]; i++) {
		struct probe found = { .verdict = PROBE_ABSENT };

		protocols[i]->probe(&img, &found);
		assert(memchr(found.why, 0, sizeof(found.why)));
		assert(found.why[0]);
		if (found.verdict == PROBE_OFFERED)
			load(protocols[i], &img, &file);
	}
	image_close(&file);
	image_close(&img);
	return 0;
}
