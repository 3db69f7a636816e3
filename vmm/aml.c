// SPDX-License-Identifier: Apache-2.0
// Writes AML (ACPI 6.5, chapter 20); every package length takes three bytes.
#include "vmm/aml.h"

#include <assert.h>
#include <string.h>

#define NAME_OP      0x08
#define BYTE_PREFIX  0x0a
#define WORD_PREFIX  0x0b
#define DWORD_PREFIX 0x0c
#define QWORD_PREFIX 0x0e
#define STRING_OP    0x0d
#define SCOPE_OP     0x10
#define BUFFER_OP    0x11
#define PACKAGE_OP   0x12
#define EXT_OP       0x5b
#define DEVICE_OP    0x82

#define LENGTH_BYTES 3

static void byte(struct aml *a, uint8_t value)
{
	assert(a->used < a->size);
	a->bytes[a->used++] = value;
}

void aml_bytes(struct aml *a, const void *bytes, size_t count)
{
	assert(count <= a->size - a->used);
	memcpy(a->bytes + a->used, bytes, count);
	a->used += count;
}

void aml_int(struct aml *a, uint64_t value)
{
	if (value <= 1) {
		byte(a, (uint8_t)value);
	} else if (value <= UINT8_MAX) {
		byte(a, BYTE_PREFIX);
		aml_bytes(a, &value, 1);
	} else if (value <= UINT16_MAX) {
		byte(a, WORD_PREFIX);
		aml_bytes(a, &value, 2);
	} else if (value <= UINT32_MAX) {
		byte(a, DWORD_PREFIX);
		aml_bytes(a, &value, 4);
	} else {
		byte(a, QWORD_PREFIX);
		aml_bytes(a, &value, 8);
	}
}

static void name_string(struct aml *a, const char *name)
{
	assert(strlen(name) == (name[0] == '\\' ? 5u : 4u));
	aml_bytes(a, name, strlen(name));
}

void aml_name(struct aml *a, const char *name)
{
	byte(a, NAME_OP);
	name_string(a, name);
}

static uint32_t hex_digit(char c)
{
	return (uint32_t)(c <= '9' ? c - '0' : c - 'A' + 10);
}

/* ACPI 6.5, 19.3.4: three letters of 5 bits, four hex digits, big endian. */
void aml_eisa(struct aml *a, const char *id)
{
	uint32_t value = 0;

	assert(strlen(id) == 7);
	for (unsigned int i = 0; i < 3; i++)
		value = value << 5 | ((uint32_t)id[i] - '@');
	for (unsigned int i = 3; i < 7; i++)
		value = value << 4 | hex_digit(id[i]);
	byte(a, DWORD_PREFIX);
	value = __builtin_bswap32(value);
	aml_bytes(a, &value, 4);
}

void aml_string(struct aml *a, const char *text)
{
	byte(a, STRING_OP);
	aml_bytes(a, text, strlen(text) + 1);
}

/* Leaves room for the length of what begins here. */
static size_t begin(struct aml *a)
{
	size_t start = a->used;

	for (unsigned int i = 0; i < LENGTH_BYTES; i++)
		byte(a, 0);
	return start;
}

size_t aml_scope(struct aml *a, const char *name)
{
	size_t start;

	byte(a, SCOPE_OP);
	start = begin(a);
	name_string(a, name);
	return start;
}

size_t aml_device(struct aml *a, const char *name)
{
	size_t start;

	byte(a, EXT_OP);
	byte(a, DEVICE_OP);
	start = begin(a);
	name_string(a, name);
	return start;
}

size_t aml_package(struct aml *a, uint8_t elements)
{
	size_t start;

	byte(a, PACKAGE_OP);
	start = begin(a);
	byte(a, elements);
	return start;
}

/* ACPI 6.5, 20.2.4: 4 bits in the lead byte, then 8 and 8. */
void aml_end(struct aml *a, size_t start)
{
	size_t length = a->used - start;

	assert(length < 1u << 20);
	a->bytes[start] = (uint8_t)((LENGTH_BYTES - 1) << 6 | (length & 0xf));
	a->bytes[start + 1] = (uint8_t)(length >> 4);
	a->bytes[start + 2] = (uint8_t)(length >> 12);
}

void aml_resources(struct aml *a, const void *descriptors, size_t count)
{
	static const uint8_t end_tag[] = { 0x79, 0 }; /* 0: no checksum */
	size_t start;

	aml_name(a, "_CRS");
	byte(a, BUFFER_OP);
	start = begin(a);
	aml_int(a, count + sizeof(end_tag));
	aml_bytes(a, descriptors, count);
	aml_bytes(a, end_tag, sizeof(end_tag));
	aml_end(a, start);
}
