// SPDX-License-Identifier: ISC
// Hostile: writes to all of PCI what no driver should, in configuration space,
// both BARs and the MSI-X table of every function, and moves the BARs onto all
// that lies around. After each trick the entropy device must give random bytes
// at its old place. For PVH and virtio on PCI.
#include <contract/guest/virtio.h>
#include <dive.h>

#define ECAM        0xe0000000u
#define DEVICES     32u
#define RNG         0x10051af4u
#define PATIENCE_US 5000000
#define COMMAND     0x04u
#define BAR0        0x10u
#define BAR1        0x14u
#define MSIX        0x40u
#define ACCESS      0x84u /* VIRTIO_PCI_CAP_PCI_CFG */
#define BAR_SIZE    0x8000u
#define FIXED       0xf8ffu /* of a message: no INIT or NMI for ourselves */

/* virtio 1.2, 4.1.4.3, as 8, 16, 32 bits of BAR 1 */
enum {
	DRIVER_SELECT = 0x08,
	DRIVER_FEATURES = 0x0c,
	STATUS = 0x14,
	QUEUE_SELECT = 0x16,
	QUEUE_SIZE = 0x18,
	QUEUE_VECTOR = 0x1a,
	QUEUE_ENABLE = 0x1c,
	QUEUE_DESC = 0x20,
	QUEUE_AVAIL = 0x28,
	QUEUE_USED = 0x30,
	NOTIFY = 0x3000,
	MSIX_TABLE = 0x4000,
};

static const uint32_t values[] = { 0,      1,          2,          0x80,
				   0xffff, 0x7fffffff, 0x80000001, ~0u };
#define VALUES (sizeof(values) / sizeof(values[0]))

struct function {
	volatile uint8_t *config;
	uint32_t bar[2]; /* as firmware left them */
};

static struct function function[DEVICES];
static unsigned int functions;
static struct function *rng;
static struct dive_virtq queue;
static uint8_t buffer[64];

static void w8(uint64_t at, uint8_t value)
{
	*(volatile uint8_t *)at = value;
}

static void w16(uint64_t at, uint16_t value)
{
	*(volatile uint16_t *)at = value;
}

static void w32(uint64_t at, uint32_t value)
{
	*(volatile uint32_t *)at = value;
}

static void w64(uint64_t at, uint64_t value)
{
	*(volatile uint64_t *)at = value;
}

static uint32_t r32(uint64_t at)
{
	return *(volatile uint32_t *)at;
}

static uint64_t config_at(const struct function *f, uint32_t reg)
{
	return (uintptr_t)f->config + reg;
}

static void find_all(void)
{
	for (uint32_t i = 1; i < DEVICES; i++) {
		struct function *f = &function[functions];

		f->config = (volatile uint8_t *)(uintptr_t)(ECAM + (i << 15));
		if (r32(config_at(f, 0)) == ~0u)
			continue;
		f->bar[0] = r32(config_at(f, BAR0));
		f->bar[1] = r32(config_at(f, BAR1));
		if (r32(config_at(f, 0)) == RNG)
			rng = f;
		functions++;
	}
}

/* As firmware left them. */
static void put_back(void)
{
	for (unsigned int i = 0; i < functions; i++) {
		struct function *f = &function[i];

		w16(config_at(f, COMMAND), 0);
		w16(config_at(f, MSIX + 2), 0);
		w32(config_at(f, BAR0), f->bar[0]);
		w32(config_at(f, BAR1), f->bar[1]);
	}
	for (unsigned int i = 0; i < functions; i++)
		w16(config_at(&function[i], COMMAND), 7);
}

static uint64_t bar(const struct function *f)
{
	return f->bar[1] & ~0xfu;
}

/* A live queue with a buffer in it. */
static void begin(const struct function *f)
{
	uint64_t at = bar(f);

	w8(at + STATUS, 0);
	memset(&queue, 0, sizeof(queue));
	memset(buffer, 0, sizeof(buffer));
	w8(at + STATUS, 3);
	w32(at + DRIVER_SELECT, 0);
	w32(at + DRIVER_FEATURES, 0);
	w32(at + DRIVER_SELECT, 1);
	w32(at + DRIVER_FEATURES, 1);
	w8(at + STATUS, 11);
	w16(at + QUEUE_SELECT, 0);
	w16(at + QUEUE_SIZE, DIVE_VIRTIO_QUEUE_SIZE);
	w32(at + QUEUE_DESC, (uint32_t)(uintptr_t)queue.desc);
	w32(at + QUEUE_DESC + 4, 0);
	w32(at + QUEUE_AVAIL, (uint32_t)(uintptr_t)&queue.avail_flags);
	w32(at + QUEUE_AVAIL + 4, 0);
	w32(at + QUEUE_USED, (uint32_t)(uintptr_t)&queue.used_flags);
	w32(at + QUEUE_USED + 4, 0);
	w16(at + QUEUE_ENABLE, 1);
	w8(at + STATUS, 15);
	queue.desc[0] =
		(struct dive_virtq_desc){ (uintptr_t)buffer, sizeof(buffer),
					  DIVE_VIRTIO_DESC_WRITE, 0 };
}

static void offer(void)
{
	__atomic_store_n(&queue.avail_index, (uint16_t)(queue.avail_index + 1),
			 __ATOMIC_SEQ_CST);
}

static bool well(void)
{
	uint64_t until = dive_now_us() + PATIENCE_US;

	put_back();
	for (unsigned int i = 0; i < functions; i++)
		w8(bar(&function[i]) + STATUS, 0);
	begin(rng);
	offer();
	w16(bar(rng) + NOTIFY, 0);
	while (__atomic_load_n(&queue.used_index, __ATOMIC_ACQUIRE) != 1)
		if (dive_now_us() > until)
			return false;
	for (unsigned int i = 0; i < sizeof(buffer); i++)
		if (buffer[i])
			return true;
	return false;
}

/* Every register of configuration space, at both of its places. */
static void all_config(const struct function *f)
{
	uint32_t id = (uint32_t)((uintptr_t)f->config - ECAM) >> 4;

	for (uint32_t reg = 0; reg < 256; reg += 4)
		for (unsigned int i = 0; i < VALUES; i++) {
			w32(config_at(f, reg), values[i]);
			w8(config_at(f, reg + 1), (uint8_t)values[i]);
			w16(config_at(f, reg + 2), (uint16_t)values[i]);
			dive_outl(0xcf8, 0x80000000u | id | reg);
			dive_outl(0xcfc, values[i]);
			dive_outb((uint16_t)(0xcfc + reg % 4),
				  (uint8_t)values[i]);
			(void)r32(config_at(f, reg));
		}
	w64(config_at(f, 0xf8), ~0ull);
	w32(config_at(f, 0xffe), ~0u);
}

/* The BARs onto all that there is, with a queue that goes on. */
static void move(const struct function *f)
{
	static const uint32_t places[] = {
		0x00100000, 0x00fff000, 0x01000000, 0xc0000000, 0xc0008000,
		0xe0000000, 0xe00f8000, 0xfec00000, 0xfed00000, 0xfee00000,
		0xffff8000, 0x00000000, 0xfffb8000, ~0u,
	};

	begin(f);
	for (unsigned int i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		for (uint32_t command = 0; command < 8; command += 3) {
			w16(config_at(f, COMMAND), (uint16_t)command);
			w32(config_at(f, BAR1), places[i]);
			w32(config_at(f, BAR0), places[i] >> 16 | 1);
			w16(config_at(f, COMMAND), 7);
			offer();
			w32(config_at(f, BAR1), f->bar[1]);
			w16(bar(f) + NOTIFY, 0);
		}
}

/* Each function where the next one is. */
static void swap(const struct function *f)
{
	begin(f);
	for (unsigned int i = 0; i < functions; i++) {
		w32(config_at(f, BAR0), function[i].bar[0]);
		w32(config_at(f, BAR1), function[i].bar[1]);
		offer();
		w16(bar(f) + NOTIFY, 0);
		w8(bar(&function[i]) + STATUS, 0);
	}
}

/* 4.1.4.9: the window on the BARs, of every size and with every offset. */
static void window(const struct function *f)
{
	static const uint32_t sizes[] = { 0, 1, 2, 3, 4, 5, 8, 0x100, ~0u };
	static const uint32_t offsets[] = { 0,      0x14,   0x16,   0x1c,
					    0x56,   0x1000, 0x2000, 0x3000,
					    0x4000, 0x5000, 0x7ffc, 0x7ffd,
					    0x8000, ~0u,    ~3u };

	for (uint8_t b = 0; b < 8; b++)
		for (unsigned int o = 0; o < 15; o++)
			for (unsigned int s = 0; s < 9; s++) {
				w8(config_at(f, ACCESS + 4), b);
				w32(config_at(f, ACCESS + 8), offsets[o]);
				w32(config_at(f, ACCESS + 12), sizes[s]);
				w32(config_at(f, ACCESS + 16), offsets[o] + s);
				(void)r32(config_at(f, ACCESS + 16));
			}
}

/* Vectors and messages that do not exist, sent by a queue that goes on. */
static void messages(const struct function *f)
{
	static const uint32_t addresses[] = { 0,          0x1000,
					      0xfee00000, 0xfeeff00c,
					      0xfec00000, ~0u };

	begin(f);
	for (unsigned int a = 0; a < 6; a++)
		for (unsigned int i = 0; i < VALUES; i++) {
			uint64_t entry = bar(f) + MSIX_TABLE + (i % 12) * 16;

			w16(config_at(f, MSIX + 2), 0xc000);
			w32(entry, addresses[a]);
			w32(entry + 4, a % 2 ? ~0u : 0);
			w32(entry + 8, values[i] & FIXED);
			w32(entry + 12, i % 3);
			w64(entry + 8, values[i] & FIXED);
			w16(bar(f) + QUEUE_VECTOR, (uint16_t)(i % 12));
			w16(bar(f) + QUEUE_VECTOR - 10, (uint16_t)values[i]);
			w16(config_at(f, MSIX + 2), 0x8000);
			offer();
			w16(bar(f) + NOTIFY, 0);
			w32(entry + 12, 1);
			w32(entry + 12, 0);
		}
}

/* Every register behind BAR 1, in every size; its pages are 4 KiB apart. */
static void memory(const struct function *f)
{
	for (uint32_t page = 0; page < BAR_SIZE; page += 0x1000)
		for (uint32_t reg = 0; reg < 0xc0; reg += 2)
			for (unsigned int i = 0; i < VALUES; i++) {
				uint64_t at = bar(f) + page + reg;

				w8(at, (uint8_t)values[i]);
				w16(at, (uint16_t)values[i]);
				w32(at, values[i]);
				(void)r32(at);
			}
	w64(bar(f) + BAR_SIZE - 4, ~0ull);
}

/* The same behind BAR 0: the interface of before virtio 1.0. */
static void ports(const struct function *f)
{
	uint16_t base = (uint16_t)(f->bar[0] & ~3u);

	for (uint16_t reg = 0; base && reg < 0x80; reg++)
		for (unsigned int i = 0; i < VALUES; i++) {
			dive_outb((uint16_t)(base + 18), 7);
			dive_outb((uint16_t)(base + reg), (uint8_t)values[i]);
			dive_outl((uint16_t)(base + reg), values[i]);
			(void)dive_inb((uint16_t)(base + reg));
		}
}

int dive_main(const struct dive_boot *boot)
{
	static const struct {
		const char *name;
		void (*play)(const struct function *f);
	} tricks[] = {
		{ "configuration", all_config },
		{ "moves", move },
		{ "swaps", swap },
		{ "window", window },
		{ "messages", messages },
		{ "memory", memory },
		{ "ports", ports },
	};
	int bad = 0;

	(void)boot;
	dive_irq_off();
	find_all();
	if (!rng)
		dive_panic("there is no entropy device: give --rng");
	for (unsigned int i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++)
		for (unsigned int k = 0; k < functions; k++) {
			tricks[i].play(&function[k]);
			if (well())
				continue;
			dive_printf("function %u broken by %s\n", k,
				    tricks[i].name);
			bad++;
		}
	dive_printf("%u functions, %d tricks worked\n", functions, bad);
	return bad;
}
