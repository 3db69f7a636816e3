// SPDX-License-Identifier: Apache-2.0
// Console device: hvc0, and a port for errors (virtio 1.2, 5.3).
#include "vmm/virtio/console.h"

#include <linux/virtio_ids.h>
#include <string.h>

#define BIT(n) ((uint64_t)1 << (n))

/* Bytes that go out before the lock is given up: a chain may have 4 GiB. */
#define TURN_BYTES 65536u

/* 5.3.2: the control queues are behind those of port 0. */
enum {
	RX,
	TX,
	CONTROL_RX,
	CONTROL_TX,
	ERRORS_RX,
	ERRORS_TX,
	QUEUES
};

static const char errors_name[] = "dive.stderr";

/* Control messages that go to the driver, in this order. */
static const uint8_t events[] = { VIRTIO_CONSOLE_PORT_ADD,
				  VIRTIO_CONSOLE_CONSOLE_PORT,
				  VIRTIO_CONSOLE_PORT_NAME,
				  VIRTIO_CONSOLE_PORT_OPEN };

static struct console *of(struct virtio_device *d)
{
	return (struct console *)d; /* it is the first member */
}

/* One chain after the other, as far as there is room. */
static void send_port(struct console *c, enum console_port_id id,
		      unsigned int queue)
{
	struct virtio_device *d = &c->device;
	struct console_port *p = &c->port[id];
	size_t turn = TURN_BYTES;

	for (;;) {
		struct virtq_chain chain = { .iov = p->iov,
					     .max = CONSOLE_QUEUE };

		if (!p->busy) {
			if (!virtio_pop(d, queue, &chain))
				return;
			p->busy = true;
			p->head = chain.head;
			p->left = (struct iov){ p->iov, chain.readable };
		}
		while (p->left.count) {
			struct iovec v = p->left.at[0];
			size_t most = v.iov_len < turn ? v.iov_len : turn;
			size_t n = c->w.out(c->w.ctx, id, v.iov_base, most);

			iov_skip(&p->left, n);
			turn -= n;
			if (n < most)
				return;
			if (turn == 0) {
				d->host.kick(d->host.ctx, d, queue);
				return;
			}
		}
		p->busy = false;
		virtq_push(&d->queue[queue], p->head, 0);
	}
}

/* The driver listens, for the first time or again. */
static void open_input(struct console *c)
{
	c->open = true;
	if (!c->wanted)
		c->w.input_wanted(c->w.ctx);
	else if (c->starved)
		c->w.input_room(c->w.ctx);
	c->wanted = true;
	c->starved = false;
}

static void receive(struct console *c)
{
	struct iovec iov[CONSOLE_QUEUE];
	struct virtq_chain chain = { .iov = iov, .max = CONSOLE_QUEUE };

	while (c->open && c->in_left && virtio_pop(&c->device, RX, &chain)) {
		struct iov to = { iov + chain.readable, chain.writable };
		size_t n = iov_put(&to, c->in, c->in_left);

		c->in += n;
		c->in_left -= n;
		virtq_push(&c->device.queue[RX], chain.head, (uint32_t)n);
	}
}

/* The driver has given buffers: only who was refused is waiting for them. */
static void serve_rx(struct console *c)
{
	receive(c);
	if (c->in || !c->starved || !c->open)
		return;
	c->starved = false;
	c->w.input_room(c->w.ctx);
}

size_t console_receive(struct console *c, const uint8_t *bytes, size_t count)
{
	size_t taken;

	c->in = bytes;
	c->in_left = count;
	virtio_serve(&c->device, RX);
	taken = count - c->in_left;
	c->starved = c->in_left != 0;
	c->in = NULL;
	c->in_left = 0;
	return taken;
}

void console_room(struct console *c)
{
	if (c->port[CONSOLE_MAIN].busy)
		virtio_serve(&c->device, TX);
	if (c->port[CONSOLE_ERRORS].busy)
		virtio_serve(&c->device, ERRORS_TX);
}

/* One message, with the name behind it where it is one. */
static void send_control(struct console *c, struct virtq_chain *chain,
			 uint32_t id, uint16_t event)
{
	const struct virtio_console_control m = { .id = id,
						  .event = event,
						  .value = 1 };
	struct iov to = { chain->iov + chain->readable, chain->writable };
	size_t n = iov_put(&to, &m, sizeof(m));

	if (event == VIRTIO_CONSOLE_PORT_NAME)
		n += iov_put(&to, errors_name, sizeof(errors_name) - 1);
	virtq_push(&c->device.queue[CONTROL_RX], chain->head, (uint32_t)n);
}

static void serve_control_rx(struct console *c)
{
	struct iovec iov[CONSOLE_QUEUE];
	struct virtq_chain chain = { .iov = iov, .max = CONSOLE_QUEUE };

	for (uint32_t id = 0; id < CONSOLE_PORTS; id++)
		for (size_t i = 0; i < sizeof(events); i++) {
			unsigned int bit = 1u << events[i];

			if (!(c->port[id].pending & bit))
				continue;
			if (!virtio_pop(&c->device, CONTROL_RX, &chain))
				return;
			c->port[id].pending &= ~bit;
			send_control(c, &chain, id, events[i]);
		}
}

/* 5.3.6.2: what the driver says, and what it is told in turn. */
static void on_control(struct console *c,
		       const struct virtio_console_control *m)
{
	if (m->event == VIRTIO_CONSOLE_DEVICE_READY && m->value == 1) {
		for (unsigned int i = 0; i < CONSOLE_PORTS; i++)
			c->port[i].pending |= 1u << VIRTIO_CONSOLE_PORT_ADD;
	} else if (m->event == VIRTIO_CONSOLE_PORT_READY && m->value == 1 &&
		   m->id < CONSOLE_PORTS) {
		c->port[m->id].pending |=
			1u << VIRTIO_CONSOLE_PORT_OPEN |
			1u << (m->id == CONSOLE_MAIN
				       ? VIRTIO_CONSOLE_CONSOLE_PORT
				       : VIRTIO_CONSOLE_PORT_NAME);
	} else if (m->event == VIRTIO_CONSOLE_PORT_OPEN &&
		   m->id == CONSOLE_MAIN) {
		if (m->value)
			open_input(c);
		else
			c->open = false;
	}
}

static void serve_control_tx(struct console *c)
{
	struct iovec iov[CONSOLE_QUEUE];
	struct virtq_chain chain = { .iov = iov, .max = CONSOLE_QUEUE };

	while (virtio_pop(&c->device, CONTROL_TX, &chain)) {
		struct iov from = { iov, chain.readable };
		struct virtio_console_control m;

		if (iov_take(&from, &m, sizeof(m)) == sizeof(m))
			on_control(c, &m);
		virtq_push(&c->device.queue[CONTROL_TX], chain.head, 0);
	}
}

static void serve(struct virtio_device *d, unsigned int queue)
{
	struct console *c = of(d);

	switch (queue) {
	case RX:
		serve_rx(c);
		return;
	case TX:
		send_port(c, CONSOLE_MAIN, TX);
		return;
	case CONTROL_RX:
		serve_control_rx(c);
		return;
	case CONTROL_TX:
		serve_control_tx(c);
		/* Answers go to the other queue. */
		d->host.kick(d->host.ctx, d, CONTROL_RX);
		return;
	case ERRORS_TX:
		send_port(c, CONSOLE_ERRORS, ERRORS_TX);
		return;
	default: /* nobody sends to the port for errors */
		return;
	}
}

static void start(struct virtio_device *d)
{
	/* With several ports the driver says when it listens. */
	if (!(d->accepted & BIT(VIRTIO_CONSOLE_F_MULTIPORT)))
		open_input(of(d));
}

static void stop(struct virtio_device *d)
{
	of(d)->open = false;
	memset(of(d)->port, 0, sizeof(of(d)->port));
}

static const struct virtio_ops console_ops = {
	.name = "virtio-console",
	.id = VIRTIO_ID_CONSOLE,
	.pci_id = 0x1003,
	.pci_class = 0x0780,
	.start = start,
	.stop = stop,
	.serve = serve,
};

void console_init(struct console *c, const struct gmem *mem,
		  const struct console_wires *w)
{
	*c = (struct console){
		.config.max_nr_ports = CONSOLE_PORTS,
		.w = *w,
	};
	virtio_init(&c->device, &console_ops, mem, QUEUES, CONSOLE_QUEUE);
	c->device.offered |= BIT(VIRTIO_CONSOLE_F_MULTIPORT);
	c->device.config = &c->config;
	c->device.config_size = sizeof(c->config);
}
