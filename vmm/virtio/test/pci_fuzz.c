// SPDX-License-Identifier: Apache-2.0
// Fuzzes virtio over PCI: configuration space, both BARs wherever they are,
// and the memory that the queues lie in.
#include <string.h>

#include "vmm/dev/test/fuzz.h"
#include "vmm/virtio/rng.h"
#include "vmm/virtio/test/rig.h"

#define CONFIG (0xe0000000u + (RIG_DEVICE << 15))

struct model {
	struct rig rig;
	struct rng rng;
};

static uint64_t config(struct model *m, unsigned int reg, unsigned int size)
{
	return bus_read(&m->rig.bus, CONFIG + reg, size, NULL);
}

/* Modern registers, at their first place or where they are now. */
static uint64_t memory_at(const struct model *m, uint64_t where)
{
	uint64_t base =
		m->rig.function.memory ? m->rig.function.memory : RIG_MEM;

	/* The low bits choose the page, the high ones the register. */
	return base + (where & 7) * 0x1000 + ((where >> 3) & 0x7f);
}

static void step(struct model *m, struct fuzz_input *in)
{
	unsigned int op = (unsigned int)fuzz_take(in, 1) % 9;
	uint64_t where = fuzz_take(in, 2);
	unsigned int bytes = fuzz_size(in);
	uint64_t value = fuzz_take(in, bytes);

	if (op == 0)
		bus_write(&m->rig.bus, CONFIG + where % 0x110, bytes, value);
	else if (op == 1)
		(void)config(m, where % 0x110, bytes);
	else if (op == 2)
		bus_write(&m->rig.bus, memory_at(m, where), bytes, value);
	else if (op == 3)
		bus_read(&m->rig.bus, memory_at(m, where), bytes, NULL);
	else if (op == 4)
		bus_write(&m->rig.pio, m->rig.function.port + where % 0x82,
			  bytes, value);
	else if (op == 5)
		bus_read(&m->rig.pio, m->rig.function.port + where % 0x82,
			 bytes, NULL);
	else if (op == 6 && where + bytes <= RIG_MEMORY)
		memcpy(m->rig.ram + where, &value, bytes);
	else if (op == 7)
		rig_desc(&m->rig, where % RIG_SIZE,
			 (struct vring_desc){ value & 0xffff,
					      (uint32_t)(value >> 16) & 0x1fff,
					      (value >> 32) & 7,
					      (value >> 40) & 0x1f });
	else
		(void)rig_serve(&m->rig);
}

static void check(struct model *m)
{
	uint64_t flags = config(m, 0x42, 2);
	uint64_t command = config(m, 4, 2);

	FUZZ_CHECK(config(m, 0, 4) == 0x10051af4);
	FUZZ_CHECK((flags & 0x3fff) == VIRTIO_PCI_VECTORS - 1);
	/* A line is what the ISR says, unless something forbids it. */
	FUZZ_CHECK(m->rig.level == (m->rig.function.isr && !(flags & 0x8000) &&
				    !(command & 0x400)));
	/* Decoded only where and when the registers say so. */
	FUZZ_CHECK(!m->rig.function.port ||
		   ((command & 1) &&
		    config(m, 0x10, 4) == (m->rig.function.port | 1)));
	FUZZ_CHECK(!m->rig.function.memory ||
		   ((command & 2) &&
		    config(m, 0x14, 4) == m->rig.function.memory));
	FUZZ_CHECK(m->rig.bus.count <= 2 && m->rig.pio.count <= 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	static struct model m;
	static const struct exits exits;

	rig_memory(&m.rig);
	rng_init(&m.rng, &m.rig.mem);
	rig_attach_pci(&m.rig, &m.rng.device);
	m.rig.pci.exits = &exits; /* port 0xcf9 is not reached */
	for (int i = 0; i < FUZZ_STEPS_MAX && in.left > 0; i++) {
		step(&m, &in);
		check(&m);
	}
	rig_free(&m.rig);
	return 0;
}
