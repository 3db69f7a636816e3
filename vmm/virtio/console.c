// SPDX-License-Identifier: Apache-2.0
// Console device: hvc0, or ports with names (virtio 1.2, 5.3).
#include "vmm/virtio/console.h"

#include <assert.h>
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
	OTHERS
};

/*
 * Control messages that go to the driver, in this order: who sees the name of
 * a port finds it open.
 */
static const uint8_t events[] = { VIRTIO_CONSOLE_PORT_ADD,
				  VIRTIO_CONSOLE_CONSOLE_PORT,
				  VIRTIO_CONSOLE_PORT_OPEN,
				  VIRTIO_CONSOLE_PORT_NAME };

static unsigned int rx_of(unsigned int port)
{
	return port ? OTHERS + 2 * (port - 1) : RX;
}

static unsigned int port_of(unsigned int queue)
{
	return queue < OTHERS ? 0 : (queue - OTHERS) / 2 + 1;
}

static struct console *of(struct virtio_device *d)
{
	return (struct console *)d; /* it is the first member */
}

/* One chain after the other, as far as there is room. */
static void send_port(struct console *c, unsigned int id, unsigned int queue)
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
static void open_input(struct console *c, unsigned int id)
{
	struct console_port *p = &c->port[id];

	p->open = true;
	if (!p->wanted)
		c->w.input_wanted(c->w.ctx, id);
	else if (p->starved)
		c->w.input_room(c->w.ctx, id);
	p->wanted = true;
	p->starved = false;
}

static void receive(struct console *c, struct console_port *p,
		    unsigned int queue)
{
	struct iovec iov[CONSOLE_QUEUE];
	struct virtq_chain chain = { .iov = iov, .max = CONSOLE_QUEUE };

	while (p->open && p->in_left && virtio_pop(&c->device, queue, &chain)) {
		struct iov to = { iov + chain.readable, chain.writable };
		size_t n = iov_put(&to, p->in, p->in_left);

		p->in += n;
		p->in_left -= n;
		virtq_push(&c->device.queue[queue], chain.head, (uint32_t)n);
	}
}

/* The driver has given buffers: only who was refused is waiting for them. */
static void serve_rx(struct console *c, unsigned int id, unsigned int queue)
{
	struct console_port *p = &c->port[id];

	receive(c, p, queue);
	if (p->in || !p->starved || !p->open)
		return;
	p->starved = false;
	c->w.input_room(c->w.ctx, id);
}

size_t console_receive(struct console *c, unsigned int port,
		       const uint8_t *bytes, size_t count)
{
	struct console_port *p = &c->port[port];
	size_t taken;

	p->in = bytes;
	p->in_left = count;
	virtio_serve(&c->device, rx_of(port));
	taken = count - p->in_left;
	p->starved = p->in_left != 0;
	p->in = NULL;
	p->in_left = 0;
	return taken;
}

void console_room(struct console *c)
{
	for (unsigned int i = 0; i < c->w.ports; i++)
		if (c->port[i].busy)
			virtio_serve(&c->device, rx_of(i) + 1);
}

static void set_ended(struct console *c, unsigned int port, bool ended)
{
	if (c->port[port].ended == ended)
		return;
	c->port[port].ended = ended;
	c->port[port].pending |= 1u << VIRTIO_CONSOLE_PORT_OPEN;
	virtio_serve(&c->device, CONTROL_RX);
}

void console_end(struct console *c, unsigned int port)
{
	set_ended(c, port, true);
}

void console_begin(struct console *c, unsigned int port)
{
	set_ended(c, port, false);
}

bool console_drain(struct console *c)
{
	struct virtio_device *d = &c->device;
	bool drained = true;

	for (unsigned int i = 0; i < c->w.ports; i++) {
		d->drained = true; /* a queue that is not there has nothing */
		virtio_serve(d, rx_of(i) + 1);
		drained = drained && d->drained && !c->port[i].busy;
	}
	return drained;
}

/* One message, with the name behind it where it is one. */
static void send_control(struct console *c, struct virtq_chain *chain,
			 uint32_t id, uint16_t event)
{
	bool is_end = event == VIRTIO_CONSOLE_PORT_OPEN && c->port[id].ended;
	const struct virtio_console_control m = { .id = id,
						  .event = event,
						  .value = !is_end };
	struct iov to = { chain->iov + chain->readable, chain->writable };
	size_t n = iov_put(&to, &m, sizeof(m));

	if (event == VIRTIO_CONSOLE_PORT_NAME)
		n += iov_put(&to, c->w.name[id], strlen(c->w.name[id]));
	virtq_push(&c->device.queue[CONTROL_RX], chain->head, (uint32_t)n);
}

static void serve_control_rx(struct console *c)
{
	struct iovec iov[CONSOLE_QUEUE];
	struct virtq_chain chain = { .iov = iov, .max = CONSOLE_QUEUE };

	for (uint32_t id = 0; id < c->w.ports; id++)
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
		for (unsigned int i = 0; i < c->w.ports; i++)
			c->port[i].pending |= 1u << VIRTIO_CONSOLE_PORT_ADD;
	} else if (m->id >= c->w.ports) {
		return;
	} else if (m->event == VIRTIO_CONSOLE_PORT_READY && m->value == 1) {
		c->port[m->id].pending |=
			1u << VIRTIO_CONSOLE_PORT_OPEN |
			1u << (c->w.name[m->id] ? VIRTIO_CONSOLE_PORT_NAME
						: VIRTIO_CONSOLE_CONSOLE_PORT);
	} else if (m->event == VIRTIO_CONSOLE_PORT_OPEN) {
		if (m->value)
			open_input(c, m->id);
		else
			c->port[m->id].open = false;
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

	if (queue == CONTROL_RX) {
		serve_control_rx(c);
	} else if (queue == CONTROL_TX) {
		serve_control_tx(c);
		/* Answers go to the other queue. */
		d->host.kick(d->host.ctx, d, CONTROL_RX);
	} else if (queue % 2 == 0) {
		serve_rx(c, port_of(queue), queue);
	} else {
		send_port(c, port_of(queue), queue);
	}
}

static void start(struct virtio_device *d)
{
	/* With several ports the driver says when it listens. */
	if (!(d->accepted & BIT(VIRTIO_CONSOLE_F_MULTIPORT)))
		open_input(of(d), 0);
}

static void stop(struct virtio_device *d)
{
	struct console *c = of(d);

	for (unsigned int i = 0; i < c->w.ports; i++) {
		c->port[i].open = c->port[i].busy = false;
		c->port[i].pending = 0;
	}
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
		.config.max_nr_ports = w->ports,
		.w = *w,
	};
	assert(w->ports && w->ports <= CONSOLE_PORTS_MAX);
	virtio_init(&c->device, &console_ops, mem, OTHERS + 2 * (w->ports - 1),
		    CONSOLE_QUEUE);
	c->device.offered |= BIT(VIRTIO_CONSOLE_F_MULTIPORT);
	c->device.config = &c->config;
	c->device.config_size = sizeof(c->config);
}
