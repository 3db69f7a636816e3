// SPDX-License-Identifier: Apache-2.0
// Printing words that came from a file or a guest.
#include "cli/text.h"

#include <sys/ioctl.h>

#define COLUMNS_MIN 80 /* also where there is no terminal */
#define COLUMNS_MAX 200

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

unsigned int text_columns(FILE *out)
{
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) || size.ws_col < COLUMNS_MIN)
		return COLUMNS_MIN;
	return size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX;
}
