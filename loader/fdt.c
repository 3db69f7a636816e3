// SPDX-License-Identifier: Apache-2.0
// The machine as a flattened device tree, written in one pass with libfdt.
#include "loader/fdt.h"

#include <errno.h>
#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "contract/dive/control.h"
#include "contract/dive/ring.h"
#include "contract/stub/stub.h"

#define DOORBELL_PHANDLE 1

/* One tree being written; the first libfdt error sticks. */
struct tree {
	void *fdt;
	int rc;
};

static void begin(struct tree *t, const char *name)
{
	if (!t->rc)
		t->rc = fdt_begin_node(t->fdt, name);
}

static void begin_at(struct tree *t, const char *name, uint64_t at)
{
	char full[48];

	snprintf(full, sizeof(full), "%s@%" PRIx64, name, at);
	begin(t, full);
}

static void end(struct tree *t)
{
	if (!t->rc)
		t->rc = fdt_end_node(t->fdt);
}

static void put_string(struct tree *t, const char *name, const char *value)
{
	if (!t->rc)
		t->rc = fdt_property(t->fdt, name, value,
				     (int)strlen(value) + 1);
}

static void put_u32(struct tree *t, const char *name, uint32_t value)
{
	if (!t->rc)
		t->rc = fdt_property_u32(t->fdt, name, value);
}

static void put_u64(struct tree *t, const char *name, uint64_t value)
{
	if (!t->rc)
		t->rc = fdt_property_u64(t->fdt, name, value);
}

static void put_empty(struct tree *t, const char *name)
{
	if (!t->rc)
		t->rc = fdt_property(t->fdt, name, NULL, 0);
}

static void put_reg(struct tree *t, uint64_t at, uint64_t size)
{
	fdt64_t reg[2] = { cpu_to_fdt64(at), cpu_to_fdt64(size) };

	if (!t->rc)
		t->rc = fdt_property(t->fdt, "reg", reg, sizeof(reg));
}

static void put_cells(struct tree *t, uint32_t address, uint32_t size)
{
	put_u32(t, "#address-cells", address);
	put_u32(t, "#size-cells", size);
}

static void put_chosen(struct tree *t, const struct load_request *req,
		       const struct fdt_extra *extra)
{
	const struct board *b = req->board;

	begin(t, "chosen");
	put_string(t, "bootargs", req->cmdline);
	if (extra->initrd.size) {
		put_u64(t, "linux,initrd-start", extra->initrd.gpa);
		put_u64(t, "linux,initrd-end",
			extra->initrd.gpa + extra->initrd.size);
	}
	put_string(t, "diver,mode", b->mode);
	put_u64(t, "diver,tsc-khz", b->tsc_khz);
	put_u64(t, "diver,lapic-hz", b->lapic_hz);
	put_string(t, "diver,apic-mode", b->x2apic ? "x2apic" : "xapic");
	end(t);
}

static void put_memory(struct tree *t, const struct board *b)
{
	for (unsigned int i = 0; i < b->ranges; i++) {
		if (b->range[i].type != RANGE_RAM)
			continue;
		begin_at(t, "memory", b->range[i].gpa);
		put_string(t, "device_type", "memory");
		put_reg(t, b->range[i].gpa, b->range[i].size);
		end(t);
	}
}

static void put_cpus(struct tree *t, const struct board *b,
		     const struct contract_area *area)
{
	begin(t, "cpus");
	put_cells(t, 1, 0);
	for (unsigned int i = 0; i < b->cpus; i++) {
		gpa_t page = area->cpu_pages + i * (uint64_t)CPU_PAGE_SIZE;
		uint32_t id = b->apic_id ? b->apic_id[i] : i;

		begin_at(t, "cpu", id);
		put_string(t, "device_type", "cpu");
		put_u32(t, "reg", id);
		put_string(t, "enable-method", "diver,mailbox");
		put_u64(t, "diver,mailbox", page + CPU_PAGE_MAILBOX);
		put_u64(t, "diver,crash", page + CPU_PAGE_CRASH);
		end(t);
	}
	end(t);
}

static void put_range(struct tree *t, const char *name, uint64_t at,
		      uint64_t size)
{
	if (!size)
		return;
	begin_at(t, name, at);
	put_reg(t, at, size);
	end(t);
}

static void put_reserved(struct tree *t, const struct contract_area *area,
			 const struct fdt_extra *extra)
{
	gpa_t top = area->gpa + area->size;

	begin(t, "reserved-memory");
	put_cells(t, 2, 2);
	put_empty(t, "ranges");
	put_range(t, "image", extra->image.gpa, extra->image.size);
	put_range(t, "initrd", extra->initrd.gpa, extra->initrd.size);
	begin_at(t, "reclaimable", area->tables);
	put_reg(t, area->tables, area->tables_size);
	put_empty(t, "diver,reclaimable");
	end(t);
	put_range(t, "diver", area->gpa, area->tables - area->gpa);
	put_range(t, "diver", area->tables + area->tables_size,
		  top - area->tables - area->tables_size);
	end(t);
}

/* contract 5.5 */
static void put_virtio(struct tree *t, const struct board *b)
{
	for (unsigned int i = 0; i < b->virtios; i++) {
		begin_at(t, "virtio_mmio", b->virtio[i].gpa);
		put_string(t, "compatible", "virtio,mmio");
		put_reg(t, b->virtio[i].gpa, b->virtio[i].size);
		end(t);
	}
}

static void put_ring(struct tree *t, gpa_t at, uint32_t size, const char *label,
		     const char *role)
{
	begin_at(t, "ring", at);
	put_reg(t, at, DIVE_RING_HEADER + (uint64_t)size);
	put_string(t, "label", label);
	put_string(t, "diver,role", role);
	put_u32(t, "diver,doorbell", DOORBELL_PHANDLE);
	end(t);
}

/* contract 5.6 */
static void put_windows(struct tree *t, const struct board *b)
{
	for (unsigned int i = 0; i < b->ranges; i++) {
		if (b->range[i].type != RANGE_WINDOW)
			continue;
		begin_at(t, "window", b->range[i].gpa);
		put_reg(t, b->range[i].gpa, b->range[i].size);
		put_string(t, "diver,kind", "pio");
		put_u32(t, "diver,port", b->window_port);
		end(t);
	}
}

static void put_diver(struct tree *t, const struct board *b,
		      const struct contract_area *area)
{
	begin(t, "diver");
	put_cells(t, 2, 2);
	begin(t, "doorbell");
	put_string(t, "compatible", "diver,doorbell");
	put_string(t, "diver,kind", b->doorbell_port ? "pio" : "poll");
	if (b->doorbell_port)
		put_u32(t, "diver,port", b->doorbell_port);
	put_u32(t, "phandle", DOORBELL_PHANDLE);
	end(t);
	begin_at(t, "control", area->control);
	put_reg(t, area->control, DIVE_CONTROL_SIZE);
	end(t);
	put_ring(t, area->ring[CONTRACT_CONSOLE], b->ring_size, "console",
		 "producer");
	put_ring(t, area->ring[CONTRACT_STDIN], b->ring_size, "stdin",
		 "consumer");
	put_ring(t, area->ring[CONTRACT_STDOUT], b->ring_size, "stdout",
		 "producer");
	put_windows(t, b);
	end(t);
}

/* libfdt clears all it is given: what is never used must not be touched. */
static int size_bound(const struct load_request *req)
{
	const struct board *b = req->board;
	uint64_t size = 4096 + b->cpus * 512ull + b->ranges * 256ull +
			b->virtios * 128ull + strlen(req->cmdline);

	return (int)(size < FDT_SIZE_MAX ? size : FDT_SIZE_MAX);
}

int fdt_write(const struct load_request *req, const struct contract_area *area,
	      const struct fdt_extra *extra, void *to, struct err *e)
{
	struct tree t = { .fdt = to };

	t.rc = fdt_create(to, size_bound(req));
	if (!t.rc)
		t.rc = fdt_finish_reservemap(to);
	begin(&t, "");
	put_string(&t, "compatible", "diver,contract-v0");
	put_cells(&t, 2, 2);
	put_chosen(&t, req, extra);
	put_memory(&t, req->board);
	put_cpus(&t, req->board, area);
	put_reserved(&t, area, extra);
	put_diver(&t, req->board, area);
	put_virtio(&t, req->board);
	end(&t);
	if (!t.rc)
		t.rc = fdt_finish(to);
	if (t.rc)
		return err_set(e, -ENOEXEC,
			       "the device tree does not fit into %u bytes "
			       "(%s): shorten the kernel's arguments",
			       FDT_SIZE_MAX, fdt_strerror(t.rc));
	return 0;
}
