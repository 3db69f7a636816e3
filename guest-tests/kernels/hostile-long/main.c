// SPDX-License-Identifier: ISC
// Hostile: asks a device, as its argument says, for as much as can be asked for
// at once, then sleeps for ever. Time limits and signals must still end it.
//   disk       all requests that fit, each as long as a request can be
//   console    hvc0 (PVH and virtio-mmio): all memory in every piece
#include <contract/guest/virtio.h>
#include <dive.h>

#define ID_BLOCK   2
#define ID_CONSOLE 3
#define INDIRECT   4u
#define RING       (1u << 28) /* indirect tables */
#define MULTIPORT  (1u << 1)  /* input only when a port is opened */
#define ENTRIES    128u
#define PIECE      (4u << 20)
#define FIRST_MMIO 0xfed00000u

static struct dive_virtq_desc desc[ENTRIES] __attribute__((aligned(4096)));
static struct dive_virtq_desc table[ENTRIES] __attribute__((aligned(4096)));
static uint16_t avail[ENTRIES + 3] __attribute__((aligned(4096)));
static uint32_t used[2 * ENTRIES + 2] __attribute__((aligned(4096)));
static struct {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
} header;
static uint8_t status;
static struct dive_virtio device;

static void set_address(uint32_t reg, const void *to)
{
	device.regs[reg] = (uint32_t)(uintptr_t)to;
	device.regs[reg + 1] = 0;
}

/* A queue of which every entry is the same chain of @pieces descriptors. */
static void ask(uint32_t queue, uint32_t features, uint32_t entries,
		uint32_t pieces)
{
	if (!dive_virtio_begin(&device, features))
		dive_panic("no indirect tables");
	for (uint32_t i = 0; i < entries; i++) {
		desc[i] = (struct dive_virtq_desc){ (uintptr_t)table,
						    pieces * 16, INDIRECT, 0 };
		avail[2 + i] = (uint16_t)i;
	}
	avail[1] = (uint16_t)entries;
	device.regs[DIVE_VIRTIO_QUEUE_SEL] = queue;
	device.regs[DIVE_VIRTIO_QUEUE_NUM] = entries;
	set_address(DIVE_VIRTIO_QUEUE_DESC, desc);
	set_address(DIVE_VIRTIO_QUEUE_AVAIL, avail);
	set_address(DIVE_VIRTIO_QUEUE_USED, used);
	device.regs[DIVE_VIRTIO_QUEUE_READY] = 1;
	dive_virtio_start(&device);
	device.regs[DIVE_VIRTIO_QUEUE_NOTIFY] = queue;
}

static void ask_disk(void)
{
	for (uint32_t i = 1; i < ENTRIES - 1; i++)
		table[i] =
			(struct dive_virtq_desc){ 0x400000, PIECE,
						  DIVE_VIRTIO_DESC_WRITE |
							  DIVE_VIRTIO_DESC_NEXT,
						  (uint16_t)(i + 1) };
	table[0] = (struct dive_virtq_desc){ (uintptr_t)&header, sizeof(header),
					     DIVE_VIRTIO_DESC_NEXT, 1 };
	table[ENTRIES - 1] =
		(struct dive_virtq_desc){ (uintptr_t)&status, 1,
					  DIVE_VIRTIO_DESC_WRITE, 0 };
	ask(0, RING, ENTRIES, ENTRIES);
}

static void ask_console(void)
{
	for (uint32_t i = 0; i < 64; i++)
		table[i] = (struct dive_virtq_desc){ 0x400000, PIECE,
						     DIVE_VIRTIO_DESC_NEXT,
						     (uint16_t)(i + 1) };
	table[63].flags = 0;
	ask(1, RING | MULTIPORT, 64, 64);
}

int dive_main(const struct dive_boot *boot)
{
	bool disk = boot->args[0] == 'd';

	if (!boot->fdt)
		device.regs = (volatile uint32_t *)FIRST_MMIO;
	else if (!dive_virtio_find(&device, boot->fdt,
				   disk ? ID_BLOCK : ID_CONSOLE))
		dive_panic("there is no such device");
	if (disk)
		ask_disk();
	else
		ask_console();
	for (;;)
		__asm__ volatile("sti; hlt");
}
