// SPDX-License-Identifier: Apache-2.0
// Fuzz: counts that a guest wrote, from the window to the printed report.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/test/render.h"

#define AREA_SIZE \
	(DIVE_DELEGATE_COUNTS + DIVE_COUNTS_MAX * sizeof(struct dive_count))

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void tell(const struct gmem *mem, gpa_t area)
{
	char *text = NULL;
	size_t size = 0;
	struct json j = { .out = open_memstream(&text, &size) };
	struct report r;
	struct err e;

	if (!j.out)
		return;
	json_open(&j, NULL, '{');
	json_number(&j, "dive_report", REPORT_VERSION);
	json_number(&j, "run_ns", 1000000000);
	json_number(&j, "tsc_khz", 2400000);
	counts_json(&j, mem, area);
	json_close(&j, '}');
	if (fclose(j.out))
		abort();
	/* What dive writes, diver reads. */
	if (report_parse(text, size, &r, &e))
		abort();
	render_all(&r, 1);
	report_free(&r);
	free(text);
}

/* The header, then counts; the rest of the area is zero. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const size_t head = sizeof(struct dive_delegate);
	struct gmem_region region = { .gpa = 0x100200000, .size = AREA_SIZE };
	struct gmem mem = { .count = 0 };
	size_t first = size < head ? size : head;

	region.host = calloc(1, AREA_SIZE);
	if (!region.host || gmem_add(&mem, &region, NULL))
		abort();
	memcpy(region.host, bytes, first);
	size -= first;
	if (size > AREA_SIZE - DIVE_DELEGATE_COUNTS)
		size = AREA_SIZE - DIVE_DELEGATE_COUNTS;
	memcpy(region.host + DIVE_DELEGATE_COUNTS, bytes + first, size);
	tell(&mem, region.gpa);
	tell(&mem, region.gpa + 64); /* ends too early */
	free(region.host);
	return 0;
}
