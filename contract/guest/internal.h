/* SPDX-License-Identifier: ISC */
/* What the parts of libdive-guest.a share with each other only. */
#ifndef DIVE_GUEST_INTERNAL_H
#define DIVE_GUEST_INTERNAL_H

#include "../dive/control.h"
#include "../lib/ring.h"
#include "dive.h"

#define DIVE_VECTOR_DOORBELL 0x40
#define DIVE_VECTOR_TIMER    0x41

enum dive_doorbell {
	DOORBELL_POLL,
	DOORBELL_PIO,
	DOORBELL_IPI
};
enum dive_ring_id {
	RING_CONSOLE,
	RING_STDIN,
	RING_STDOUT,
	RINGS
};

/**
 * struct dive_links - where the device tree says Diver's own things are
 * @control: physical address of the control page; 0 = started without Diver
 * @ring: address and bytes of each ring, size 0 = not there
 * @doorbell: how to ring the host
 * @port: of DOORBELL_PIO
 * @apicid: of DOORBELL_IPI
 * @vector: of DOORBELL_IPI
 * @x2apic: the local APIC is reached through MSRs
 */
struct dive_links {
	uint64_t control;
	struct dive_range ring[RINGS];
	enum dive_doorbell doorbell;
	uint32_t port;
	uint32_t apicid;
	uint32_t vector;
	bool x2apic;
};

extern struct dive_links dive_links;
extern struct dive_boot dive_boot;

/* The control page; NULL when started without Diver. */
struct dive_control *dive_control(void);

/**
 * dive_boot_from_fdt() - read the device tree
 * @blob: the tree
 * @size_max: bytes that may be read at @blob
 * @boot: filled; zeroed by the caller
 * @links: filled; zeroed by the caller
 *
 * Touches nothing but its arguments, so it is tested and fuzzed on the host.
 *
 * Return: NULL, or what is wrong with the tree.
 */
const char *dive_boot_from_fdt(const void *blob, uint64_t size_max,
			       struct dive_boot *boot,
			       struct dive_links *links);

/* Fills boot->free from memory and reserved. */
void dive_boot_find_free(struct dive_boot *boot);

/* Entry from head64.S: the tree, or a multiboot magic and its info. */
_Noreturn void dive_start(const void *fdt, uint32_t magic, uintptr_t info);

/* The same for a CPU released by dive_cpu_start(). */
_Noreturn void dive_start_ap(const void *fdt, void *arg);

void dive_io_init(void);
void dive_irq_init(void);
void dive_ring_host(void);
void dive_apic_write(uint32_t reg, uint32_t value);
uint32_t dive_apic_read(uint32_t reg);
void dive_ipi(uint32_t apicid, uint32_t vector);

/* Without Diver: multiboot or PVH information, COM1, exit port, PIT. */
void dive_pc_boot(uint32_t magic, uintptr_t info, struct dive_boot *boot);
void dive_pc_write(const void *buffer, size_t size);
long dive_pc_read(void *buffer, size_t size);
void dive_pc_exit(int status);

/* From dive.lds; a linker script of the kernel's own may lack them. */
extern char dive_image_start[] __attribute__((weak));
extern char dive_image_end[] __attribute__((weak));

#endif
