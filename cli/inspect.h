/* SPDX-License-Identifier: Apache-2.0 */
/* What a kernel image offers, what it needs, what stands in the way. */
#ifndef CLI_INSPECT_H
#define CLI_INSPECT_H

#include <stdio.h>

#include "loader/protocol.h"

#define INSPECT_PROTOCOLS_MAX 8
#define INSPECT_MODES         3
#define INSPECT_POINTS_MAX    6
#define INSPECT_POINT_SIZE    256

/**
 * struct inspect_points - short sentences
 * @count: entries of @text
 * @text: without a full stop
 */
struct inspect_points {
	unsigned int count;
	char text[INSPECT_POINTS_MAX][INSPECT_POINT_SIZE];
};

/**
 * struct inspect_mode - one mode of dive
 * @name: as --mode spells it
 * @obstacles: what stands in the way; none = it runs
 */
struct inspect_mode {
	const char *name;
	struct inspect_points obstacles;
};

/**
 * struct inspection - everything that is said about an image
 * @name: as the user wrote it; borrowed from the image
 * @size: bytes of the file
 * @format: "ELF64", "ELF32" or "not ELF"
 * @entry: e_entry when ELF
 * @found: by entry of protocols[]
 * @chosen: how dive boots it; NULL = it is refused
 * @chosen_index: entry of protocols[] when @chosen
 * @refusal: why not, when it is refused
 * @needs: what the machine must have
 * @mode: fullvm, hrt, pisces
 */
struct inspection {
	const char *name;
	uint64_t size;
	const char *format;
	uint64_t entry;
	struct probe found[INSPECT_PROTOCOLS_MAX];
	const struct protocol *chosen;
	unsigned int chosen_index;
	struct err refusal;
	struct inspect_points needs;
	struct inspect_mode mode[INSPECT_MODES];
};

/**
 * inspect_image() - look at an image, without a machine
 * @img: open image
 * @ret: written
 */
void inspect_image(const struct image *img, struct inspection *ret);

/**
 * inspect_print() - as tables for people
 * @out: where to
 * @in: inspection
 */
void inspect_print(FILE *out, const struct inspection *in);

/**
 * inspect_print_json() - as one JSON object (man page: JSON)
 * @out: where to
 * @in: inspection
 */
void inspect_print_json(FILE *out, const struct inspection *in);

/**
 * inspect_main() - diver inspect FILE [--json]
 * @argc: from the verb on
 * @argv: argv[0] is the verb
 * @e: why it could not be inspected, or why the image is refused
 *
 * Return: 0, -ENOEXEC refused (the tables say so too), -EINVAL wrong usage,
 * else as image_open().
 */
int must_check inspect_main(int argc, char **argv, struct err *e);

#endif
