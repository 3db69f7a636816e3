// SPDX-License-Identifier: ISC
// Hostile: gives a disk every kind of broken queue and request, and finds it
// well after each reset. Exits with the number of times it was not.
#include <contract/guest/virtio.h>
#include <dive.h>

#define ID_BLOCK 2
#define INDIRECT 4u
#define RING     (1u << 28 | 1u << 29) /* indirect, event index */

static struct dive_virtio disk;
static struct dive_virtq queue;
static struct dive_virtq_desc table[64];
static uint8_t data[4096];

struct trick {
	const char *name;
	struct dive_virtq_desc desc[3];
	uint16_t head;
	uint16_t ahead; /* entries that are not there */
};

#define AT(buffer) ((uintptr_t)(buffer))
#define NEXT       DIVE_VIRTIO_DESC_NEXT
#define WRITE      DIVE_VIRTIO_DESC_WRITE

static const struct trick tricks[] = {
	{ "head", { { 0 } }, 99, 0 },
	{ "next", { { 0x300000, 16, NEXT, 77 } }, 0, 0 },
	{ "loop", { { 0x300000, 16, NEXT, 0 } }, 0, 0 },
	{ "nowhere", { { 0x7fffffffffff, 16, 0, 0 } }, 0, 0 },
	{ "wrap", { { UINT64_MAX - 4, 16, 0, 0 } }, 0, 0 },
	{ "registers", { { 0xfed00000, 16, 0, 0 } }, 0, 0 },
	{ "empty", { { 0x300000, 0, 0, 0 } }, 0, 0 },
	{ "huge", { { 0x300000, UINT32_MAX, WRITE, 0 } }, 0, 0 },
	{ "order",
	  { { 0x300000, 16, NEXT | WRITE, 1 }, { 0x300000, 16, 0, 0 } },
	  0,
	  0 },
	{ "short",
	  { { 0x300000, 8, NEXT, 1 }, { 0x300000, 1, WRITE, 0 } },
	  0,
	  0 },
	{ "no status", { { 0x300000, 16, 0, 0 } }, 0, 0 },
	{ "size", { { 0x300000, 17, INDIRECT, 0 } }, 0, 0 },
	{ "table", { { 0x7fffffff0000, 16, INDIRECT, 0 } }, 0, 0 },
	{ "both", { { 0x300000, 16, INDIRECT | NEXT, 0 } }, 0, 0 },
	{ "long", { { 0x300000, 17 * 16, INDIRECT, 0 } }, 0, 0 },
	{ "ahead", { { 0x300000, 16, 0, 0 } }, 0, 17 },
	{ "far ahead", { { 0x300000, 16, 0, 0 } }, 0, 40000 },
};

static void set_up(void)
{
	memset(&queue, 0, sizeof(queue));
	dive_virtio_begin(&disk, RING);
	dive_virtio_add_queue(&disk, 0, &queue);
	dive_virtio_start(&disk);
}

static bool broken(void)
{
	uint64_t start = dive_now_us();

	while (!(disk.regs[DIVE_VIRTIO_STATUS] & DIVE_VIRTIO_STATUS_BROKEN))
		if (dive_now_us() - start > 2000000)
			return false;
	return true;
}

/* Is it a disk again? */
static bool well(void)
{
	static struct {
		uint32_t type;
		uint32_t reserved;
		uint64_t sector;
	} header;
	static uint8_t status;

	set_up();
	status = 0xff;
	table[0] = (struct dive_virtq_desc){ AT(&header), 16, NEXT, 1 };
	table[1] = (struct dive_virtq_desc){ AT(data), 512, NEXT | WRITE, 2 };
	table[2] = (struct dive_virtq_desc){ AT(&status), 1, WRITE, 0 };
	queue.desc[5] =
		(struct dive_virtq_desc){ AT(table), 3 * 16, INDIRECT, 0 };
	dive_virtio_offer(&disk, 0, &queue, 5);
	dive_virtio_wait(&disk, &queue);
	return status == 0 && queue.used[0].id == 5 &&
	       queue.used[0].size == 513;
}

static int play(const struct trick *t)
{
	set_up();
	for (unsigned int i = 0; i < 3; i++)
		queue.desc[i] = t->desc[i];
	queue.avail_index = (uint16_t)(queue.avail_index + t->ahead);
	dive_virtio_offer(&disk, 0, &queue, t->head);
	if (!broken()) {
		dive_printf("%s: nobody minds\n", t->name);
		return 1;
	}
	if (!well()) {
		dive_printf("%s: not well after a reset\n", t->name);
		return 1;
	}
	return 0;
}

/* Queues at places that cannot be, then every register with every value. */
static int registers(void)
{
	static const uint32_t values[] = { 0,         1,          2,
					   0x80,      0x7fffffff, 0x80000001,
					   UINT32_MAX };

	for (unsigned int reg = 0; reg < 0x80; reg++)
		for (unsigned int i = 0; i < 7; i++) {
			disk.regs[DIVE_VIRTIO_STATUS] = 0xf;
			disk.regs[reg] = values[i];
			(void)disk.regs[reg];
		}
	return well() ? 0 : 1;
}

int dive_main(const struct dive_boot *boot)
{
	int bad = 0;

	if (!dive_virtio_find(&disk, boot->fdt, ID_BLOCK))
		dive_panic("no disk");
	for (unsigned int i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++)
		bad += play(&tricks[i]);
	bad += registers();
	dive_printf("%u tricks, %d worked\n",
		    (unsigned int)(sizeof(tricks) / sizeof(tricks[0])), bad);
	return bad;
}
