// SPDX-License-Identifier: Apache-2.0
// What a kernel left on the VGA text screen.
#include "cli/screen.h"

#include <stdint.h>
#include <string.h>

/* IBM PS/2 hardware interface technical reference, video subsystem, mode 3. */
#define SCREEN_GPA     0xb8000
#define SCREEN_ROWS    25
#define SCREEN_COLUMNS 80

/* Code page 437: 0x00 to 0x1f, and 0x7f to 0xff. */
static const uint16_t low[32] = {
	0x0020, 0x263a, 0x263b, 0x2665, 0x2666, 0x2663, 0x2660, 0x2022,
	0x25d8, 0x25cb, 0x25d9, 0x2642, 0x2640, 0x266a, 0x266b, 0x263c,
	0x25ba, 0x25c4, 0x2195, 0x203c, 0x00b6, 0x00a7, 0x25ac, 0x21a8,
	0x2191, 0x2193, 0x2192, 0x2190, 0x221f, 0x2194, 0x25b2, 0x25bc,
};
static const uint16_t high[129] = {
	0x2302, 0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7,
	0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee, 0x00ec, 0x00c4, 0x00c5, 0x00c9,
	0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9, 0x00ff, 0x00d6,
	0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192, 0x00e1, 0x00ed, 0x00f3,
	0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba, 0x00bf, 0x2310, 0x00ac, 0x00bd,
	0x00bc, 0x00a1, 0x00ab, 0x00bb, 0x2591, 0x2592, 0x2593, 0x2502, 0x2524,
	0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c,
	0x255b, 0x2510, 0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e,
	0x255f, 0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567,
	0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b, 0x256a,
	0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580, 0x03b1, 0x00df,
	0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4, 0x03a6, 0x0398, 0x03a9,
	0x03b4, 0x221e, 0x03c6, 0x03b5, 0x2229, 0x2261, 0x00b1, 0x2265, 0x2264,
	0x2320, 0x2321, 0x00f7, 0x2248, 0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f,
	0x00b2, 0x25a0, 0x0020,
};

/* A line as Unicode, without the blanks at its end. */
struct line {
	uint16_t code[SCREEN_COLUMNS];
	unsigned int count;
};

static void read_line(const struct gmem *mem, unsigned int row,
		      struct line *ret)
{
	uint8_t cells[SCREEN_COLUMNS][2]; /* character, attribute */

	if (gmem_read(mem, SCREEN_GPA + row * sizeof(cells), cells,
		      sizeof(cells)) != 0)
		memset(cells, 0, sizeof(cells));
	ret->count = 0;
	for (unsigned int i = 0; i < SCREEN_COLUMNS; i++) {
		uint8_t c = cells[i][0];

		ret->code[i] = c < 0x20    ? low[c]
			       : c >= 0x7f ? high[c - 0x7f]
					   : c;
		if (ret->code[i] != ' ')
			ret->count = i + 1;
	}
}

/* Lines up to the last one that is not blank. */
static unsigned int read_screen(const struct gmem *mem,
				struct line line[SCREEN_ROWS])
{
	unsigned int lines = 0;

	for (unsigned int row = 0; row < SCREEN_ROWS; row++) {
		read_line(mem, row, &line[row]);
		if (line[row].count)
			lines = row + 1;
	}
	return lines;
}

bool screen_has_text(const struct gmem *mem)
{
	struct line line[SCREEN_ROWS];

	return read_screen(mem, line) != 0;
}

static void put_utf8(FILE *out, unsigned int code)
{
	if (code < 0x80) {
		putc((int)code, out);
		return;
	}
	if (code < 0x800) {
		putc((int)(0xc0 | code >> 6), out);
	} else {
		putc((int)(0xe0 | code >> 12), out);
		putc((int)(0x80 | (code >> 6 & 0x3f)), out);
	}
	putc((int)(0x80 | (code & 0x3f)), out);
}

void screen_print(FILE *out, const struct gmem *mem)
{
	struct line line[SCREEN_ROWS];
	unsigned int lines = read_screen(mem, line);

	fprintf(out, "dive: the VGA text screen%s\n",
		lines ? ":" : " is empty");
	for (unsigned int i = 0; i < lines; i++) {
		fputs(line[i].count ? "| " : "|", out);
		for (unsigned int k = 0; k < line[i].count; k++)
			put_utf8(out, line[i].code[k]);
		putc('\n', out);
	}
}

void screen_json(struct json *j, const struct gmem *mem)
{
	struct line line[SCREEN_ROWS];
	unsigned int lines = read_screen(mem, line);

	json_open(j, "screen", '[');
	for (unsigned int i = 0; i < lines; i++)
		json_codes(j, NULL, line[i].code, line[i].count);
	json_close(j, ']');
}
