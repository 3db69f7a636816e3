// SPDX-License-Identifier: ISC
// Hostile: says every wrong thing on the control queue of a virtio console, and
// gives all of its queues what no driver should. After each trick, and a reset,
// one more dot must come out at hvc0. For PVH and virtio-mmio; it reports on
// COM1.
#include <contract/guest/virtio.h>
#include <dive.h>

#define FIRST_MMIO  0xfed00000u
#define ID_CONSOLE  3
#define PATIENCE_US 5000000
#define MULTIPORT   (1u << 1)
#define NOWHERE     0x7ffffffff000ull
#define INDIRECT    4u
#define NEXT        DIVE_VIRTIO_DESC_NEXT
#define WRITE       DIVE_VIRTIO_DESC_WRITE

/* virtio 1.2, 5.3.2 and 5.3.6.2 */
enum {
	RX,
	TX,
	CONTROL_RX,
	CONTROL_TX,
	ERRORS_RX,
	ERRORS_TX,
	QUEUES
};

enum {
	DEVICE_READY = 0,
	PORT_READY = 3,
	PORT_OPEN = 6,
	EVENTS = 10
};

static struct dive_virtio device;
static struct dive_virtq queue[QUEUES];
static struct {
	uint32_t id;
	uint16_t event;
	uint16_t value;
} message;
static uint8_t buffer[65536];

static void begin(void)
{
	device.regs[DIVE_VIRTIO_STATUS] = 0;
	memset(queue, 0, sizeof(queue));
	if (!dive_virtio_begin(&device, MULTIPORT))
		dive_panic("the console wants other features");
	for (uint32_t i = 0; i < QUEUES; i++)
		dive_virtio_add_queue(&device, i, &queue[i]);
	dive_virtio_start(&device);
}

static bool done(uint32_t q)
{
	uint64_t until = dive_now_us() + PATIENCE_US;

	while (__atomic_load_n(&queue[q].used_index, __ATOMIC_ACQUIRE) !=
	       queue[q].avail_index)
		if (dive_now_us() > until)
			return false;
	return true;
}

static void offer(uint32_t q, uint64_t address, uint32_t size, uint16_t flags)
{
	queue[q].desc[0] = (struct dive_virtq_desc){ address, size, flags, 0 };
	dive_virtio_offer(&device, q, &queue[q], 0);
}

static bool say(uint32_t id, uint16_t event, uint16_t value)
{
	message.id = id;
	message.event = event;
	message.value = value;
	offer(CONTROL_TX, (uintptr_t)&message, sizeof(message), 0);
	return done(CONTROL_TX);
}

static bool well(void)
{
	static const char dot = '.';

	begin();
	if (!say(0, DEVICE_READY, 1) || !say(0, PORT_READY, 1) ||
	    !say(0, PORT_OPEN, 1))
		return false;
	offer(TX, (uintptr_t)&dot, 1, 0);
	return done(TX);
}

static bool messages(void)
{
	static const uint32_t ids[] = { 0, 1, 2, 31, 0x10000, UINT32_MAX };
	static const uint16_t values[] = { 0, 1, 2, 0xffff };

	for (unsigned int i = 0; i < 6; i++)
		for (uint32_t event = 0; event < EVENTS; event++)
			for (unsigned int k = 0; k < 4; k++)
				if (!say(ids[i], (uint16_t)event, values[k]))
					return false;
	return true;
}

static bool short_messages(void)
{
	memset(&message, 0, sizeof(message));
	for (uint32_t size = 1; size < sizeof(message); size++) {
		offer(CONTROL_TX, (uintptr_t)&message, size, 0);
		if (!done(CONTROL_TX))
			return false;
	}
	offer(CONTROL_TX, (uintptr_t)buffer, sizeof(buffer), 0);
	return done(CONTROL_TX);
}

/* Both ports, again and again, with room for one answer of one byte. */
static bool ready_for_ever(void)
{
	offer(CONTROL_RX, (uintptr_t)buffer, 1, WRITE);
	for (uint32_t i = 0; i < 300; i++)
		if (!say(i % 2, i % 3 ? PORT_READY : DEVICE_READY, 1))
			return false;
	return true;
}

/* Input waits (there is always some): open, closed, with little room. */
static bool open_and_close(void)
{
	for (uint32_t i = 0; i < 100; i++) {
		if (!say(0, PORT_OPEN, i % 2))
			return false;
		if (queue[RX].used_index == queue[RX].avail_index)
			offer(RX, (uintptr_t)buffer, 1 + i % 3, WRITE);
	}
	return true;
}

/* Buffers for input that cannot be written; output that cannot be read. */
static bool wrong_way(void)
{
	say(0, PORT_OPEN, 1);
	offer(RX, (uintptr_t)buffer, 64, 0);
	offer(TX, (uintptr_t)buffer, 64, WRITE);
	offer(CONTROL_RX, (uintptr_t)buffer, 64, 0);
	offer(ERRORS_RX, (uintptr_t)buffer, 64, 0);
	offer(ERRORS_TX, (uintptr_t)buffer, 64, WRITE);
	offer(CONTROL_TX, (uintptr_t)buffer, 64, WRITE);
	return true;
}

static bool everywhere(uint64_t address, uint32_t size, uint16_t flags)
{
	for (uint32_t i = 0; i < QUEUES; i++) {
		begin();
		say(0, DEVICE_READY, 1);
		say(0, PORT_OPEN, 1);
		offer(i, address, size, flags);
	}
	return true;
}

static bool nowhere(void)
{
	return everywhere(NOWHERE, 64, 0) && everywhere(~0ull, 2, WRITE);
}

static bool huge(void)
{
	return everywhere((uintptr_t)buffer, ~0u, 0) &&
	       everywhere((uintptr_t)buffer, ~0u, WRITE);
}

static bool empty(void)
{
	return everywhere((uintptr_t)buffer, 0, 0);
}

static bool endless(void)
{
	return everywhere((uintptr_t)buffer, 1, NEXT);
}

static bool indirect(void)
{
	return everywhere((uintptr_t)buffer, 16, INDIRECT);
}

static bool jump(void)
{
	for (uint32_t i = 0; i < QUEUES; i++) {
		begin();
		queue[i].avail_index = 0x8000;
		device.regs[DIVE_VIRTIO_QUEUE_NOTIFY] = i;
	}
	return true;
}

/* Input and control messages are written over the rings they come from. */
static bool rings(void)
{
	static const uint32_t in[] = { CONTROL_RX, RX };

	for (unsigned int i = 0; i < 2; i++) {
		begin();
		offer(in[i], (uintptr_t)&queue[in[i]], sizeof(queue[0]), WRITE);
		message.id = 0;
		message.event = i ? PORT_OPEN : DEVICE_READY;
		message.value = 1;
		offer(CONTROL_TX, (uintptr_t)&message, sizeof(message), 0);
	}
	return true;
}

/* Queues go and come back smaller, with input on its way. */
static bool take_back(void)
{
	for (uint32_t i = 0; i < 60; i++) {
		uint32_t q = i % QUEUES;

		if (i % 7 == 0) {
			begin();
			say(0, PORT_OPEN, 1);
		}
		offer(RX, (uintptr_t)buffer, 16, WRITE);
		device.regs[DIVE_VIRTIO_QUEUE_SEL] = q;
		device.regs[DIVE_VIRTIO_QUEUE_READY] = 0;
		device.regs[DIVE_VIRTIO_QUEUE_NUM] = 4;
		device.regs[DIVE_VIRTIO_QUEUE_READY] = 1;
		device.regs[DIVE_VIRTIO_QUEUE_NOTIFY] = q;
	}
	return true;
}

static bool every_register(void)
{
	static const uint32_t values[] = { 0, 1, 5, 0x80, 0x7fffffff, ~0u };

	for (unsigned int reg = 0; reg < 0x50; reg++)
		for (unsigned int i = 0; i < 6; i++) {
			device.regs[DIVE_VIRTIO_STATUS] = 0xf;
			device.regs[reg] = values[i];
			(void)device.regs[reg];
		}
	return true;
}

int dive_main(const struct dive_boot *boot)
{
	static const struct {
		const char *name;
		bool (*play)(void);
	} tricks[] = {
		{ "messages", messages },
		{ "short messages", short_messages },
		{ "ready for ever", ready_for_ever },
		{ "open and close", open_and_close },
		{ "wrong way", wrong_way },
		{ "nowhere", nowhere },
		{ "huge", huge },
		{ "empty", empty },
		{ "endless", endless },
		{ "indirect", indirect },
		{ "jump", jump },
		{ "rings", rings },
		{ "take back", take_back },
		{ "every register", every_register },
	};
	int bad = 0;

	(void)boot;
	device.regs = (volatile uint32_t *)FIRST_MMIO;
	if (device.regs[DIVE_VIRTIO_DEVICE_ID] != ID_CONSOLE)
		dive_panic("there is no virtio console");
	for (size_t i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++) {
		begin();
		if (tricks[i].play() && well())
			continue;
		dive_printf("broken by %s\n", tricks[i].name);
		bad++;
	}
	dive_printf("%zu tricks, %d worked\n",
		    sizeof(tricks) / sizeof(tricks[0]), bad);
	return bad;
}
