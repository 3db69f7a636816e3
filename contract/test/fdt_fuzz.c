// SPDX-License-Identifier: ISC
// Fuzz: the guest library's reader of device trees, as the kernel calls it.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Guest code is in no host library. NOLINTBEGIN(bugprone-suspicious-include) */
#include "contract/guest/boot_fdt.c"
#include "contract/guest/fdt.c"
/* NOLINTEND(bugprone-suspicious-include) */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A string that the kernel will read to its NUL lies within the tree. */
static void check_text(const char *text, const uint8_t *blob, size_t size)
{
	const uint8_t *at = (const uint8_t *)text;

	if (!*text)
		return;
	if (at < blob || at >= blob + size ||
	    !memchr(at, 0, (size_t)(blob + size - at)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct dive_links links = { 0 };
	struct dive_boot *boot;
	uint8_t *blob;

	/* A copy of exactly this size, for AddressSanitizer. */
	blob = malloc(size ? size : 1);
	boot = calloc(1, sizeof(*boot));
	if (!blob || !boot)
		goto out;
	memcpy(blob, bytes, size);
	if (!dive_boot_from_fdt(blob, size, boot, &links)) {
		dive_boot_find_free(boot);
		check_text(boot->args, blob, size);
		check_text(boot->mode, blob, size);
		if (!boot->memory_count || !boot->cpu_count)
			abort();
		for (uint32_t i = 0; i < boot->free_count; i++)
			if (!boot->free[i].size || boot->free[i].start < 4096)
				abort();
	}
out:
	free(boot);
	free(blob);
	return 0;
}
