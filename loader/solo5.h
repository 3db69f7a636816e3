/* SPDX-License-Identifier: Apache-2.0 */
/* Solo5's manifest: which devices a unikernel wants, by name. */
#ifndef LOADER_SOLO5_H
#define LOADER_SOLO5_H

#include "loader/image.h"

#define SOLO5_DEVICES_MAX 64
#define SOLO5_NAME_SIZE   68 /* with the NUL */
#define SOLO5_MAC_SIZE    6

enum solo5_kind {
	SOLO5_BLOCK = 1,
	SOLO5_NET = 2,
	SOLO5_RESERVED = 1 << 30, /* entry 0, and nothing else */
};

/**
 * struct solo5_device - one entry of the manifest
 * @name: NUL-terminated; any other bytes
 * @kind: as the file says; kinds nobody knows are kept
 * @attached: the machine has filled in what follows
 * @capacity: bytes of a SOLO5_BLOCK, a multiple of @block_size
 * @block_size: bytes, a power of two
 * @mac: address of a SOLO5_NET
 * @mtu: bytes of a frame without its Ethernet header
 */
struct solo5_device {
	char name[SOLO5_NAME_SIZE];
	enum solo5_kind kind;
	bool attached;
	uint64_t capacity;
	uint16_t block_size;
	uint8_t mac[SOLO5_MAC_SIZE];
	uint16_t mtu;
};

/**
 * struct solo5_manifest - all devices; the index is the handle of hypercalls
 * @count: entries of @device, at least 1
 * @device: the first is SOLO5_RESERVED
 */
struct solo5_manifest {
	unsigned int count;
	struct solo5_device device[SOLO5_DEVICES_MAX];
};

/**
 * solo5_manifest_read() - the manifest of an image
 * @img: any image
 * @ret: written on success, nothing attached
 * @e: what is wrong with it
 *
 * Return: 0; -ENOEXEC when there is none or it is damaged.
 */
int must_check solo5_manifest_read(const struct image *img,
				   struct solo5_manifest *ret, struct err *e);

#endif
