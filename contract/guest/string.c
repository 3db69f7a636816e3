// SPDX-License-Identifier: ISC
// The memory functions that a compiler calls; eight bytes at a time.
#include "dive.h"

void *memcpy(void *to, const void *from, size_t size)
{
	void *ret = to;
	size_t words = size / 8;

	__asm__ volatile("rep movsq"
			 : "+D"(to), "+S"(from), "+c"(words)::"memory");
	size &= 7;
	__asm__ volatile("rep movsb"
			 : "+D"(to), "+S"(from), "+c"(size)::"memory");
	return ret;
}

void *memmove(void *to, const void *from, size_t size)
{
	uint8_t *out = to;
	const uint8_t *in = from;

	if (out <= in || out >= in + size)
		return memcpy(to, from, size);
	while (size--)
		out[size] = in[size];
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	void *ret = to;
	size_t words = size / 8;
	uint64_t value = 0x0101010101010101 * (uint8_t)byte;

	__asm__ volatile("rep stosq"
			 : "+D"(to), "+c"(words)
			 : "a"(value)
			 : "memory");
	size &= 7;
	__asm__ volatile("rep stosb"
			 : "+D"(to), "+c"(size)
			 : "a"(value)
			 : "memory");
	return ret;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;

	for (size_t i = 0; i < size; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}
