/* SPDX-License-Identifier: Apache-2.0 */
/* The PC that foreign kernels find: which device sits where. */
#ifndef VMM_BOARD_PC_H
#define VMM_BOARD_PC_H

#include "base/err.h"
#include "loader/board.h"
#include "vmm/bus.h"
#include "vmm/dev/exit.h"
#include "vmm/dev/i8042.h"
#include "vmm/dev/legacy.h"
#include "vmm/dev/pci.h"
#include "vmm/dev/pm.h"
#include "vmm/dev/rtc.h"
#include "vmm/dev/serial.h"
#include "vmm/dev/vga.h"

/*
 * Guest-physical addresses. KVM's interrupt controllers sit at PC_IOAPIC and
 * LAPIC_BASE. From 640 KiB to 1 MiB there is RAM, too: VGA text and tables.
 */
#define PC_BDA     0x400u
#define PC_EBDA    0x9fc00u /* end of conventional memory */
#define PC_RSDP    0xe0000u
#define PC_MPTABLE 0xf0000u
#define PC_LOW_MAX 0xc0000000u /* end of RAM below 4 GiB */
#define PC_ECAM    0xe0000000u
#define PC_IOAPIC  0xfec00000u
#define PC_HIGH    0x100000000u /* the rest of RAM */
#define PC_MEM_MIN 0x200000u

#define PC_COM1 0x3f8

/* Interrupts: ISA number = GSI, but for the timer at GSI 2. */
#define PC_IRQ_KEYBOARD 1
#define PC_IRQ_COM1     4
#define PC_IRQ_SCI      9
#define PC_GSI_TIMER    2 /* where ISA interrupt 0 arrives */

/**
 * struct pc_wires - what the board is connected to
 * @set_irq: drives an ISA interrupt to level 0 or 1, with the device lock held
 * @irq_ctx: passed to @set_irq
 * @serial_out: what the guest sends through COM1
 * @debug_out: what it writes to port 0xe9
 * @input_wanted: see struct serial_wires
 * @input_room: see struct serial_wires
 * @input_ctx: passed to both
 * @power: ends the run
 * @time: clocks
 */
struct pc_wires {
	void (*set_irq)(void *ctx, unsigned int gsi, int level);
	void *irq_ctx;
	struct sink serial_out;
	struct sink debug_out;
	void (*input_wanted)(void *ctx);
	void (*input_room)(void *ctx);
	void *input_ctx;
	struct power power;
	struct timebase time;
};

/**
 * struct pc_board - all devices; embedded in the machine, never moved
 * @exits: exit channels
 * @com1: serial port
 * @keyboard: keyboard controller
 * @rtc: clock and CMOS memory
 * @vga: VGA registers
 * @legacy: single ports
 * @pm: ACPI registers
 * @pci: host bridge
 */
struct pc_board {
	struct exits exits;
	struct serial com1;
	struct i8042 keyboard;
	struct rtc rtc;
	struct vga vga;
	struct legacy legacy;
	struct pm pm;
	struct pci pci;
};

/**
 * pc_board_init() - build the board: which device sits where
 * @pc: any content; stays where it is, owned by the caller
 * @pio: I/O ports; zeroed
 * @mmio: memory that is not RAM; zeroed
 * @wires: copied
 * @mem_size: bytes of RAM, as given to pc_board_map()
 */
void pc_board_init(struct pc_board *pc, struct bus *pio, struct bus *mmio,
		   const struct pc_wires *wires, uint64_t mem_size);

/**
 * pc_board_gsi() - where a PCI device's INTA arrives at the IOAPIC
 * @device: number on the bus
 *
 * Return: global system interrupt.
 */
unsigned int pc_board_gsi(unsigned int device);

/**
 * pc_board_map() - lay out the physical address space
 * @board: range, ranges and rsdp are overwritten, the rest is left alone
 * @mem_size: bytes of RAM, a multiple of 4 KiB, at least PC_MEM_MIN; the
 *	384 KiB below 1 MiB that kernels are told to leave alone count
 * @e: what is wrong with @mem_size
 *
 * Every range below 1 MiB and every range of type RANGE_RAM needs memory.
 *
 * Return: 0 or -EINVAL.
 */
int must_check pc_board_map(struct board *board, uint64_t mem_size,
			    struct err *e);

/**
 * pc_board_tables() - write what firmware leaves in memory
 * @board: as pc_board_map() filled it, and cpus
 * @mem: memory for all its ranges, zero
 * @e: what did not fit
 *
 * ACPI tables, MP table, BIOS data area; all below 0xf1000.
 *
 * Return: 0 or -EFAULT.
 */
int must_check pc_board_tables(const struct board *board,
			       const struct gmem *mem, struct err *e);

#endif
