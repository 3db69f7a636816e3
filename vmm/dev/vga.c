// SPDX-License-Identifier: Apache-2.0
// VGA registers: stored and read back, so that text drivers are content.
#include "vmm/dev/vga.h"

#include <assert.h>

#define ATTRIBUTE 0
#define SEQUENCER 1
#define GRAPHICS  2
#define CRTC      3

/* Offsets from VGA_PORT. */
#define PORT_ATTRIBUTE      0x00
#define PORT_ATTRIBUTE_READ 0x01
#define PORT_MISC           0x02
#define PORT_SEQUENCER      0x04
#define PORT_MISC_READ      0x0c
#define PORT_GRAPHICS       0x0e
#define PORT_CRTC           0x14
#define PORT_STATUS         0x1a

#define MISC_COLOUR    0x67 /* CRTC at 0x3d4, RAM enabled */
#define STATUS_BLANK   0x01
#define STATUS_RETRACE 0x08

static uint8_t *selected(struct vga *vga, unsigned int set)
{
	uint8_t *reg[] = { vga->attribute, vga->sequencer, vga->graphics,
			   vga->crtc };

	return &reg[set][vga->index[set] % VGA_REGS];
}

/* A look ends any wait for the beam, whichever way it is meant. */
static uint8_t read_status(struct vga *vga)
{
	vga->data_next = false;
	vga->retrace = !vga->retrace;
	return vga->retrace ? STATUS_BLANK | STATUS_RETRACE : 0;
}

static uint64_t vga_read(void *dev, uint64_t offset, unsigned int size)
{
	struct vga *vga = dev;

	assert(size == 1);
	switch (offset) {
	case PORT_ATTRIBUTE:
		return vga->index[ATTRIBUTE];
	case PORT_ATTRIBUTE_READ:
		return *selected(vga, ATTRIBUTE);
	case PORT_SEQUENCER:
		return vga->index[SEQUENCER];
	case PORT_SEQUENCER + 1:
		return *selected(vga, SEQUENCER);
	case PORT_MISC_READ:
		return vga->misc;
	case PORT_GRAPHICS:
		return vga->index[GRAPHICS];
	case PORT_GRAPHICS + 1:
		return *selected(vga, GRAPHICS);
	case PORT_CRTC:
		return vga->index[CRTC];
	case PORT_CRTC + 1:
		return *selected(vga, CRTC);
	case PORT_STATUS:
		return read_status(vga);
	default:
		return 0;
	}
}

static void vga_write(void *dev, uint64_t offset, unsigned int size,
		      uint64_t value)
{
	struct vga *vga = dev;
	uint8_t byte = (uint8_t)value;

	assert(size == 1);
	switch (offset) {
	case PORT_ATTRIBUTE:
		if (vga->data_next)
			*selected(vga, ATTRIBUTE) = byte;
		else
			vga->index[ATTRIBUTE] = byte;
		vga->data_next = !vga->data_next;
		break;
	case PORT_MISC:
		vga->misc = byte;
		break;
	case PORT_SEQUENCER:
		vga->index[SEQUENCER] = byte;
		break;
	case PORT_SEQUENCER + 1:
		*selected(vga, SEQUENCER) = byte;
		break;
	case PORT_GRAPHICS:
		vga->index[GRAPHICS] = byte;
		break;
	case PORT_GRAPHICS + 1:
		*selected(vga, GRAPHICS) = byte;
		break;
	case PORT_CRTC:
		vga->index[CRTC] = byte;
		break;
	case PORT_CRTC + 1:
		*selected(vga, CRTC) = byte;
		break;
	default: /* palette, feature control: no picture to change */
		break;
	}
}

static const struct bus_ops vga_ops = {
	.read = vga_read,
	.write = vga_write,
	.size_max = 1,
};

void vga_attach(struct vga *vga, struct bus *pio)
{
	*vga = (struct vga){ .misc = MISC_COLOUR };
	bus_add(pio, &(struct bus_range){ "vga", VGA_PORT, VGA_PORTS, &vga_ops,
					  vga });
}
