// SPDX-License-Identifier: Apache-2.0
// Fuzzes everything that reads a word of the command line.
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/units.h"

#define LIST_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int list[LIST_MAX];
	unsigned int count;
	char text[256];
	uint64_t a;
	uint64_t b;
	struct err e;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (units_number(text, 1000, &a, &e) == 0)
		assert(a <= 1000);
	if (units_size(text, &a, &e) < 0)
		assert(e.code < 0 && e.msg[0]);
	if (units_size_at(text, &a, &b, &e) == 0)
		assert(a > 0 && a + b >= a);
	if (units_seconds(text, &a, &e) < 0)
		assert(e.code < 0 && e.msg[0]);
	if (units_cpu_list(text, list, LIST_MAX, &count, &e) < 0)
		return 0;
	assert(count >= 1 && count <= LIST_MAX);
	for (unsigned int i = 0; i < count; i++)
		for (unsigned int j = 0; j < i; j++)
			assert(list[i] != list[j]);
	return 0;
}
