// SPDX-License-Identifier: Apache-2.0
// Printing words that came from a file or a guest.
#include "cli/text.h"

void text_put(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c >= 0x7f)
			fprintf(out, "\\x%02x", c);
		else
			putc(c, out);
	}
}

void text_error(const struct err *e)
{
	fputs("dive: ", stderr);
	text_put(stderr, e->msg);
	putc('\n', stderr);
}
