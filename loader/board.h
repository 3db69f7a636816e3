/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine consists of: FDT, ACPI, MP table and e820 come from here. */
#ifndef LOADER_BOARD_H
#define LOADER_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/gmem.h"

#define BOARD_CPUS_MAX   64
#define BOARD_RANGES_MAX 16
#define BOARD_VIRTIO_MAX 8

/* Values of multiboot, PVH and e820 alike. */
enum range_type {
	RANGE_RAM = 1,
	RANGE_RESERVED = 2,
	RANGE_ACPI = 3,
	RANGE_WINDOW = 12, /* to Linux: persistent memory, from before ACPI 6 */
};

/**
 * struct board_range - a piece of the guest-physical address space
 * @gpa: first address
 * @size: bytes
 * @type: what a kernel is told it is
 */
struct board_range {
	gpa_t gpa;
	uint64_t size;
	enum range_type type;
};

struct solo5_manifest;

/**
 * struct board_virtio - a virtio-mmio device
 * @gpa: register window
 * @size: bytes
 * @irq: ISA interrupt; 0 = the doorbell of a contract machine
 */
struct board_virtio {
	gpa_t gpa;
	uint64_t size;
	unsigned int irq;
};

/**
 * struct board - the machine a kernel finds
 * @mode: "fullvm", "hrt" or "pisces"
 * @cpus: how many
 * @apic_id: their local APIC ids; NULL = 0 .. @cpus - 1
 * @range: memory map in ascending order, RAM and reserved
 * @ranges: entries of @range
 * @tsc_khz: frequency of the TSC
 * @lapic_hz: frequency of the local APIC timer before its divider
 * @x2apic: local APICs are entered in x2APIC mode
 * @doorbell_port: I/O port that rings the host; 0 = the host polls
 * @window_port: I/O port that rings the other machine, see RANGE_WINDOW
 * @ring_size: bytes of data of each standard ring
 * @virtio: virtio-mmio devices
 * @virtios: entries of @virtio
 * @rsdp: where the ACPI tables start; 0 = no ACPI
 * @solo5: devices of a Solo5 kernel, attached; NULL for any other
 */
struct board {
	const char *mode;
	unsigned int cpus;
	const uint32_t *apic_id;
	struct board_range range[BOARD_RANGES_MAX];
	unsigned int ranges;
	uint64_t tsc_khz;
	uint64_t lapic_hz;
	bool x2apic;
	uint16_t doorbell_port;
	uint16_t window_port;
	uint32_t ring_size;
	struct board_virtio virtio[BOARD_VIRTIO_MAX];
	unsigned int virtios;
	gpa_t rsdp;
	const struct solo5_manifest *solo5;
};

#endif
