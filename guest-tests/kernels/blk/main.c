// SPDX-License-Identifier: ISC
// Uses a disk, as its arguments say:
//   id                   prints size in sectors and name
//   read SECTOR          prints the text at the start of a sector
//   write SECTOR TEXT    writes it and makes it durable
//   zero SECTOR          makes a sector zero
//   test                 writes and reads with several requests in flight
//   journal              writes numbered sectors; says which are durable
//   check SECTOR         are they there, up to this one
// Drives virtio-blk over virtio-mmio, no more.
#include <contract/guest/virtio.h>
#include <dive.h>

#define ID_BLOCK      2
#define FEATURE_FLUSH (1u << 9)
#define FEATURE_ZERO  (1u << 14)
#define SECTOR        512u
#define FLIGHT        5u /* requests of three descriptors in a queue of 16 */

enum {
	BLK_IN = 0,
	BLK_OUT = 1,
	BLK_FLUSH = 4,
	BLK_ID = 8,
	BLK_ZERO = 13,
};

/* virtio 1.2, 5.2.6 */
struct request {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
	uint8_t data[SECTOR];
	uint8_t status;
};

static struct dive_virtio disk;
static struct dive_virtq queue;
static struct request request[FLIGHT];

/* Begin request @i; with @size bytes of data. */
static void begin(unsigned int i, uint32_t type, uint64_t sector, uint32_t size)
{
	struct request *r = &request[i];
	uint16_t d = (uint16_t)(3 * i);
	bool to_us = type == BLK_IN || type == BLK_ID;

	r->type = type;
	r->sector = sector;
	r->status = 0xff;
	queue.desc[d] =
		(struct dive_virtq_desc){ (uintptr_t)r, 16,
					  DIVE_VIRTIO_DESC_NEXT,
					  (uint16_t)(size ? d + 1 : d + 2) };
	queue.desc[d + 1] = (struct dive_virtq_desc){
		(uintptr_t)r->data, size,
		DIVE_VIRTIO_DESC_NEXT | (to_us ? DIVE_VIRTIO_DESC_WRITE : 0),
		(uint16_t)(d + 2)
	};
	queue.desc[d + 2] =
		(struct dive_virtq_desc){ (uintptr_t)&r->status, 1,
					  DIVE_VIRTIO_DESC_WRITE, 0 };
	dive_virtio_offer(&disk, 0, &queue, d);
}

static void finish(unsigned int count)
{
	dive_virtio_wait(&disk, &queue);
	for (unsigned int i = 0; i < count; i++)
		if (request[i].status)
			dive_panic("request %u of type %u has status %u", i,
				   request[i].type, request[i].status);
}

static void one(uint32_t type, uint64_t sector, uint32_t size)
{
	begin(0, type, sector, size);
	finish(1);
}

static void fill(struct request *r, uint64_t seed)
{
	for (unsigned int i = 0; i < SECTOR; i++)
		r->data[i] = (uint8_t)(seed * 167 + i * 13 + (i >> 8));
}

static unsigned int wrong(const struct request *r, uint64_t seed)
{
	struct request want;

	fill(&want, seed);
	return memcmp(r->data, want.data, SECTOR) != 0;
}

static int test(uint64_t sectors)
{
	unsigned int bad = 0;

	for (uint64_t s = 0; s + FLIGHT <= sectors; s += FLIGHT) {
		for (unsigned int i = 0; i < FLIGHT; i++) {
			fill(&request[i], s + i);
			begin(i, BLK_OUT, s + i, SECTOR);
		}
		finish(FLIGHT);
	}
	one(BLK_FLUSH, 0, 0);
	for (uint64_t s = 0; s + FLIGHT <= sectors; s += FLIGHT) {
		for (unsigned int i = 0; i < FLIGHT; i++)
			begin(i, BLK_IN, s + i, SECTOR);
		finish(FLIGHT);
		for (unsigned int i = 0; i < FLIGHT; i++)
			bad += wrong(&request[i], s + i);
	}
	dive_printf("%lu sectors, %u wrong\n",
		    (unsigned long)(sectors / FLIGHT * FLIGHT), bad);
	return bad != 0;
}

/* A number is said when it is durable: it must survive whatever comes. */
static int journal(uint64_t sectors)
{
	for (uint64_t n = 0; n < sectors; n++) {
		fill(&request[0], n);
		one(BLK_OUT, n, SECTOR);
		one(BLK_FLUSH, 0, 0);
		dive_printf("%lu\n", (unsigned long)n);
	}
	return 0;
}

/* What journal() said of sectors up to @last. */
static int check(uint64_t last)
{
	for (uint64_t n = 0; n <= last; n++) {
		one(BLK_IN, n, SECTOR);
		if (wrong(&request[0], n)) {
			dive_printf("sector %lu is lost\n", (unsigned long)n);
			return 1;
		}
	}
	return 0;
}

/* The word at *@args, which then points behind it. */
static bool word(const char **args, const char *want)
{
	size_t len = strlen(want);

	if (memcmp(*args, want, len) != 0 ||
	    ((*args)[len] && (*args)[len] != ' '))
		return false;
	*args += len + ((*args)[len] == ' ');
	return true;
}

static uint64_t number(const char **args)
{
	uint64_t n = 0;

	while (**args >= '0' && **args <= '9')
		n = n * 10 + (uint64_t)(*(*args)++ - '0');
	*args += **args == ' ';
	return n;
}

static int zero(uint64_t sector)
{
	struct {
		uint64_t sector;
		uint32_t sectors;
		uint32_t flags;
	} range = { sector, 1, 0 };

	memcpy(request[0].data, &range, sizeof(range));
	one(BLK_ZERO, 0, sizeof(range));
	return 0;
}

int dive_main(const struct dive_boot *boot)
{
	const char *args = boot->args;
	uint64_t sectors;

	if (!dive_virtio_find(&disk, boot->fdt, ID_BLOCK))
		dive_panic("no disk; give one with dive --disk FILE");
	if (!dive_virtio_begin(&disk, FEATURE_FLUSH | FEATURE_ZERO) &&
	    !dive_virtio_begin(&disk, FEATURE_FLUSH))
		dive_panic("the disk wants other features");
	dive_virtio_add_queue(&disk, 0, &queue);
	dive_virtio_start(&disk);
	sectors = disk.regs[DIVE_VIRTIO_CONFIG] |
		  (uint64_t)disk.regs[DIVE_VIRTIO_CONFIG + 1] << 32;
	if (word(&args, "test"))
		return test(sectors);
	if (word(&args, "journal"))
		return journal(sectors);
	if (word(&args, "check"))
		return check(number(&args));
	if (word(&args, "zero"))
		return zero(number(&args));
	if (word(&args, "read")) {
		one(BLK_IN, number(&args), SECTOR);
		request[0].data[SECTOR - 1] = '\0';
		dive_printf("%s\n", (char *)request[0].data);
	} else if (word(&args, "write")) {
		uint64_t sector = number(&args);

		memset(request[0].data, 0, SECTOR);
		memcpy(request[0].data, args, strlen(args) % SECTOR);
		one(BLK_OUT, sector, SECTOR);
		one(BLK_FLUSH, 0, 0);
	} else {
		one(BLK_ID, 0, 20);
		request[0].data[20] = '\0';
		dive_printf("%lu sectors, %s\n", (unsigned long)sectors,
			    (char *)request[0].data);
	}
	return 0;
}
