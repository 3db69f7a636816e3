// SPDX-License-Identifier: Apache-2.0
// Builds the PC: calls only, top to bottom, and its memory map.
#include "vmm/board_pc.h"

#include <errno.h>
#include <inttypes.h>

#include "vmm/acpi.h"
#include "vmm/dsdt.h"
#include "vmm/mptable.h"

static uint64_t low_ram(uint64_t mem_size)
{
	return mem_size < PC_LOW_MAX ? mem_size : PC_LOW_MAX;
}

static struct irq_line irq_of(const struct pc_wires *w, unsigned int gsi)
{
	return (struct irq_line){ w->set_irq, w->irq_ctx, gsi };
}

void pc_board_init(struct pc_board *pc, struct bus *pio, struct bus *mmio,
		   const struct pc_wires *wires, uint64_t mem_size)
{
	const struct irq_line irq_keyboard = irq_of(wires, PC_IRQ_KEYBOARD);
	const struct serial_wires com1 = {
		.irq = irq_of(wires, PC_IRQ_COM1),
		.out = wires->serial_out,
		.input_wanted = wires->input_wanted,
		.input_room = wires->input_room,
		.ctx = wires->input_ctx,
	};
	uint64_t low = low_ram(mem_size);

	exits_attach(&pc->exits, pio, &wires->power);
	serial_attach(&pc->com1, pio, PC_COM1, &com1);
	i8042_attach(&pc->keyboard, pio, &pc->exits, &irq_keyboard);
	rtc_attach(&pc->rtc, pio, &wires->time, low, mem_size - low);
	vga_attach(&pc->vga, pio);
	legacy_attach(&pc->legacy, pio, &pc->exits, &wires->debug_out);
	pm_attach(&pc->pm, pio, &pc->exits, &wires->time);
	pci_attach(&pc->pci, pio, mmio, PC_ECAM, &pc->exits);
}

unsigned int pc_board_gsi(unsigned int device)
{
	return DSDT_PCI_GSI + device % DSDT_PCI_GSIS;
}

static void add(struct board *b, gpa_t gpa, gpa_t end, enum range_type type)
{
	b->range[b->ranges++] = (struct board_range){ gpa, end - gpa, type };
}

int pc_board_map(struct board *board, uint64_t mem_size, struct err *e)
{
	uint64_t low = low_ram(mem_size);

	if (mem_size < PC_MEM_MIN)
		return err_set(e, -EINVAL,
			       "%" PRIu64 " KiB are too little for a PC: "
			       "give --mem 2M or more",
			       mem_size >> 10);
	if (mem_size % 4096)
		return err_set(e, -EINVAL, "--mem must be a multiple of 4 KiB");
	if (mem_size > (uint64_t)1 << 46)
		return err_set(e, -EINVAL, "--mem must not exceed 64 TiB");
	board->ranges = 0;
	board->rsdp = PC_RSDP;
	add(board, 0, PC_EBDA, RANGE_RAM);
	add(board, PC_EBDA, 0x100000, RANGE_RESERVED);
	add(board, 0x100000, low, RANGE_RAM);
	add(board, PC_ECAM, PC_ECAM + PCI_ECAM_SIZE, RANGE_RESERVED);
	add(board, PC_IOAPIC, PC_HIGH, RANGE_RESERVED);
	if (mem_size > low)
		add(board, PC_HIGH, PC_HIGH + mem_size - low, RANGE_RAM);
	return 0;
}

/*
 * BIOS data area (IBM PS/2 and PC BIOS interface technical reference, section
 * 3): what kernels read without asking a BIOS. xv6 and others look for tables
 * from the end of conventional memory.
 */
static int write_bda(const struct gmem *mem, struct err *e)
{
	static const struct {
		uint16_t offset;
		uint16_t value;
	} words[] = {
		{ 0x00, PC_COM1 },
		{ 0x0e, PC_EBDA >> 4 },
		{ 0x13, PC_EBDA >> 10 },
		{ 0x49, 3 }, /* text, 80 columns, colour */
		{ 0x4a, 80 },
		{ 0x63, 0x3d4 },
		{ 0x84, 24 }, /* last row */
	};
	const uint8_t ebda_kib = 1;
	int rc = gmem_write(mem, PC_EBDA, &ebda_kib, sizeof(ebda_kib));

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]) && !rc; i++)
		rc = gmem_write(mem, PC_BDA + words[i].offset, &words[i].value,
				sizeof(words[i].value));
	return rc ? err_set(e, rc, "no memory below 640 KiB") : 0;
}

int pc_board_tables(const struct board *board, const struct gmem *mem,
		    struct err *e)
{
	int rc = acpi_write(board, mem, e);

	if (!rc)
		rc = mptable_write(board, PC_MPTABLE, mem, e);
	if (!rc)
		rc = write_bda(mem, e);
	return rc;
}
