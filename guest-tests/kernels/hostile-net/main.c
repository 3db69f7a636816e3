// SPDX-License-Identifier: ISC
// Hostile: does to both queues of a network card what no driver should, and
// asks after each trick, and a reset, whether the card still works.
#include <contract/guest/virtio.h>
#include <dive.h>

#define ID_NET      1
#define PATIENCE_US 5000000
#define FRAME       1526
#define NOWHERE     0x7ffffffff000ull
#define FEATURES    (1u << 15 | 1u << 28) /* merging, indirect tables */
#define INDIRECT    4u

enum {
	RX,
	TX,
	QUEUES
};

static struct dive_virtio card;
static struct dive_virtq queue[QUEUES];
static struct dive_virtq_desc table[64];
static uint8_t buffer[65536];

static void begin(void)
{
	memset(queue, 0, sizeof(queue));
	if (!dive_virtio_begin(&card, FEATURES))
		dive_panic("the card wants other features");
	for (uint32_t i = 0; i < QUEUES; i++)
		dive_virtio_add_queue(&card, i, &queue[i]);
	dive_virtio_start(&card);
}

static void describe(uint32_t q, uint64_t address, uint32_t size,
		     uint16_t flags)
{
	queue[q].desc[0] = (struct dive_virtq_desc){ address, size, flags, 0 };
}

/* One buffer out, and back it comes. */
static bool still_works(void)
{
	uint64_t until = dive_now_us() + PATIENCE_US;

	begin();
	describe(TX, (uintptr_t)buffer, 12 + 60, 0);
	dive_virtio_offer(&card, TX, &queue[TX], 0);
	while (__atomic_load_n(&queue[TX].used_index, __ATOMIC_ACQUIRE) != 1)
		if (dive_now_us() > until)
			return false;
	return true;
}

/* Make the card look, from another place than the offer does. */
static void notify_all(void)
{
	for (uint32_t i = 0; i < 64; i++)
		card.regs[DIVE_VIRTIO_QUEUE_NOTIFY] = i % 5 == 4 ? ~0u : i % 4;
}

static void offer_both(uint64_t address, uint32_t size, uint16_t flags)
{
	for (uint32_t i = 0; i < QUEUES; i++) {
		describe(i, address, size, flags);
		dive_virtio_offer(&card, i, &queue[i], 0);
	}
}

static void nowhere(void)
{
	offer_both(NOWHERE, FRAME, DIVE_VIRTIO_DESC_WRITE);
	offer_both(~0ull, 2, 0);
}

static void huge(void)
{
	offer_both((uintptr_t)buffer, ~0u, 0);
	offer_both((uintptr_t)buffer, ~0u, DIVE_VIRTIO_DESC_WRITE);
}

static void empty(void)
{
	offer_both((uintptr_t)buffer, 0, 0);
	offer_both((uintptr_t)buffer, 1, DIVE_VIRTIO_DESC_WRITE);
}

static void wrong_way(void)
{
	describe(RX, (uintptr_t)buffer, FRAME, 0);
	describe(TX, (uintptr_t)buffer, FRAME, DIVE_VIRTIO_DESC_WRITE);
	dive_virtio_offer(&card, RX, &queue[RX], 0);
	dive_virtio_offer(&card, TX, &queue[TX], 0);
}

/* A chain of one descriptor that is its own next; a table in itself. */
static void endless(void)
{
	offer_both((uintptr_t)buffer, 64, DIVE_VIRTIO_DESC_NEXT);
	begin();
	for (uint32_t i = 0; i < 64; i++)
		table[i] =
			(struct dive_virtq_desc){ (uintptr_t)table,
						  sizeof(table), INDIRECT, 0 };
	offer_both((uintptr_t)table, sizeof(table), INDIRECT);
}

static void numbers_that_are_not(void)
{
	dive_virtio_offer(&card, RX, &queue[RX], 0xffff);
	dive_virtio_offer(&card, TX, &queue[TX], DIVE_VIRTIO_QUEUE_SIZE);
}

static void jump(void)
{
	for (uint32_t i = 0; i < QUEUES; i++) {
		describe(i, (uintptr_t)buffer, FRAME, 0);
		__atomic_store_n(&queue[i].avail_index, 0x8000,
				 __ATOMIC_SEQ_CST);
	}
}

/* The card's own rings as buffers to write, and where nobody may write. */
static void rings(void)
{
	describe(RX, (uintptr_t)&queue[RX], sizeof(queue[RX]),
		 DIVE_VIRTIO_DESC_WRITE);
	dive_virtio_offer(&card, RX, &queue[RX], 0);
	describe(TX, (uintptr_t)&queue[TX], sizeof(queue[TX]), 0);
	dive_virtio_offer(&card, TX, &queue[TX], 0);
}

static void move_live_queues(void)
{
	for (uint32_t i = 0; i < 4; i++) {
		card.regs[DIVE_VIRTIO_QUEUE_SEL] = i;
		card.regs[DIVE_VIRTIO_QUEUE_NUM] = 3 + i * 20000;
		card.regs[DIVE_VIRTIO_QUEUE_DESC + 1] = ~0u;
		card.regs[DIVE_VIRTIO_QUEUE_AVAIL] = 1;
		card.regs[DIVE_VIRTIO_QUEUE_READY] = 0;
		card.regs[DIVE_VIRTIO_QUEUE_READY] = 1;
	}
}

/* Sixteen thousand frames that nobody asked for, as fast as can be. */
static void flood(void)
{
	describe(TX, (uintptr_t)buffer, sizeof(buffer), 0);
	for (uint32_t i = 0; i < 1000; i++) {
		for (uint32_t k = 0; k < DIVE_VIRTIO_QUEUE_SIZE; k++)
			queue[TX].avail[k] = 0;
		__atomic_store_n(&queue[TX].avail_index,
				 (uint16_t)(queue[TX].used_index +
					    DIVE_VIRTIO_QUEUE_SIZE),
				 __ATOMIC_SEQ_CST);
		card.regs[DIVE_VIRTIO_QUEUE_NOTIFY] = TX;
	}
}

int dive_main(const struct dive_boot *boot)
{
	static const struct {
		const char *name;
		void (*play)(void);
	} tricks[] = {
		{ "nowhere", nowhere },
		{ "huge", huge },
		{ "empty", empty },
		{ "wrong way", wrong_way },
		{ "endless", endless },
		{ "numbers that are not", numbers_that_are_not },
		{ "jump", jump },
		{ "rings", rings },
		{ "move live queues", move_live_queues },
		{ "flood", flood },
	};
	int broken = 0;

	if (!dive_virtio_find(&card, boot->fdt, ID_NET))
		dive_panic("there is no network card: try --net user");
	for (size_t i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++) {
		begin();
		tricks[i].play();
		notify_all();
		if (still_works())
			continue;
		dive_printf("broken by %s\n", tricks[i].name);
		broken++;
	}
	dive_printf("%zu tricks\n", sizeof(tricks) / sizeof(tricks[0]));
	return broken;
}
