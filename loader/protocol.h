/* SPDX-License-Identifier: Apache-2.0 */
/* Boot protocols: one file each, one row each in protocols[]. */
#ifndef LOADER_PROTOCOL_H
#define LOADER_PROTOCOL_H

#include "loader/board.h"
#include "loader/entry.h"
#include "loader/image.h"

#define PROBE_WHY_MAX  200
#define LOAD_FILES_MAX 16

enum probe_verdict {
	PROBE_ABSENT,   /* the image does not speak this protocol */
	PROBE_UNUSABLE, /* it does, but cannot boot here */
	PROBE_OFFERED,
};

/**
 * struct probe - what a protocol found in an image
 * @verdict: whether it can be used
 * @why: what was looked for and what was found, one phrase
 * @lo: lowest physical address the image occupies, 0 = not fixed
 * @hi: first address behind it
 * @relocatable: @lo and @hi can move
 */
struct probe {
	enum probe_verdict verdict;
	char why[PROBE_WHY_MAX];
	gpa_t lo;
	gpa_t hi;
	bool relocatable;
};

/**
 * struct load_file - a file handed to the kernel beside its image
 * @image: open file
 * @cmdline: words behind the file name, "" for none
 */
struct load_file {
	const struct image *image;
	const char *cmdline;
};

/**
 * struct load_request - everything a protocol puts into guest memory
 * @mem: guest memory, all zero but for the tables at @board->rsdp
 * @board: the machine
 * @cmdline: NUL-terminated; "" for none
 * @initrd: initial RAM disks, concatenated where the protocol has only one
 * @initrds: entries of @initrd
 * @module: multiboot and PVH modules, in order, before any initrd
 * @modules: entries of @module
 */
struct load_request {
	const struct gmem *mem;
	const struct board *board;
	const char *cmdline;
	struct load_file initrd[LOAD_FILES_MAX];
	unsigned int initrds;
	struct load_file module[LOAD_FILES_MAX];
	unsigned int modules;
};

/**
 * struct loaded - what the machine needs to know afterwards
 * @entry: state of the first CPU
 * @cpu_stride: not 0: every CPU is entered, CPU i with RDI + i * cpu_stride;
 *	0: the others wait for INIT and SIPI
 * @slide: load address minus linked address of the image
 * @virt_base: linked virtual base when it differs from the load address
 */
struct loaded {
	struct entry_state entry;
	uint64_t cpu_stride;
	uint64_t slide;
	gva_t virt_base;
};

enum machine_kind {
	MACHINE_PC,    /* the PC board */
	MACHINE_LEAN,  /* contract kernels */
	MACHINE_SOLO5, /* no device and no interrupt, hypercalls only */
};

/**
 * struct protocol - one boot protocol
 * @name: as --boot and inspect spell it
 * @title: for people
 * @machine: what it runs on
 * @probe: looks at an image; reads only, fills in @ret by probe_say()
 * @load: loads the image after @probe said PROBE_OFFERED
 */
struct protocol {
	const char *name;
	const char *title;
	enum machine_kind machine;
	void (*probe)(const struct image *img, struct probe *ret);
	int (*load)(const struct image *img, const struct load_request *req,
		    struct loaded *ret, struct err *e);
};

extern const struct protocol protocol_contract;
extern const struct protocol protocol_solo5;
extern const struct protocol protocol_pvh;
extern const struct protocol protocol_multiboot2;
extern const struct protocol protocol_multiboot1;
extern const struct protocol protocol_linux;

/* All of the above in order of choice, NULL at the end. */
extern const struct protocol *const protocols[];

/**
 * protocol_choose() - decide how to boot an image
 * @img: open image
 * @name: protocol the user insists on, NULL for the first that is offered
 * @ret_probe: what the chosen protocol found
 * @e: for each protocol what was looked for and found
 *
 * Return: the protocol, or NULL (code -ENOEXEC) when none can be used.
 */
const struct protocol *protocol_choose(const struct image *img,
				       const char *name,
				       struct probe *ret_probe, struct err *e);

/**
 * probe_say() - fill in what a probe found
 * @ret: @verdict and @why are written, the rest is zeroed
 * @verdict: whether the protocol can be used
 * @fmt: one phrase; cut at PROBE_WHY_MAX
 */
void probe_say(struct probe *ret, enum probe_verdict verdict, const char *fmt,
	       ...) __attribute__((format(printf, 3, 4)));

/**
 * probe_refuse() - the same for an image that cannot be used
 * @ret: see probe_say()
 * @e: why; -ENOENT says that the image does not speak the protocol
 */
void probe_refuse(struct probe *ret, const struct err *e);

/**
 * load_segments() - copy all PT_LOAD segments to their physical addresses
 * @img: ELF image
 * @mem: guest memory, all zero (so that .bss needs no work)
 * @slide: added to each p_paddr
 * @e: says which segment does not fit
 *
 * Return: 0 or -ENOEXEC.
 */
int must_check load_segments(const struct image *img, const struct gmem *mem,
			     uint64_t slide, struct err *e);

#endif
