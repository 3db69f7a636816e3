// SPDX-License-Identifier: Apache-2.0
// Fuzz: the words that change Minnow's table of system calls.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hrt/test/table_rig.inc"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *args = malloc(size + 1);
	struct serve_word word;
	const char *at = args;

	memcpy(args, bytes, size);
	args[size] = '\0';
	serve_reset();
	while (serve_next(at, &word) && !word.problem) {
		if (word.end <= at || word.text + word.size > word.end)
			abort();
		at = word.end;
	}
	for (uint32_t nr = 0; nr < CALLS; nr++) {
		const struct call_line *line = table_line(nr);
		int error;
		enum call_policy policy = serve_policy(nr, &error);

		if ((policy == CALL_LOCAL && !line->local) ||
		    (policy == CALL_FORWARD && !line->forwards) ||
		    (policy == CALL_REFUSE && !table_error(error)))
			abort();
	}
	free(args);
	return 0;
}
