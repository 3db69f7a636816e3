/* SPDX-License-Identifier: ISC */
/* What the parts of libdive-guest.a share with each other only. */
#ifndef DIVE_GUEST_INTERNAL_H
#define DIVE_GUEST_INTERNAL_H

#include "../dive/control.h"
#include "../lib/ring.h"
#include "dive.h"

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
 * @window_port: rings the machine at the other side of the window
 * @port: of DOORBELL_PIO
 * @apicid: of DOORBELL_IPI
 * @vector: of DOORBELL_IPI
 * @x2apic: the local APIC is reached through MSRs
 */
struct dive_links {
	uint64_t control;
	struct dive_range ring[RINGS];
	enum dive_doorbell doorbell;
	uint32_t window_port;
	uint32_t port;
	uint32_t apicid;
	uint32_t vector;
	bool x2apic;
};

extern struct dive_links dive_links;
extern struct dive_boot dive_boot;

/**
 * dive_control() - the control page
 *
 * Return: where it is mapped; NULL when started without Diver.
 */
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

/**
 * dive_boot_find_free() - what of the memory nobody has
 * @boot: memory and reserved are read, free is filled; page 0 is never free
 */
void dive_boot_find_free(struct dive_boot *boot);

/* Entry from head64.S: the tree, or a multiboot magic and its info. */
_Noreturn void dive_start(const void *fdt, uint32_t magic, uintptr_t info);

/* The same for a CPU released by dive_cpu_start(). */
_Noreturn void dive_start_ap(const void *fdt, void *arg);

/**
 * dive_io_init() - attach the rings of dive_links; once, on the first CPU
 *
 * A ring that is not there or malformed reads as ended and refuses writes.
 */
void dive_io_init(void);

/**
 * dive_irq_init() - an IDT of the kernel's own; once, interrupts off
 *
 * Exceptions keep the gates of the stub, which fills the crash page.
 */
void dive_irq_init(void);

/**
 * dive_ring_host() - the doorbell to the host; nothing where the host polls
 */
void dive_ring_host(void);

/**
 * dive_apic_write() - write a register of this CPU's local APIC
 * @reg: offset in the register page, in x2APIC mode too
 * @value: written
 */
void dive_apic_write(uint32_t reg, uint32_t value);

/**
 * dive_apic_read() - read a register of this CPU's local APIC
 * @reg: offset in the register page, in x2APIC mode too
 *
 * Return: its low 32 bits.
 */
uint32_t dive_apic_read(uint32_t reg);

/**
 * dive_ipi() - send a fixed interrupt
 * @apicid: to whom; without x2APIC less than 256
 * @vector: 32 or more
 *
 * Earlier stores are visible to the receiver.
 */
void dive_ipi(uint32_t apicid, uint32_t vector);

/**
 * dive_pc_boot() - without Diver: what the boot loader says, then a PC's parts
 * @magic: of multiboot1, multiboot2 or PVH, as head64.S found it
 * @info: physical address of what that protocol hands over
 * @boot: filled; zeroed by the caller
 *
 * Sets up COM1, masks the PIC, measures TSC and local APIC against the PIT.
 */
void dive_pc_boot(uint32_t magic, uintptr_t info, struct dive_boot *boot);

/**
 * dive_pc_write() - to COM1, waiting for each byte
 * @buffer: bytes
 * @size: how many
 */
void dive_pc_write(const void *buffer, size_t size);

/**
 * dive_pc_read() - wait for a byte from COM1
 * @buffer: gets it
 * @size: room; at most one byte is read
 *
 * Return: 1, or 0 at the end of the input, which is a ^D.
 */
long dive_pc_read(void *buffer, size_t size);

/**
 * dive_pc_exit() - end the machine by the ports that emulators know
 * @status: low 8 bits count
 *
 * Comes back on a machine that has none of them.
 */
void dive_pc_exit(int status);

/* From dive.lds; a linker script of the kernel's own may lack them. */
extern char dive_image_start[] __attribute__((weak));
extern char dive_image_end[] __attribute__((weak));

#endif
