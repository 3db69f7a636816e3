/* SPDX-License-Identifier: Apache-2.0 */
/* Where a foreign kernel's boot data goes in the memory of the PC board. */
#ifndef LOADER_LAYOUT_H
#define LOADER_LAYOUT_H

/*
 *  0x00000 +-------------------------------------------------------------+
 *          | real-mode vectors, BIOS data area: zero                     |
 *  0x08000 +-------------------------------------------------------------+
 *          | scratch stack, RSP = 0x8ff0 (Nanos calls before it has one) |
 *  0x09000 +-------------------------------------------------------------+
 *          | nothing (Nanos: first stack, below 0xa000)                  |
 *  0x10000 +-------------------------------------------------------------+
 *          | info block: GDT, start_info | boot_params | multiboot info, |
 *          | memory map, module list, command lines                      |
 *  0x20000 +-------------------------------------------------------------+
 *          | page tables: first 4 GiB, identity (64-bit entry only)      |
 *  0x26000 +-------------------------------------------------------------+
 *          | nothing (start-up code of other CPUs)                       |
 *  0x9fc00 +-------------------------------------------------------------+
 *          | EBDA, VGA: reserved, but backed by RAM                      |
 *  0xe0000 +-------------------------------------------------------------+
 *          | ACPI tables, by vmm/acpi.c                                  |
 *  0xf0000 +-------------------------------------------------------------+
 *          | MP table, by vmm/mptable.c                                  |
 *  0xfd000 +-------------------------------------------------------------+
 *          | nothing (Nanos: first page tables)                          |
 * 0x100000 +-------------------------------------------------------------+
 *          | image, modules behind it; Linux' initrd as high as possible |
 *
 * An image may lie anywhere in RAM. What would overlap it moves to the lowest
 * free place below 4 GiB instead.
 */
#define LAYOUT_STACK       0x8000ull
#define LAYOUT_STACK_SIZE  0x1000ull
#define LAYOUT_INFO        0x10000ull
#define LAYOUT_INFO_SIZE   0x10000ull
#define LAYOUT_TABLES      0x20000ull
#define LAYOUT_TABLES_SIZE 0x6000ull

/* Nothing is put below; between this and 1 MiB only what is small. */
#define LAYOUT_LOWEST 0x6000ull
#define LAYOUT_HIGH   0x100000ull
/* 32-bit entries and the identity map end here. */
#define LAYOUT_END 0x100000000ull

#endif
