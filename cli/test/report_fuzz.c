// SPDX-License-Identifier: Apache-2.0
// Fuzz: whatever somebody calls a report is refused, or can be told.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/test/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct report r[2];
	struct err e;
	/* A copy of exactly this size, for AddressSanitizer. */
	char *text = malloc(size ? size : 1);

	if (!text)
		return 0;
	memcpy(text, bytes, size);
	if (report_parse(text, size, &r[0], &e) == 0) {
		if (report_parse(text, size, &r[1], &e))
			abort();
		render_all(r, 2);
		report_free(&r[0]);
		report_free(&r[1]);
	} else if (!memchr(e.msg, 0, sizeof(e.msg)) || !e.msg[0]) {
		abort();
	}
	free(text);
	return 0;
}
