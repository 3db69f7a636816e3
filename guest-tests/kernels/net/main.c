// SPDX-License-Identifier: ISC
// Asks the network who 10.0.2.2 is, and then, as its arguments say:
//   PORT WORD  sends that machine a datagram and prints the answer
//   serve      sends the first datagram that comes back to where it is from
//   watch      waits until the link is down
#include <dive.h>

#include <contract/guest/virtio.h>

#define ID_NET      1
#define FEATURE_MAC (1u << 5)
#define PATIENCE_US 10000000
#define HEADER      12 /* of virtio-net, before each frame (5.1.6) */

enum {
	RX,
	TX
};

/* Numbers are big-endian on the wire. */
#define BE16(n) __builtin_bswap16(n)

struct packet {
	uint8_t header[HEADER];
	uint8_t to[6];
	uint8_t from[6];
	uint16_t type;
	union {
		struct {
			uint16_t hardware;
			uint16_t protocol;
			uint8_t sizes[2];
			uint16_t operation;
			uint8_t from_mac[6];
			uint8_t from_ip[4];
			uint8_t to_mac[6];
			uint8_t to_ip[4];
		} __attribute__((packed)) arp;
		struct {
			uint8_t version; /* and length */
			uint8_t service;
			uint16_t size;
			uint16_t id;
			uint16_t fragment;
			uint8_t ttl;
			uint8_t protocol;
			uint16_t sum;
			uint8_t from_ip[4];
			uint8_t to_ip[4];
			uint16_t from_port;
			uint16_t to_port;
			uint16_t udp_size;
			uint16_t udp_sum; /* 0: none */
			char data[1472];
		} __attribute__((packed)) ip;
	};
} __attribute__((packed));

#define ARP_SIZE (HEADER + 14 + 28)
#define UDP_SIZE (HEADER + 14 + 28) /* without data */

static const uint8_t our_ip[4] = { 10, 0, 2, 15 };
static const uint8_t their_ip[4] = { 10, 0, 2, 2 };

static struct dive_virtio card;
static struct dive_virtq queue[2];
static struct packet in[DIVE_VIRTIO_QUEUE_SIZE];
static struct packet out;
static uint8_t our_mac[6];
static uint8_t their_mac[6];

static bool same(const uint8_t *a, const uint8_t *b, unsigned int size)
{
	while (size && *a == *b) {
		a++;
		b++;
		size--;
	}
	return size == 0;
}

static void start_card(void)
{
	if (!dive_virtio_begin(&card, FEATURE_MAC))
		dive_panic("the card wants other features");
	for (unsigned int i = 0; i < 6; i++)
		our_mac[i] =
			((volatile uint8_t *)&card.regs[DIVE_VIRTIO_CONFIG])[i];
	dive_virtio_add_queue(&card, RX, &queue[RX]);
	dive_virtio_add_queue(&card, TX, &queue[TX]);
	dive_virtio_start(&card);
	for (uint16_t i = 0; i < DIVE_VIRTIO_QUEUE_SIZE; i++) {
		queue[RX].desc[i] = (struct dive_virtq_desc){
			.address = (uintptr_t)&in[i],
			.size = sizeof(in[i]),
			.flags = DIVE_VIRTIO_DESC_WRITE,
		};
		dive_virtio_offer(&card, RX, &queue[RX], i);
	}
}

/* One at a time: @out is free again when the card has given it back. */
static void send(uint16_t type, uint32_t size)
{
	memcpy(out.from, our_mac, 6);
	out.type = BE16(type);
	queue[TX].desc[0] =
		(struct dive_virtq_desc){ .address = (uintptr_t)&out,
					  .size = size };
	dive_virtio_offer(&card, TX, &queue[TX], 0);
	while (__atomic_load_n(&queue[TX].used_index, __ATOMIC_ACQUIRE) !=
	       queue[TX].avail_index)
		dive_pause();
}

/* The next packet, up to a moment; it goes back to the card by forget(). */
static struct packet *receive(uint64_t until_us, uint16_t *ret_id,
			      uint32_t *ret_size)
{
	static uint16_t seen;

	while (__atomic_load_n(&queue[RX].used_index, __ATOMIC_ACQUIRE) ==
	       seen) {
		if (dive_now_us() > until_us)
			return NULL;
		dive_pause();
	}
	*ret_id = (uint16_t)queue[RX].used[seen % DIVE_VIRTIO_QUEUE_SIZE].id;
	*ret_size = queue[RX].used[seen % DIVE_VIRTIO_QUEUE_SIZE].size;
	seen++;
	return &in[*ret_id % DIVE_VIRTIO_QUEUE_SIZE];
}

static void forget(uint16_t id)
{
	dive_virtio_offer(&card, RX, &queue[RX], id);
}

static bool ask_who(void)
{
	uint64_t until = dive_now_us() + PATIENCE_US;
	struct packet *p;
	uint32_t size;
	uint16_t id;

	memset(out.to, 0xff, 6);
	out.arp.hardware = BE16(1);
	out.arp.protocol = BE16(0x0800);
	out.arp.sizes[0] = 6;
	out.arp.sizes[1] = 4;
	out.arp.operation = BE16(1);
	memcpy(out.arp.from_mac, our_mac, 6);
	memcpy(out.arp.from_ip, our_ip, 4);
	memcpy(out.arp.to_ip, their_ip, 4);
	send(0x0806, ARP_SIZE);
	while ((p = receive(until, &id, &size))) {
		bool answer = size >= ARP_SIZE && p->type == BE16(0x0806) &&
			      p->arp.operation == BE16(2) &&
			      same(p->arp.from_ip, their_ip, 4);

		if (answer)
			memcpy(their_mac, p->arp.from_mac, 6);
		forget(id);
		if (answer)
			return true;
	}
	return false;
}

/* RFC 1071, over the header of 20 bytes. */
static uint16_t ip_sum(void)
{
	const uint8_t *b = (const uint8_t *)&out.ip;
	uint32_t sum = 0;

	for (unsigned int i = 0; i < 20; i += 2)
		sum += (uint32_t)(b[i] << 8 | b[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return BE16((uint16_t)~sum);
}

static bool ask(uint16_t port, const char *word)
{
	uint64_t until = dive_now_us() + PATIENCE_US;
	uint16_t length = 0, id;
	struct packet *p;
	uint32_t size;

	memset(&out, 0, sizeof(out));
	while (length < sizeof(out.ip.data) && word[length]) {
		out.ip.data[length] = word[length];
		length++;
	}
	memcpy(out.to, their_mac, 6);
	out.ip.version = 0x45;
	out.ip.size = BE16((uint16_t)(28 + length));
	out.ip.ttl = 64;
	out.ip.protocol = 17;
	memcpy(out.ip.from_ip, our_ip, 4);
	memcpy(out.ip.to_ip, their_ip, 4);
	out.ip.sum = ip_sum();
	out.ip.from_port = BE16(1024);
	out.ip.to_port = BE16(port);
	out.ip.udp_size = BE16((uint16_t)(8 + length));
	send(0x0800, UDP_SIZE + length);
	while ((p = receive(until, &id, &size))) {
		bool answer = size > UDP_SIZE && p->type == BE16(0x0800) &&
			      p->ip.protocol == 17 &&
			      p->ip.from_port == BE16(port);

		if (answer)
			dive_printf("answer: %.*s\n", (int)(size - UDP_SIZE),
				    p->ip.data);
		forget(id);
		if (answer)
			return true;
	}
	return false;
}

/* The other way round, addresses and ports exchanged: sums stay right. */
static void send_back(const struct packet *p, uint32_t size)
{
	memcpy(&out, p, size);
	memset(out.header, 0, sizeof(out.header));
	memcpy(out.to, p->from, 6);
	memcpy(out.ip.from_ip, p->ip.to_ip, 4);
	memcpy(out.ip.to_ip, p->ip.from_ip, 4);
	out.ip.from_port = p->ip.to_port;
	out.ip.to_port = p->ip.from_port;
	send(0x0800, size);
}

static bool serve(void)
{
	uint64_t until = dive_now_us() + PATIENCE_US;
	struct packet *p;
	uint32_t size;
	uint16_t id;

	dive_printf("serving\n");
	while ((p = receive(until, &id, &size))) {
		bool asked = size > UDP_SIZE && size <= sizeof(*p) &&
			     p->type == BE16(0x0800) && p->ip.protocol == 17 &&
			     same(p->ip.to_ip, our_ip, 4);

		if (asked)
			send_back(p, size);
		forget(id);
		if (asked)
			return true;
	}
	return false;
}

/* Bit 0 of the status behind the address (5.1.4). */
static bool watch(void)
{
	volatile uint8_t *status =
		(volatile uint8_t *)&card.regs[DIVE_VIRTIO_CONFIG] + 6;
	uint64_t until = dive_now_us() + PATIENCE_US;

	dive_printf("the link is %s\n", *status & 1 ? "up" : "down");
	while (*status & 1)
		if (dive_now_us() > until)
			return false;
	dive_printf("the link is down\n");
	return true;
}

static bool obey(const char *arg)
{
	uint16_t port = 0;

	if (*arg == '\0')
		return true;
	if (*arg == 's')
		return serve();
	if (*arg == 'w')
		return watch();
	while (*arg >= '0' && *arg <= '9')
		port = (uint16_t)(port * 10 + *arg++ - '0');
	return *arg == ' ' && ask(port, arg + 1);
}

int dive_main(const struct dive_boot *boot)
{
	if (!dive_virtio_find(&card, boot->fdt, ID_NET)) {
		dive_log("there is no network card: try --net user\n");
		return 2;
	}
	start_card();
	if (!ask_who()) {
		dive_log("nobody knows 10.0.2.2\n");
		return 1;
	}
	dive_printf("10.0.2.2 is at %02x:%02x:%02x:%02x:%02x:%02x\n",
		    their_mac[0], their_mac[1], their_mac[2], their_mac[3],
		    their_mac[4], their_mac[5]);
	return obey(boot->args) ? 0 : 1;
}
