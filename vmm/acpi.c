// SPDX-License-Identifier: Apache-2.0
// Writes RSDP, RSDT, XSDT, FADT, FACS, MADT, MCFG and DSDT (ACPI 6.5, 5.2).
#include "vmm/acpi.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/x86.h"
#include "vmm/board_pc.h"
#include "vmm/dsdt.h"

#define TABLES 3 /* in RSDT and XSDT: FADT, MADT, MCFG */

/* 5.2.5.3 */
struct __attribute__((packed)) rsdp {
	char signature[8];
	uint8_t checksum;
	char oem[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t checksum_all;
	uint8_t reserved[3];
};
_Static_assert(sizeof(struct rsdp) == 36, "RSDP");

/* 5.2.6 */
struct __attribute__((packed)) header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem[6];
	char oem_table[8];
	uint32_t oem_revision;
	char creator[4];
	uint32_t creator_revision;
};
_Static_assert(sizeof(struct header) == 36, "header");

/* 5.2.3.2, generic address structure */
struct __attribute__((packed)) gas {
	uint8_t space;
	uint8_t bits;
	uint8_t offset;
	uint8_t access;
	uint64_t address;
};

/* 5.2.9 as of revision 3, which old kernels know, too */
struct __attribute__((packed)) fadt {
	struct header h;
	uint32_t facs;
	uint32_t dsdt;
	uint8_t reserved0[2];
	uint16_t sci_int;
	uint8_t reserved1[8];
	uint32_t pm1a_evt;
	uint32_t pm1b_evt;
	uint32_t pm1a_cnt;
	uint32_t pm1b_cnt;
	uint32_t pm2_cnt;
	uint32_t pm_tmr;
	uint8_t reserved2[8];
	uint8_t pm1_evt_len;
	uint8_t pm1_cnt_len;
	uint8_t pm2_cnt_len;
	uint8_t pm_tmr_len;
	uint8_t reserved3[4];
	uint16_t c2_latency;
	uint16_t c3_latency;
	uint8_t reserved4[8];
	uint8_t century;
	uint16_t boot_arch;
	uint8_t reserved5;
	uint32_t flags;
	struct gas reset_reg;
	uint8_t reset_value;
	uint8_t reserved6[3];
	uint64_t x_facs;
	uint64_t x_dsdt;
	struct gas x_pm1a_evt;
	struct gas x_pm1b_evt;
	struct gas x_pm1a_cnt;
	struct gas x_pm1b_cnt;
	struct gas x_pm2_cnt;
	struct gas x_pm_tmr;
	struct gas x_gpe0;
	struct gas x_gpe1;
};
_Static_assert(sizeof(struct fadt) == 244, "FADT");
_Static_assert(offsetof(struct fadt, century) == 108, "FADT");
_Static_assert(offsetof(struct fadt, x_pm_tmr) == 208, "FADT");

#define FADT_LEGACY_DEVICES 0x0001
#define FADT_8042           0x0002

#define FADT_WBINVD        (1u << 0)
#define FADT_PROC_C1       (1u << 2)
#define FADT_NO_PWR_BUTTON (1u << 4)
#define FADT_NO_SLP_BUTTON (1u << 5)
#define FADT_NO_RTC_WAKE   (1u << 6)
#define FADT_TMR_32        (1u << 8)
#define FADT_RESET_REG     (1u << 10)

#define NO_C_STATE 0xfff /* a latency above any allowed one */

/* 5.2.10 */
struct __attribute__((packed)) facs {
	char signature[4];
	uint32_t length;
	uint8_t reserved0[24];
	uint8_t version;
	uint8_t reserved1[31];
};
_Static_assert(sizeof(struct facs) == 64, "FACS");

/* 5.2.12 and its entries */
struct __attribute__((packed)) madt {
	struct header h;
	uint32_t lapic;
	uint32_t flags;
};

struct __attribute__((packed)) madt_lapic {
	uint8_t type;
	uint8_t length;
	uint8_t uid;
	uint8_t id;
	uint32_t flags;
};

struct __attribute__((packed)) madt_rest {
	struct __attribute__((packed)) {
		uint8_t type;
		uint8_t length;
		uint8_t id;
		uint8_t reserved;
		uint32_t address;
		uint32_t gsi_base;
	} ioapic;
	struct __attribute__((packed)) {
		uint8_t type;
		uint8_t length;
		uint8_t bus;
		uint8_t source;
		uint32_t gsi;
		uint16_t flags;
	} override[2];
	struct __attribute__((packed)) {
		uint8_t type;
		uint8_t length;
		uint8_t uid;
		uint16_t flags;
		uint8_t lint;
	} nmi;
};
_Static_assert(sizeof(struct madt_rest) == 12 + 2 * 10 + 6, "MADT");

#define MADT_PCAT       0x1 /* two 8259 are there */
#define MADT_ENABLED    0x1
#define MADT_LEVEL_HIGH 0x000d

/* PCI Firmware 3.3, 4.1.2 */
struct __attribute__((packed)) mcfg {
	struct header h;
	uint64_t reserved0;
	uint64_t base;
	uint16_t segment;
	uint8_t bus_first;
	uint8_t bus_last;
	uint32_t reserved1;
};
_Static_assert(sizeof(struct mcfg) == 60, "MCFG");

/* The area being filled: @p is at guest-physical @gpa. */
struct area {
	uint8_t *p;
	uint32_t gpa;
	size_t used;
};

static uint8_t checksum(const void *p, size_t size)
{
	const uint8_t *b = p;
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += b[i];
	return (uint8_t)-sum;
}

/* Takes @size bytes, 64-byte aligned as the FACS wants it. */
static void *take(struct area *a, size_t size, uint32_t *ret_gpa)
{
	size_t at = (a->used + 63) & ~(size_t)63;

	assert(at + size <= ACPI_AREA_SIZE);
	a->used = at + size;
	*ret_gpa = a->gpa + (uint32_t)at;
	return a->p + at;
}

static void finish(struct header *h, const char *signature, uint8_t revision,
		   size_t length)
{
	memcpy(h->signature, signature, 4);
	h->length = (uint32_t)length;
	h->revision = revision;
	memcpy(h->oem, "DIVER ", 6);
	memcpy(h->oem_table, "DIVERPC ", 8);
	h->oem_revision = 1;
	memcpy(h->creator, "DIVE", 4);
	h->creator_revision = 1;
	h->checksum = 0;
	h->checksum = checksum(h, length);
}

static struct gas port(uint16_t address, uint8_t bytes)
{
	return (struct gas){
		.space = 1,
		.bits = (uint8_t)(8 * bytes),
		.access = bytes == 1, /* others: as the register wants */
		.address = address,
	};
}

static uint32_t write_facs(struct area *a)
{
	uint32_t gpa;
	struct facs *f = take(a, sizeof(*f), &gpa);

	memcpy(f->signature, "FACS", 4);
	f->length = sizeof(*f);
	f->version = 1;
	return gpa;
}

static uint32_t write_dsdt(struct area *a, const struct board *board)
{
	uint32_t gpa;
	struct header *h = take(a, sizeof(*h), &gpa);
	struct aml aml = {
		.bytes = a->p + a->used,
		.size = ACPI_AREA_SIZE - a->used,
	};

	dsdt_write(&aml, board);
	a->used += aml.used;
	finish(h, "DSDT", 2, sizeof(*h) + aml.used);
	return gpa;
}

static uint32_t write_fadt(struct area *a, uint32_t facs, uint32_t dsdt)
{
	uint32_t gpa;
	struct fadt *f = take(a, sizeof(*f), &gpa);

	f->facs = facs;
	f->dsdt = dsdt;
	f->x_facs = facs; /* Xen warns when they differ */
	f->x_dsdt = dsdt;
	f->sci_int = PC_IRQ_SCI;
	f->pm1a_evt = PM_EVENT_PORT;
	f->pm1a_cnt = PM_CNT_PORT;
	f->pm_tmr = PM_TIMER_PORT;
	f->pm1_evt_len = 4;
	f->pm1_cnt_len = 2;
	f->pm_tmr_len = 4;
	f->c2_latency = NO_C_STATE;
	f->c3_latency = NO_C_STATE;
	f->century = RTC_CENTURY;
	f->boot_arch = FADT_LEGACY_DEVICES | FADT_8042;
	f->flags = FADT_WBINVD | FADT_PROC_C1 | FADT_NO_PWR_BUTTON |
		   FADT_NO_SLP_BUTTON | FADT_NO_RTC_WAKE | FADT_TMR_32 |
		   FADT_RESET_REG;
	f->reset_reg = port(0xcf9, 1);
	f->reset_value = 0x06;
	f->x_pm1a_evt = port(PM_EVENT_PORT, 4);
	f->x_pm1a_cnt = port(PM_CNT_PORT, 2);
	f->x_pm_tmr = port(PM_TIMER_PORT, 4);
	finish(&f->h, "FACP", 3, sizeof(*f));
	return gpa;
}

static uint32_t write_madt(struct area *a, const struct board *board)
{
	const size_t cpus_size = board->cpus * sizeof(struct madt_lapic);
	const struct madt_rest rest = {
		/* KVM's IOAPIC has ID 0 until a kernel changes it. */
		.ioapic = {1, sizeof(rest.ioapic), 0, 0, PC_IOAPIC, 0},
		.override = {
			{2, sizeof(rest.override[0]), 0, 0, PC_GSI_TIMER, 0},
			{2, sizeof(rest.override[1]), 0, PC_IRQ_SCI,
			 PC_IRQ_SCI, MADT_LEVEL_HIGH},
		},
		.nmi = {4, sizeof(rest.nmi), 0xff, 0, 1},
	};
	size_t length = sizeof(struct madt) + cpus_size + sizeof(rest);
	uint32_t gpa;
	struct madt *m = take(a, length, &gpa);
	struct madt_lapic *cpu = (struct madt_lapic *)(m + 1);

	m->lapic = LAPIC_BASE;
	m->flags = MADT_PCAT;
	for (unsigned int i = 0; i < board->cpus; i++)
		cpu[i] = (struct madt_lapic){
			.length = sizeof(*cpu),
			.uid = (uint8_t)i,
			.id = (uint8_t)i,
			.flags = MADT_ENABLED,
		};
	memcpy(cpu + board->cpus, &rest, sizeof(rest));
	finish(&m->h, "APIC", 3, length);
	return gpa;
}

static uint32_t write_mcfg(struct area *a)
{
	uint32_t gpa;
	struct mcfg *m = take(a, sizeof(*m), &gpa);

	m->base = PC_ECAM;
	finish(&m->h, "MCFG", 1, sizeof(*m));
	return gpa;
}

static uint32_t write_rsdt(struct area *a, const uint32_t table[TABLES])
{
	uint32_t gpa;
	struct __attribute__((packed)) {
		struct header h;
		uint32_t table[TABLES];
	} *t = take(a, sizeof(*t), &gpa);

	for (unsigned int i = 0; i < TABLES; i++)
		t->table[i] = table[i];
	finish(&t->h, "RSDT", 1, sizeof(*t));
	return gpa;
}

static uint32_t write_xsdt(struct area *a, const uint32_t table[TABLES])
{
	uint32_t gpa;
	struct __attribute__((packed)) {
		struct header h;
		uint64_t table[TABLES];
	} *t = take(a, sizeof(*t), &gpa);

	for (unsigned int i = 0; i < TABLES; i++)
		t->table[i] = table[i];
	finish(&t->h, "XSDT", 1, sizeof(*t));
	return gpa;
}

static void write_rsdp(struct rsdp *r, uint32_t rsdt, uint32_t xsdt)
{
	memcpy(r->signature, "RSD PTR ", 8);
	memcpy(r->oem, "DIVER ", 6);
	r->revision = 2;
	r->rsdt = rsdt;
	r->xsdt = xsdt;
	r->length = sizeof(*r);
	r->checksum = checksum(r, offsetof(struct rsdp, length));
	r->checksum_all = checksum(r, sizeof(*r));
}

int acpi_write(const struct board *board, const struct gmem *mem, struct err *e)
{
	struct area a = {
		.p = gmem_ptr(mem, board->rsdp, ACPI_AREA_SIZE),
		.gpa = (uint32_t)board->rsdp,
	};
	uint32_t table[TABLES];
	uint32_t facs;
	struct rsdp *rsdp;

	assert(board->rsdp % 64 == 0 && board->rsdp <= UINT32_MAX);
	if (!a.p)
		return err_set(e, -EFAULT,
			       "no memory for ACPI tables at 0x%" PRIx64,
			       board->rsdp);
	rsdp = take(&a, sizeof(*rsdp), &table[0]);
	facs = write_facs(&a);
	table[0] = write_fadt(&a, facs, write_dsdt(&a, board));
	table[1] = write_madt(&a, board);
	table[2] = write_mcfg(&a);
	write_rsdp(rsdp, write_rsdt(&a, table), write_xsdt(&a, table));
	return 0;
}
