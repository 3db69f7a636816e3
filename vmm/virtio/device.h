/* SPDX-License-Identifier: Apache-2.0 */
/* What is common to all virtio devices, whatever the transport. */
#ifndef VMM_VIRTIO_DEVICE_H
#define VMM_VIRTIO_DEVICE_H

#include "vmm/virtio/queue.h"

#define VIRTIO_QUEUES_MAX 10
#define VIRTIO_CONFIG     VIRTIO_QUEUES_MAX /* instead of a queue's number */

struct virtio_device;

/**
 * struct virtio_doorbell - the write by which a driver notifies
 * @is_port: to an I/O port, else to memory
 * @match: only when the value is @value
 * @addr: port or guest-physical address
 * @size: bytes
 * @value: see @match
 */
struct virtio_doorbell {
	bool is_port;
	bool match;
	uint64_t addr;
	unsigned int size;
	uint32_t value;
};

/**
 * struct virtio_ops - what kind of device it is
 * @name: for people
 * @id: device ID (virtio 1.2, 5)
 * @pci_id: PCI device ID of a transitional device; 0 = there is none, the
 *	device is modern only
 * @pci_class: class and subclass
 * @start: the driver is ready, features are fixed; may be NULL
 * @stop: a reset: on return no buffer of the guest is in use; may be NULL
 * @moved: the driver has taken a queue back or set it up again while it was
 *	ready; may be NULL
 * @serve: take from a queue what there is; called by virtio_serve() only. NULL
 *	= who serves waits for virtio_device.kick
 *
 * All calls come with the machine's lock held, from any thread.
 */
struct virtio_ops {
	const char *name;
	uint16_t id;
	uint16_t pci_id;
	uint16_t pci_class;
	void (*start)(struct virtio_device *d);
	void (*stop)(struct virtio_device *d);
	void (*moved)(struct virtio_device *d, unsigned int queue);
	void (*serve)(struct virtio_device *d, unsigned int queue);
};

/**
 * struct virtio_host - the machine's side of a device
 * @kick: have virtio_serve() called soon, on the I/O thread
 * @live: the driver is ready (true): notifications may bypass the transport;
 *	or no longer, or the transport has moved (false)
 * @trouble: the driver broke a queue; once per reset
 * @ctx: passed to all of them
 */
struct virtio_host {
	void (*kick)(void *ctx, struct virtio_device *d, unsigned int queue);
	void (*live)(void *ctx, struct virtio_device *d, bool on);
	void (*trouble)(void *ctx, struct virtio_device *d, unsigned int queue,
			const char *why);
	void *ctx;
};

/**
 * struct virtio_device - a device; embedded in a device of some kind
 * @ops: its kind
 * @mem: memory that it may use; borrowed
 * @offered: features (device and VIRTIO_F_...), without VIRTIO_F_VERSION_1,
 *	which every device offers
 * @accepted: features that the driver accepted
 * @status: device status (2.1)
 * @legacy: the driver uses the interface of before virtio 1.0
 * @queue: the queues
 * @queues: how many
 * @kick: eventfd of each queue, the machine's: the driver has notified
 * @call: eventfd of each queue by which somebody else has the driver told; -1 =
 *	the device does so, or the transport for it
 * @budget: chains that the present virtio_serve() may still take
 * @drained: it has seen the queue empty
 * @config: configuration space, read only for the driver; borrowed
 * @config_size: bytes
 * @interrupt: the transport's: tell the driver of a queue, or VIRTIO_CONFIG
 * @doorbell: the transport's: where the driver notifies of a queue; false when
 *	it cannot at present
 * @transport: passed to both
 * @host: the machine's side
 */
struct virtio_device {
	const struct virtio_ops *ops;
	const struct gmem *mem;
	uint64_t offered;
	uint64_t accepted;
	uint8_t status;
	bool legacy;
	struct virtq queue[VIRTIO_QUEUES_MAX];
	unsigned int queues;
	int kick[VIRTIO_QUEUES_MAX];
	int call[VIRTIO_QUEUES_MAX];
	uint16_t budget;
	bool drained;
	const void *config;
	unsigned int config_size;
	void (*interrupt)(void *transport, unsigned int queue);
	bool (*doorbell)(void *transport, unsigned int queue,
			 struct virtio_doorbell *ret);
	void *transport;
	struct virtio_host host;
};

/**
 * virtio_init() - what every device starts with
 * @d: overwritten; the transport and the machine connect themselves later
 * @ops: kind; borrowed
 * @mem: borrowed
 * @queues: how many
 * @size: entries of each queue, a power of two
 */
void virtio_init(struct virtio_device *d, const struct virtio_ops *ops,
		 const struct gmem *mem, unsigned int queues, uint16_t size);

/* For the transports: what the driver does. */

/**
 * virtio_offered() - features to show
 * @d: device
 *
 * Return: all bits.
 */
uint64_t virtio_offered(const struct virtio_device *d);

/**
 * virtio_accept() - the driver writes a half of its features
 * @d: device; ignored when features are fixed
 * @half: 0 or 1; others are ignored
 * @bits: as written; virtio_set_status() judges them
 */
void virtio_accept(struct virtio_device *d, uint32_t half, uint32_t bits);

/**
 * virtio_set_status() - the driver writes the status
 * @d: device
 * @value: 0 = reset
 */
void virtio_set_status(struct virtio_device *d, uint8_t value);

/**
 * virtio_enable_queue() - the driver has set up a queue
 * @d: device
 * @queue: below d->queues; size and addresses are set
 */
void virtio_enable_queue(struct virtio_device *d, unsigned int queue);

/**
 * virtio_disable_queue() - the driver takes a queue back
 * @d: device
 * @queue: below d->queues; nothing of it is in use any more on return, and it
 *	is forgotten but for what the device offers
 */
void virtio_disable_queue(struct virtio_device *d, unsigned int queue);

/**
 * virtio_notify() - the driver says that it has filled a queue
 * @d: device
 * @queue: as written, any value
 */
void virtio_notify(struct virtio_device *d, uint32_t queue);

/**
 * virtio_read_config() - the driver reads the configuration space
 * @d: device
 * @offset: any value
 * @size: 1, 2, 4 or 8
 *
 * Return: the value; bytes that are not there are 0.
 */
uint64_t virtio_read_config(const struct virtio_device *d, uint64_t offset,
			    unsigned int size);

/* For the machine and the device. */

/**
 * virtio_is_live() - may queues be used
 * @d: device
 *
 * Return: true between DRIVER_OK and a reset, unless a queue broke.
 */
bool virtio_is_live(const struct virtio_device *d);

/**
 * virtio_serve() - let the device look at a queue, then talk to the driver
 * @d: device; nothing happens when it is not live
 * @queue: below d->queues
 *
 * Bounded: a driver that fills the queue for ever is served in turns.
 */
void virtio_serve(struct virtio_device *d, unsigned int queue);

/**
 * virtio_take() - take a chain, inside virtio_ops.serve, unseen
 * @d: device
 * @queue: below d->queues
 * @ret_head: see virtq_take()
 *
 * Return: false when there is none, or it is somebody else's turn.
 */
bool virtio_take(struct virtio_device *d, unsigned int queue,
		 uint16_t *ret_head);

/**
 * virtio_pop() - take a chain, inside virtio_ops.serve
 * @d: device
 * @queue: below d->queues
 * @chain: see virtq_pop()
 *
 * Return: false when there is none, or it is somebody else's turn.
 */
bool virtio_pop(struct virtio_device *d, unsigned int queue,
		struct virtq_chain *chain);

/**
 * virtio_interrupt() - tell the driver what was pushed, if it wants to know
 * @d: device
 * @queue: below d->queues
 *
 * virtio_serve() does it at its end.
 */
void virtio_interrupt(struct virtio_device *d, unsigned int queue);

/**
 * virtio_break() - the driver asked for something that cannot be
 * @d: device
 * @queue: below d->queues
 * @why: static string
 *
 * The device stands still until it is reset.
 */
void virtio_break(struct virtio_device *d, unsigned int queue, const char *why);

#endif
