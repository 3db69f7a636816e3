/* SPDX-License-Identifier: Apache-2.0 */
/* Turns fuzzer input into accesses of a guest. */
#ifndef VMM_DEV_TEST_FUZZ_H
#define VMM_DEV_TEST_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define FUZZ_STEPS_MAX 4096

/* assert() that is there whatever NDEBUG says. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : abort())

/**
 * struct fuzz_input - bytes not yet used
 * @p: the bytes
 * @left: how many
 */
struct fuzz_input {
	const uint8_t *p;
	size_t left;
};

/**
 * fuzz_take() - take a number from the input
 * @in: the input
 * @bytes: 1 to 8
 *
 * Return: the number; bytes behind the end are 0.
 */
static inline uint64_t fuzz_take(struct fuzz_input *in, unsigned int bytes)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes && in->left > 0; i++) {
		value |= (uint64_t)*in->p++ << (8 * i);
		in->left--;
	}
	return value;
}

/**
 * fuzz_size() - take an access size from the input
 * @in: the input
 *
 * Return: 1 to 8; what crosses a page comes in odd pieces.
 */
static inline unsigned int fuzz_size(struct fuzz_input *in)
{
	return 1u + fuzz_take(in, 1) % 8;
}

#endif
