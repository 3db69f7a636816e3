// SPDX-License-Identifier: Apache-2.0
// The part of RAM that Diver keeps: laid out, filled, mapped.
#include "loader/contract_area.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/x86.h"
#include "contract/dive/control.h"
#include "contract/dive/note.h"
#include "contract/lib/ring.h"
#include "contract/stub/stub.h"
#include "loader/fdt.h"

#define GIB          (1ull << 30)
#define STACK_STRIDE (PAGE_4K + DIVE_STACK_SIZE) /* guard page below */

/*
 * Tables for what is mapped in 4 KiB pieces: page 0, the LAPIC, the edges of
 * the image's segments (twice, for virt_base). A page not used costs nothing.
 */
#define TABLE_SPARE_PAGES 96ull

extern const uint8_t stub_blob[];
extern const uint8_t stub_blob_end[];

static uint64_t stub_size(void)
{
	/* The linker puts them around one object. */
	/* cppcheck-suppress comparePointers */
	return (uint64_t)(stub_blob_end - stub_blob);
}

static bool is_mapped(const struct board_range *r)
{
	return r->type == RANGE_RAM || r->type == RANGE_WINDOW;
}

static uint64_t tables_size(const struct board *b, uint64_t area_size)
{
	uint64_t pages = TABLE_SPARE_PAGES + 2 * (area_size / PAGE_2M + 2);

	for (unsigned int i = 0; i < b->ranges; i++)
		if (is_mapped(&b->range[i]))
			pages += b->range[i].size / GIB + 2;
	return pages * PAGE_4K;
}

static uint64_t ram_size(const struct board *b)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < b->ranges; i++)
		if (b->range[i].type == RANGE_RAM)
			sum += b->range[i].size;
	return sum;
}

/* The last RAM range with room: the area lies at its top. */
static const struct board_range *area_ram(const struct board *b, uint64_t size)
{
	for (unsigned int i = b->ranges; i-- > 0;)
		if (b->range[i].type == RANGE_RAM &&
		    b->range[i].size / 2 >= size)
			return &b->range[i];
	return NULL;
}

int contract_plan(const struct board *board, struct contract_area *ret,
		  struct err *e)
{
	uint64_t ring = DIVE_RING_HEADER + (uint64_t)board->ring_size;
	uint64_t fixed = PAGE_4K +
			 board->cpus * (CPU_PAGE_SIZE + STACK_STRIDE) +
			 CONTRACT_RINGS * ring;
	uint64_t tables = tables_size(board, fixed);
	uint64_t readonly = round_up(stub_size(), PAGE_4K) + FDT_SIZE_MAX;
	uint64_t size = fixed + tables + readonly;
	const struct board_range *ram = area_ram(board, size);
	gpa_t at;

	if (!ram)
		return err_set(e, -ENOEXEC,
			       "%" PRIu64 " KiB of memory are too little: "
			       "Diver itself keeps %" PRIu64 " KiB; give at "
			       "least %" PRIu64 "M with --mem",
			       ram_size(board) >> 10, size >> 10,
			       (size >> 19) + 1);
	at = ram->gpa + ram->size - size;
	*ret = (struct contract_area){ .gpa = at, .size = size };
	ret->control = at;
	ret->cpu_pages = ret->control + PAGE_4K;
	ret->stacks = ret->cpu_pages + board->cpus * (uint64_t)CPU_PAGE_SIZE;
	ret->tables = ret->stacks + board->cpus * STACK_STRIDE;
	ret->tables_size = tables;
	at = ret->tables + tables;
	for (unsigned int i = 0; i < CONTRACT_RINGS; i++, at += ring)
		ret->ring[i] = at;
	ret->readonly = at;
	ret->fdt = at + round_up(stub_size(), PAGE_4K);
	return 0;
}

/* A 64-bit interrupt gate on IST 1 (Intel SDM 3A 6.14.1). */
static void put_gate(uint8_t *idt, unsigned int vector, uint64_t handler)
{
	uint64_t low = (handler & 0xffff) | (uint64_t)DIVE_SEL_CODE << 16 |
		       1ull << 32 | 0x8eull << 40 |
		       (handler >> 16 & 0xffff) << 48;
	uint64_t high = handler >> 32;

	memcpy(idt + vector * 16ul, &low, 8);
	memcpy(idt + vector * 16ul + 8, &high, 8);
}

static void put_stub(const struct gmem *mem, gpa_t at)
{
	struct stub_header header;
	uint8_t *to = gmem_ptr(mem, at, stub_size());

	assert(to);
	memcpy(to, stub_blob, stub_size());
	memcpy(&header, stub_blob, sizeof(header));
	assert(header.magic == STUB_HEADER_MAGIC);
	for (unsigned int i = 0; i < 256; i++)
		put_gate(to + header.idt, i,
			 at + header.vectors + i * STUB_VECTOR_SIZE);
}

/* Null, code, data, TSS (Intel SDM 3A 3.4.5, 7.2.3); all accessed. */
static void put_gdt(struct cpu_page *page, gpa_t at)
{
	uint64_t tss = at + CPU_PAGE_TSS;
	uint64_t ist1 = at + CPU_PAGE_SIZE;
	uint16_t io_map = sizeof(page->tss);

	page->gdt[DIVE_SEL_CODE / 8] = 0x00af9b000000ffffull;
	page->gdt[DIVE_SEL_DATA / 8] = 0x00cf93000000ffffull;
	page->gdt[DIVE_SEL_TSS / 8] = (sizeof(page->tss) - 1) |
				      (tss & 0xffffff) << 16 | 0x89ull << 40 |
				      (tss >> 24 & 0xff) << 56;
	page->gdt[DIVE_SEL_TSS / 8 + 1] = tss >> 32;
	memcpy(page->tss + 36, &ist1, 8);
	memcpy(page->tss + 102, &io_map, 2);
}

static void put_cpu(const struct load_request *req,
		    const struct contract_area *area, unsigned int cpu,
		    uint64_t kernel_entry)
{
	gpa_t at = area->cpu_pages + cpu * (uint64_t)CPU_PAGE_SIZE;
	struct cpu_page *page = gmem_ptr(req->mem, at, CPU_PAGE_SIZE);

	assert(page);
	page->crash.magic = DIVE_CRASH_MAGIC;
	page->crash.version = DIVE_CONTRACT_VERSION;
	page->crash.size = sizeof(page->crash);
	page->start.entry = cpu == 0 ? kernel_entry : 0;
	page->start.fdt = area->fdt;
	page->start.stack_top = area->stacks + (cpu + 1) * STACK_STRIDE;
	page->start.doorbell_port = req->board->doorbell_port;
	put_gdt(page, at);
}

void contract_area_fill(const struct load_request *req,
			const struct contract_area *area, uint64_t kernel_entry)
{
	struct dive_control *control =
		gmem_ptr(req->mem, area->control, DIVE_CONTROL_SIZE);

	assert(control);
	control->magic = DIVE_CONTROL_MAGIC;
	control->version = DIVE_CONTRACT_VERSION;
	control->size = sizeof(*control);
	for (unsigned int i = 0; i < req->board->cpus; i++)
		put_cpu(req, area, i, kernel_entry);
	for (unsigned int i = 0; i < CONTRACT_RINGS; i++) {
		struct dive_ring *ring = gmem_ptr(
			req->mem, area->ring[i],
			DIVE_RING_HEADER + (uint64_t)req->board->ring_size);

		assert(ring);
		ring_format(ring, req->board->ring_size);
	}
	put_stub(req->mem, area->readonly);
}

int contract_area_map(const struct load_request *req,
		      const struct contract_area *area, struct pagetable *pt,
		      struct err *e)
{
	const struct board *b = req->board;
	gpa_t end = area->gpa + area->size;
	gpa_t code = area->readonly;
	int rc = 0;

	for (unsigned int i = 0; i < b->ranges && !rc; i++)
		if (is_mapped(&b->range[i]))
			rc = pagetable_map(pt, b->range[i].gpa, b->range[i].gpa,
					   b->range[i].size,
					   PTE_P | PTE_W | PTE_NX, e);
	if (!rc && gmem_ptr(req->mem, 0, PAGE_4K))
		rc = pagetable_map(pt, 0, 0, PAGE_4K, 0, e);
	for (unsigned int i = 0; i < b->cpus && !rc; i++)
		rc = pagetable_map(pt, area->stacks + i * STACK_STRIDE, 0,
				   PAGE_4K, 0, e);
	if (!rc)
		rc = pagetable_map(pt, code, code, area->fdt - code, PTE_P, e);
	if (!rc)
		rc = pagetable_map(pt, area->fdt, area->fdt, end - area->fdt,
				   PTE_P | PTE_NX, e);
	if (!rc && !b->x2apic)
		rc = pagetable_map(pt, LAPIC_BASE, LAPIC_BASE, PAGE_4K,
				   PTE_P | PTE_W | PTE_PCD | PTE_PWT | PTE_NX,
				   e);
	for (unsigned int i = 0; i < b->virtios && !rc; i++)
		rc = pagetable_map(pt, b->virtio[i].gpa, b->virtio[i].gpa,
				   PAGE_4K,
				   PTE_P | PTE_W | PTE_PCD | PTE_PWT | PTE_NX,
				   e);
	return rc;
}
