/* SPDX-License-Identifier: Apache-2.0 */
/* A tiny writer of ACPI machine language. */
#ifndef VMM_AML_H
#define VMM_AML_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct aml - code being written
 * @bytes: destination, caller's
 * @size: room
 * @used: bytes written; the code is complete and bounded (asserted)
 */
struct aml {
	uint8_t *bytes;
	size_t size;
	size_t used;
};

/**
 * aml_bytes() - append bytes
 * @a: code
 * @bytes: copied
 * @count: how many
 */
void aml_bytes(struct aml *a, const void *bytes, size_t count);

/**
 * aml_int() - append an integer in its shortest form (ACPI 6.5, 20.2.3)
 * @a: code
 * @value: the integer
 */
void aml_int(struct aml *a, uint64_t value);

/**
 * aml_name() - append Name(@name, ...); the value must follow
 * @a: code
 * @name: four characters, or a root and four
 */
void aml_name(struct aml *a, const char *name);

/**
 * aml_eisa() - append an EISA ID as an integer
 * @a: code
 * @id: seven characters such as "PNP0A03"
 */
void aml_eisa(struct aml *a, const char *id);

/**
 * aml_string() - append a string
 * @a: code
 * @text: ASCII
 */
void aml_string(struct aml *a, const char *text);

/**
 * aml_scope() - begin Scope(@name)
 * @a: code
 * @name: as for aml_name()
 *
 * Return: where it begins, for aml_end().
 */
size_t aml_scope(struct aml *a, const char *name);

/**
 * aml_device() - begin Device(@name)
 * @a: code
 * @name: four characters
 *
 * Return: where it begins, for aml_end().
 */
size_t aml_device(struct aml *a, const char *name);

/**
 * aml_package() - begin a package
 * @a: code
 * @elements: how many will follow
 *
 * Return: where it begins, for aml_end().
 */
size_t aml_package(struct aml *a, uint8_t elements);

/**
 * aml_end() - end what began at @start
 * @a: code
 * @start: innermost open scope, device or package
 */
void aml_end(struct aml *a, size_t start);

/**
 * aml_resources() - append Name(_CRS, ...) of finished descriptors
 * @a: code
 * @descriptors: small and large resource items (ACPI 6.5, 6.4), without end tag
 * @count: bytes, below 65000
 */
void aml_resources(struct aml *a, const void *descriptors, size_t count);

#endif
