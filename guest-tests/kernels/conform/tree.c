// SPDX-License-Identifier: ISC
// Sections 5 to 7: device tree, control page, crash pages.
#include "conform.h"

#include "contract/dive/crash.h"
#include "contract/dive/note.h"

static bool same(const char *a, const char *b)
{
	return strlen(a) == strlen(b) && !memcmp(a, b, strlen(a));
}

static uint32_t tree_word(const struct dive_boot *boot, int word)
{
	return __builtin_bswap32(((const uint32_t *)boot->fdt)[word]);
}

static void window_checks(const struct dive_boot *boot)
{
	uint64_t size = boot->window.size;
	uint32_t *last = (void *)(uintptr_t)(boot->window.start + size - 4);
	bool writable;

	if (!size) {
		check_not("5.6", "window", "there is none");
		return;
	}
	check(same(boot->mode, "hrt") && dive_links.window_port, "5.6",
	      "a window is of hrt mode, and has a bell");
	check(!in_memory(boot, boot->window.start, 4) &&
		      !in_memory(boot, boot->window.start + size - 4, 4),
	      "5.6", "it lies outside the memory nodes");
	*last = 1;
	writable = __atomic_load_n(last, __ATOMIC_RELAXED) == 1;
	*last = 0;
	check(writable, "5.6", "it is mapped to its end");
}

void tree_checks(const struct dive_boot *boot)
{
	bool inside = true;

	check(tree_word(boot, 5) == 17 && tree_word(boot, 1) <= 65536, "5.1",
	      "version 17, at most 64 KiB");
	check(same(boot->mode, "fullvm") || same(boot->mode, "hrt") ||
		      same(boot->mode, "pisces"),
	      "5.1", "the mode is known");
	check(boot->memory_count && boot->cpu_count, "5.2", "memory and cpus");
	check(boot->cpu[0].apicid == dive_apicid(), "5.2",
	      "the first cpu node is this CPU");
	check(dive_links.control && dive_links.ring[RING_CONSOLE].size &&
		      dive_links.ring[RING_STDIN].size &&
		      dive_links.ring[RING_STDOUT].size,
	      "5.2", "control page and three rings");
	for (int i = 0; i < RINGS; i++)
		inside = inside &&
			 in_memory(boot, dive_links.ring[i].start,
				   dive_links.ring[i].size) &&
			 in_reserved(boot, dive_links.ring[i].start,
				     dive_links.ring[i].size);
	for (uint32_t i = 0; i < boot->cpu_count; i++)
		inside = inside && in_reserved(boot, boot->cpu[i].crash, 512) &&
			 in_reserved(boot, boot->cpu[i].mailbox, 64);
	check(inside && in_reserved(boot, dive_links.control, 4096) &&
		      in_reserved(boot, (uintptr_t)boot->fdt,
				  tree_word(boot, 1)),
	      "5.3", "all of it lies in reserved memory");
	check(in_reserved(boot, (uintptr_t)dive_image_start,
			  (uintptr_t)(dive_image_end - dive_image_start)),
	      "5.3", "the image is reserved");
	if (*boot->args)
		check(same(boot->args, "one two"), "5.4", "bootargs");
	else
		check_not("5.4", "bootargs", "no arguments given");
	window_checks(boot);
}

/* All bytes of the page that the library has not written yet. */
static bool rest_is_zero(const struct dive_control *control)
{
	bool zero = !control->request && !control->status &&
		    !control->handles_shutdown && !control->heartbeat;

	for (int i = 0; i < DIVE_MARKS; i++)
		zero = zero && !control->marks[i];
	return zero;
}

void page_checks(const struct dive_boot *boot)
{
	struct dive_control *control = dive_control();
	bool good = true;

	check(control->magic == DIVE_CONTROL_MAGIC &&
		      control->version == DIVE_CONTRACT_VERSION &&
		      control->size >= sizeof(*control),
	      "6.1", "header of the control page");
	check(rest_is_zero(control), "6.1", "all other fields are 0");
	for (uint32_t i = 0; i < boot->cpu_count; i++) {
		const struct dive_crash *crash =
			(const void *)boot->cpu[i].crash;

		good = good && crash->magic == DIVE_CRASH_MAGIC &&
		       crash->version == DIVE_CONTRACT_VERSION &&
		       crash->size >= sizeof(*crash) &&
		       crash->state == DIVE_CRASH_NONE && !crash->rip;
	}
	check(good, "7.1", "header of every crash page");
	dive_mark(1);
	check(control->marks[1], "6.5", "a mark is kept");
}
