// SPDX-License-Identifier: Apache-2.0
// MP table (MultiProcessor Specification 1.4, chapter 4): every CPU and the
// ISA interrupts.
#include "vmm/mptable.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/x86.h"
#include "vmm/board_pc.h"

#define ISA_IRQS    16
#define ISA_CASCADE 2
#define BUS_ISA     0
#define IOAPIC_ID   0 /* as in KVM's IOAPIC after reset: xv6 compares */

/* 4.1 */
struct __attribute__((packed)) pointer {
	char signature[4];
	uint32_t table;
	uint8_t length; /* in 16 bytes */
	uint8_t revision;
	uint8_t checksum;
	uint8_t features[5]; /* 0: there is a table, and no IMCR */
};
_Static_assert(sizeof(struct pointer) == 16, "MP pointer");

/* 4.2 */
struct __attribute__((packed)) header {
	char signature[4];
	uint16_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem[8];
	char product[12];
	uint32_t oem_table;
	uint16_t oem_size;
	uint16_t entries;
	uint32_t lapic;
	uint32_t extended;
};
_Static_assert(sizeof(struct header) == 44, "MP header");

/* 4.3.1 */
struct __attribute__((packed)) cpu {
	uint8_t type;
	uint8_t id;
	uint8_t version;
	uint8_t flags;
	uint32_t signature;
	uint32_t features;
	uint32_t reserved[2];
};
_Static_assert(sizeof(struct cpu) == 20, "MP processor");

/* 4.3.2 */
struct __attribute__((packed)) bus_entry {
	uint8_t type;
	uint8_t id;
	char name[6];
};

/* 4.3.3 */
struct __attribute__((packed)) ioapic {
	uint8_t type;
	uint8_t id;
	uint8_t version;
	uint8_t flags;
	uint32_t address;
};

/* 4.3.4 and 4.3.5: I/O and local interrupts */
struct __attribute__((packed)) interrupt {
	uint8_t type;
	uint8_t kind;
	uint16_t flags;
	uint8_t bus;
	uint8_t irq;
	uint8_t apic;
	uint8_t pin;
};
_Static_assert(sizeof(struct interrupt) == 8, "MP interrupt");

enum entry_type {
	ENTRY_CPU,
	ENTRY_BUS,
	ENTRY_IOAPIC,
	ENTRY_IO_INT,
	ENTRY_LOCAL_INT,
};

#define CPU_ENABLED 1
#define CPU_BOOT    2
#define LAPIC_XAPIC 0x14
#define FEATURES    0x201 /* FPU and APIC; kernels ask CPUID for the rest */

#define INT_INT        0
#define INT_NMI        1
#define INT_EXTINT     3
#define INT_LEVEL_HIGH 0x000d

#define ALL_APICS 0xff

/* The table being filled. */
struct table {
	struct header *h;
	size_t used;
};

static void append(struct table *t, const void *entry, size_t size)
{
	assert(t->used + size <= MPTABLE_AREA_SIZE - sizeof(struct pointer));
	memcpy((uint8_t *)t->h + t->used, entry, size);
	t->used += size;
	t->h->entries++;
}

static void append_cpus(struct table *t, unsigned int cpus)
{
	for (unsigned int i = 0; i < cpus; i++) {
		const struct cpu cpu = {
			.type = ENTRY_CPU,
			.id = (uint8_t)i,
			.version = LAPIC_XAPIC,
			.flags = i == 0 ? CPU_ENABLED | CPU_BOOT : CPU_ENABLED,
			.signature = 0x600,
			.features = FEATURES,
		};

		append(t, &cpu, sizeof(cpu));
	}
}

static void append_isa_interrupts(struct table *t)
{
	for (uint8_t irq = 0; irq < ISA_IRQS; irq++) {
		const struct interrupt entry = {
			.type = ENTRY_IO_INT,
			.kind = INT_INT,
			.flags = irq == PC_IRQ_SCI ? INT_LEVEL_HIGH : 0,
			.bus = BUS_ISA,
			.irq = irq,
			.apic = IOAPIC_ID,
			.pin = irq == 0 ? PC_GSI_TIMER : irq,
		};

		if (irq != ISA_CASCADE)
			append(t, &entry, sizeof(entry));
	}
}

/* The PICs come in on LINT0, NMI on LINT1 of every CPU. */
static void append_local_interrupts(struct table *t)
{
	const struct interrupt pic = {
		.type = ENTRY_LOCAL_INT,
		.kind = INT_EXTINT,
		.bus = BUS_ISA,
		.apic = 0,
		.pin = 0,
	};
	const struct interrupt nmi = {
		.type = ENTRY_LOCAL_INT,
		.kind = INT_NMI,
		.bus = BUS_ISA,
		.apic = ALL_APICS,
		.pin = 1,
	};

	append(t, &pic, sizeof(pic));
	append(t, &nmi, sizeof(nmi));
}

static uint8_t checksum(const void *p, size_t size)
{
	const uint8_t *b = p;
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += b[i];
	return (uint8_t)-sum;
}

int mptable_write(const struct board *board, gpa_t gpa, const struct gmem *mem,
		  struct err *e)
{
	static const struct bus_entry isa = { ENTRY_BUS, BUS_ISA, "ISA   " };
	static const struct ioapic ioapic = { ENTRY_IOAPIC, IOAPIC_ID, 0x11,
					      CPU_ENABLED, PC_IOAPIC };
	uint8_t *area = gmem_ptr(mem, gpa, MPTABLE_AREA_SIZE);
	struct pointer *p = (struct pointer *)area;
	struct table t;

	assert(gpa % 16 == 0 && gpa <= UINT32_MAX);
	if (!area)
		return err_set(e, -EFAULT,
			       "no memory for the MP table at 0x%" PRIx64, gpa);
	memset(area, 0, MPTABLE_AREA_SIZE);
	t.h = (struct header *)(p + 1);
	t.used = sizeof(*t.h);
	append_cpus(&t, board->cpus);
	append(&t, &isa, sizeof(isa));
	append(&t, &ioapic, sizeof(ioapic));
	append_isa_interrupts(&t);
	append_local_interrupts(&t);
	memcpy(t.h->signature, "PCMP", 4);
	t.h->length = (uint16_t)t.used;
	t.h->revision = 4;
	memcpy(t.h->oem, "DIVER   ", 8);
	memcpy(t.h->product, "PC          ", 12);
	t.h->lapic = LAPIC_BASE;
	t.h->checksum = checksum(t.h, t.used);
	memcpy(p->signature, "_MP_", 4);
	p->table = (uint32_t)gpa + sizeof(*p);
	p->length = 1;
	p->revision = 4;
	p->checksum = checksum(p, sizeof(*p));
	return 0;
}
