/* SPDX-License-Identifier: Apache-2.0 */
/* VGA registers that hold what is written; the text memory is RAM. */
#ifndef VMM_DEV_VGA_H
#define VMM_DEV_VGA_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/bus.h"

#define VGA_PORT  0x3c0
#define VGA_PORTS 32
#define VGA_REGS  32

/**
 * struct vga - registers (IBM PS/2 hardware interface technical reference,
 * video subsystem)
 * @attribute: attribute controller
 * @sequencer: sequencer
 * @graphics: graphics controller
 * @crtc: CRT controller; holds the cursor, which kernels read back
 * @index: selected register of each of these, in this order
 * @misc: miscellaneous output
 * @data_next: port 0x3c0 takes data, not an index
 * @retrace: toggles with each look
 */
struct vga {
	uint8_t attribute[VGA_REGS];
	uint8_t sequencer[VGA_REGS];
	uint8_t graphics[VGA_REGS];
	uint8_t crtc[VGA_REGS];
	uint8_t index[4];
	uint8_t misc;
	bool data_next;
	bool retrace;
};

/**
 * vga_attach() - claim ports 0x3c0 to 0x3df
 * @vga: any content; stays where it is, owned by the caller
 * @pio: I/O ports
 */
void vga_attach(struct vga *vga, struct bus *pio);

#endif
