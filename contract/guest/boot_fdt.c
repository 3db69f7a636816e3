// SPDX-License-Identifier: ISC
// From the device tree (contract section 5) to struct dive_boot.
#include "fdt.h"
#include "internal.h"

/* The node being read: what its properties said so far. */
struct node {
	const char *parent;
	const char *name;
	const char *label;
	const char *kind;
	struct dive_range reg;
	struct dive_cpu cpu;
	uint32_t port;
	uint32_t apicid;
	uint32_t vector;
};

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static void add_range(struct dive_range *list, uint32_t *count,
		      struct dive_range range)
{
	if (range.size && range.start + range.size > range.start &&
	    *count < DIVE_RANGES_MAX)
		list[(*count)++] = range;
}

static struct dive_range range_at(const struct dive_fdt_item *reg,
				  uint32_t cell)
{
	return (struct dive_range){ dive_fdt_cells(reg, cell, 2),
				    dive_fdt_cells(reg, cell + 2, 2) };
}

/* /chosen */
static void chosen_property(const struct dive_fdt_item *item,
			    struct dive_boot *boot, struct dive_links *links)
{
	if (same(item->name, "bootargs"))
		boot->args = dive_fdt_text(item);
	else if (same(item->name, "diver,mode"))
		boot->mode = dive_fdt_text(item);
	else if (same(item->name, "linux,initrd-start"))
		boot->initrd.start = dive_fdt_cells(item, 0, 2);
	else if (same(item->name, "linux,initrd-end"))
		boot->initrd.size = dive_fdt_cells(item, 0, 2);
	else if (same(item->name, "diver,tsc-khz"))
		boot->tsc_khz = dive_fdt_cells(item, 0, 2);
	else if (same(item->name, "diver,lapic-hz"))
		boot->lapic_hz = dive_fdt_cells(item, 0, 2);
	else if (same(item->name, "diver,apic-mode"))
		links->x2apic = same(dive_fdt_text(item), "x2apic");
}

/* /cpus/cpu@N, /reserved-memory/X, /diver/X */
static void inner_property(const struct dive_fdt_item *item, struct node *node)
{
	bool cpu = dive_fdt_is(node->parent, "cpus");

	if (same(item->name, "reg") && cpu)
		node->cpu.apicid = (uint32_t)dive_fdt_cells(item, 0, 1);
	else if (same(item->name, "reg"))
		node->reg = range_at(item, 0);
	else if (same(item->name, "diver,mailbox"))
		node->cpu.mailbox = dive_fdt_cells(item, 0, 2);
	else if (same(item->name, "diver,crash"))
		node->cpu.crash = dive_fdt_cells(item, 0, 2);
	else if (same(item->name, "label"))
		node->label = dive_fdt_text(item);
	else if (same(item->name, "diver,kind"))
		node->kind = dive_fdt_text(item);
	else if (same(item->name, "diver,port"))
		node->port = (uint32_t)dive_fdt_cells(item, 0, 1);
	else if (same(item->name, "diver,apicid"))
		node->apicid = (uint32_t)dive_fdt_cells(item, 0, 1);
	else if (same(item->name, "diver,vector"))
		node->vector = (uint32_t)dive_fdt_cells(item, 0, 1);
}

static void end_diver_node(const struct node *node, struct dive_boot *boot,
			   struct dive_links *links)
{
	static const char *const labels[RINGS] = { "console", "stdin",
						   "stdout" };

	if (dive_fdt_is(node->name, "control"))
		links->control = node->reg.start;
	if (dive_fdt_is(node->name, "window")) {
		boot->window = node->reg;
		links->window_port = node->port;
	}
	for (int i = 0; dive_fdt_is(node->name, "ring") && i < RINGS; i++)
		if (same(node->label, labels[i]))
			links->ring[i] = node->reg;
	if (!dive_fdt_is(node->name, "doorbell"))
		return;
	links->port = node->port;
	links->apicid = node->apicid;
	links->vector = node->vector;
	if (same(node->kind, "pio"))
		links->doorbell = DOORBELL_PIO;
	else if (same(node->kind, "ipi"))
		links->doorbell = DOORBELL_IPI;
}

static void end_inner_node(const struct node *node, struct dive_boot *boot,
			   struct dive_links *links)
{
	if (dive_fdt_is(node->parent, "cpus") &&
	    dive_fdt_is(node->name, "cpu")) {
		if (boot->cpu_count < DIVE_CPUS_MAX)
			boot->cpu[boot->cpu_count++] = node->cpu;
	} else if (dive_fdt_is(node->parent, "reserved-memory")) {
		add_range(boot->reserved, &boot->reserved_count, node->reg);
	} else if (dive_fdt_is(node->parent, "diver")) {
		end_diver_node(node, boot, links);
	}
}

static void property(const struct dive_fdt_item *item, uint32_t depth,
		     struct node *node, struct dive_boot *boot,
		     struct dive_links *links)
{
	if (depth == 3)
		inner_property(item, node);
	else if (depth == 2 && dive_fdt_is(node->parent, "chosen"))
		chosen_property(item, boot, links);
	else if (depth == 2 && dive_fdt_is(node->parent, "memory") &&
		 same(item->name, "reg"))
		for (uint32_t cell = 0; cell + 4 <= item->size / 4; cell += 4)
			add_range(boot->memory, &boot->memory_count,
				  range_at(item, cell));
}

const char *dive_boot_from_fdt(const void *blob, uint64_t size_max,
			       struct dive_boot *boot, struct dive_links *links)
{
	struct node node = { .parent = "", .name = "", .label = "", .kind = "" };
	struct dive_fdt_item item;
	struct dive_fdt fdt;

	boot->args = boot->mode = "";
	if (!dive_fdt_open(&fdt, blob, size_max))
		return "not a flattened device tree";
	boot->fdt = blob;
	do {
		item = dive_fdt_next(&fdt);
		if (item.type == DIVE_FDT_NODE && fdt.depth == 2)
			node.parent = item.name;
		else if (item.type == DIVE_FDT_NODE && fdt.depth == 3)
			node = (struct node){ .parent = node.parent,
					      .name = item.name,
					      .label = "",
					      .kind = "" };
		else if (item.type == DIVE_FDT_PROPERTY)
			property(&item, fdt.depth, &node, boot, links);
		else if (item.type == DIVE_FDT_NODE_END && fdt.depth == 2)
			end_inner_node(&node, boot, links);
	} while (item.type != DIVE_FDT_END && item.type != DIVE_FDT_BAD);
	if (item.type == DIVE_FDT_BAD)
		return "malformed device tree";
	if (boot->initrd.size < boot->initrd.start)
		boot->initrd.size = boot->initrd.start;
	boot->initrd.size -= boot->initrd.start;
	if (!boot->memory_count || !boot->cpu_count || !links->control)
		return "device tree without memory, cpus or control page";
	return NULL;
}

/* Takes one range out of boot->free, which may split an entry. */
static void remove_range(struct dive_boot *boot, uint64_t start, uint64_t end)
{
	for (uint32_t i = 0; i < boot->free_count; i++) {
		struct dive_range *range = &boot->free[i];
		uint64_t range_end = range->start + range->size;

		if (start >= range_end || end <= range->start)
			continue;
		range->size = start > range->start ? start - range->start : 0;
		if (end < range_end && boot->free_count < DIVE_RANGES_MAX * 2)
			boot->free[boot->free_count++] =
				(struct dive_range){ end, range_end - end };
	}
}

void dive_boot_find_free(struct dive_boot *boot)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < boot->memory_count; i++)
		boot->free[boot->free_count++] = boot->memory[i];
	remove_range(boot, 0, 4096);
	for (uint32_t i = 0; i < boot->reserved_count; i++)
		remove_range(boot, boot->reserved[i].start,
			     boot->reserved[i].start + boot->reserved[i].size);
	for (uint32_t i = 0; i < boot->free_count; i++)
		if (boot->free[i].size)
			boot->free[used++] = boot->free[i];
	boot->free_count = used;
}
