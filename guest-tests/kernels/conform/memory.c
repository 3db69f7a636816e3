// SPDX-License-Identifier: ISC
// Sections 1 to 3: image and memory.
#include "conform.h"

#include "contract/dive/cpu.h"
#include "contract/dive/note.h"
#include "contract/guest/fdt.h"

static uint8_t zeroes[20000];
static uint8_t data_code[] = { 0xc3 }; /* RET */
static const uint8_t constant[] = { 1, 2, 3 };
static const uint8_t *const pointer = constant;

void image_checks(void)
{
	const uint8_t *volatile const *where = &pointer;
	bool zero = true;

	check(dive_control()->version == DIVE_CONTRACT_VERSION, "1.2",
	      "the version is the image's");
	for (size_t i = 0; i < sizeof(zeroes); i++)
		zero = zero && !zeroes[i];
	check(zero, "2.3", "memory behind p_filesz is zero");
	check((uintptr_t)dive_image_start % DIVE_LOAD_ALIGN == 0, "2.4",
	      "the image lies at a multiple of align");
	check(*where == constant, "2.4", "it has relocated itself");
}

static bool within(const struct dive_range *list, uint32_t count,
		   uint64_t start, uint64_t size)
{
	for (uint32_t i = 0; i < count; i++)
		if (start >= list[i].start && size <= list[i].size &&
		    start - list[i].start <= list[i].size - size)
			return true;
	return false;
}

bool in_memory(const struct dive_boot *boot, uint64_t start, uint64_t size)
{
	return within(boot->memory, boot->memory_count, start, size);
}

bool in_reserved(const struct dive_boot *boot, uint64_t start, uint64_t size)
{
	return within(boot->reserved, boot->reserved_count, start, size);
}

/* Is address within a node marked diver,reclaimable? */
static bool is_reclaimable(const void *blob, uint64_t address)
{
	struct dive_range reg = { 0, 0 };
	struct dive_fdt_item item;
	bool marked = false;
	struct dive_fdt fdt;

	if (!dive_fdt_open(&fdt, blob, 65536))
		return false;
	do {
		item = dive_fdt_next(&fdt);
		if (item.type == DIVE_FDT_NODE)
			marked = false;
		else if (item.type == DIVE_FDT_NODE_END && marked &&
			 address - reg.start < reg.size)
			return true;
		if (item.type != DIVE_FDT_PROPERTY)
			continue;
		if (dive_fdt_is(item.name, "reg"))
			reg = (struct dive_range){ dive_fdt_cells(&item, 0, 2),
						   dive_fdt_cells(&item, 2,
								  2) };
		else if (dive_fdt_is(item.name, "diver,reclaimable"))
			marked = true;
	} while (item.type != DIVE_FDT_END && item.type != DIVE_FDT_BAD);
	return false;
}

static void check_rights(const struct dive_boot *boot)
{
	struct table_pointer idt;
	uint64_t fdt = (uintptr_t)boot->fdt, crash = boot->cpu[0].crash;

	__asm__ volatile("sidt %0" : "=m"(idt));
	check(!faults(probe_write, (uintptr_t)zeroes), "3.2",
	      "data can be written");
	check(!faults(probe_write, boot->free[0].start), "3.2",
	      "free memory can be written");
	check(!faults(probe_write, dive_links.control), "3.2",
	      "the control page can be written");
	check(!faults(probe_write, crash), "3.2",
	      "the crash page can be written");
	check(!faults(probe_read, fdt) && faults(probe_write, fdt), "3.2",
	      "the device tree is read only");
	check(faults(probe_execute, (uintptr_t)data_code), "3.4",
	      "data cannot be executed");
	check(faults(probe_write, (uintptr_t)image_checks), "3.4",
	      "code cannot be written");
	check(faults(probe_write, (uintptr_t)constant), "3.4",
	      "constants cannot be written");
}

void memory_checks(const struct dive_boot *boot)
{
	const struct dive_range *last = &boot->memory[boot->memory_count - 1];
	uint64_t here = (uintptr_t)__builtin_frame_address(0), cr3;
	uint64_t bottom = ((here + 4095) & ~4095ull) - DIVE_STACK_SIZE;

	check(boot->free_count &&
		      in_memory(boot, boot->free[0].start, boot->free[0].size),
	      "3.1", "there is free memory");
	check_rights(boot);
	check(faults(probe_read, 0), "3.3", "page 0 is not mapped");
	check(!faults(probe_read, bottom), "3.3", "the stack is whole");
	check(faults(probe_read, bottom - 1), "3.3",
	      "the page below the stack is not mapped");
	check(faults(probe_read, last->start + last->size), "3.3",
	      "nothing is mapped behind memory");
	check(faults(probe_read, 0xfec00000) &&
		      faults(probe_read, -0x200000ull),
	      "3.3", "nothing else is mapped");
	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	check(is_reclaimable(boot->fdt, cr3 & ~0xfffull), "3.5",
	      "the page tables are marked reclaimable");
}
