// SPDX-License-Identifier: ISC
// Reads a disk that the host makes shorter meanwhile: the hostile one is not
// the kernel. All sectors can be read, then a line comes in, then some cannot.
#include <contract/guest/virtio.h>
#include <dive.h>

#define ID_BLOCK 2
#define SECTOR   512u
#define EACH     8u /* sectors of one request */

static struct dive_virtio disk;
static struct dive_virtq queue;
static struct {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
} header;
static uint8_t data[EACH * SECTOR];
static uint8_t status;

static bool read(uint64_t sector)
{
	header.sector = sector;
	status = 0xff;
	queue.desc[0] =
		(struct dive_virtq_desc){ (uintptr_t)&header, sizeof(header),
					  DIVE_VIRTIO_DESC_NEXT, 1 };
	queue.desc[1] = (struct dive_virtq_desc){
		(uintptr_t)data, sizeof(data),
		DIVE_VIRTIO_DESC_NEXT | DIVE_VIRTIO_DESC_WRITE, 2
	};
	queue.desc[2] = (struct dive_virtq_desc){ (uintptr_t)&status, 1,
						  DIVE_VIRTIO_DESC_WRITE, 0 };
	dive_virtio_offer(&disk, 0, &queue, 0);
	dive_virtio_wait(&disk, &queue);
	if (status > 1)
		dive_panic("sector %lu: status %u", (unsigned long)sector,
			   status);
	return status == 0;
}

int dive_main(const struct dive_boot *boot)
{
	uint64_t sectors, gone = 0;
	char byte;

	if (!dive_virtio_find(&disk, boot->fdt, ID_BLOCK))
		dive_panic("no disk");
	dive_virtio_begin(&disk, 0);
	dive_virtio_add_queue(&disk, 0, &queue);
	dive_virtio_start(&disk);
	sectors = disk.regs[DIVE_VIRTIO_CONFIG];
	for (uint64_t s = 0; s < sectors; s += EACH)
		if (!read(s))
			dive_panic("sector %lu is gone", (unsigned long)s);
	dive_printf("reading\n");
	dive_read(&byte, 1);
	for (uint64_t s = 0; s < sectors; s += EACH)
		gone += read(s) ? 0 : EACH;
	dive_printf("%lu sectors, %lu of them gone\n", (unsigned long)sectors,
		    (unsigned long)gone);
	return 0;
}
