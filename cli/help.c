// SPDX-License-Identifier: Apache-2.0
// dive --help, from the table of options.
#include "cli/options.h"

#define HELP_COLUMN 28

void options_help(FILE *out)
{
	fputs("usage: dive [options] KERNEL [--] [arguments of the kernel]\n"
	      "Boots KERNEL. Its data channels are stdin and stdout, its console is stderr.\n\n",
	      out);
	for (const struct option_row *row = options_table(); row->name; row++) {
		int n = fprintf(out, "  --%s%s%s", row->name,
				row->arg && row->arg[1] != '=' ? " " : "",
				row->arg ? row->arg : "");

		fprintf(out, "%*s%s\n", n < HELP_COLUMN ? HELP_COLUMN - n : 1,
			"", row->help);
	}
	fputs("\nStatus: the kernel's own & 255; 124 time limit, 125 dive failed, 126 image\n"
	      "refused, 127 not found, 134 the kernel crashed. More: man dive.\n",
	      out);
}
