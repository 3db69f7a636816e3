/* SPDX-License-Identifier: ISC */
/* Solo5's hvt ABI, version 2, as far as kernels of our own need it. */
#ifndef OWN_SOLO5_HVT_H
#define OWN_SOLO5_HVT_H

#include <stddef.h>
#include <stdint.h>

enum hvt_call {
	HVT_WALLTIME = 1,
	HVT_PUTS,
	HVT_POLL,
	HVT_BLOCK_WRITE,
	HVT_BLOCK_READ,
	HVT_NET_WRITE,
	HVT_NET_READ,
	HVT_HALT,
};

struct hvt_text {
	uint64_t data;
	uint64_t len;
};

struct hvt_poll {
	uint64_t timeout_ns;
	uint64_t ready;
	int32_t ret;
};

struct hvt_block {
	uint64_t handle;
	uint64_t offset;
	uint64_t data;
	uint64_t len;
	int32_t ret;
};

struct hvt_net {
	uint64_t handle;
	uint64_t data;
	uint64_t len;
	int32_t ret;
};

struct hvt_halt {
	uint64_t cookie;
	int32_t status;
};

struct hvt_entry {
	char name[68];
	uint32_t kind; /* 1 block, 2 network, 1 << 30 the first */
	union {
		struct {
			uint64_t capacity;
			uint16_t block_size;
		} block;
		struct {
			uint8_t mac[6];
			uint16_t mtu;
		} net;
	} u;
	uint64_t backing;
	uint8_t attached;
};

struct hvt_manifest {
	uint32_t version;
	uint32_t entries;
	struct hvt_entry entry[];
};

struct hvt_boot {
	uint64_t mem_size;
	uint64_t kernel_end;
	uint64_t tsc_hz;
	const char *cmdline;
	const struct hvt_manifest *manifest;
};

/* Notes: owner "Solo5"; a manifest is aligned to 8 inside of its note. */
#define HVT_NOTE_ABI                                                          \
	static const struct {                                                 \
		uint32_t namesz, descsz, type;                                \
		char name[8];                                                 \
		uint32_t target, version, reserved[2];                        \
	} hvt_note_abi __attribute__((section(".note.solo5.abi"), aligned(4), \
				      used)) = { 6, 16, 0x31494241, "Solo5",  \
						 1, 2,  { 0, 0 } }
#define HVT_NOTE_MANIFEST(count)                                            \
	static const struct {                                               \
		uint32_t namesz, descsz, type;                              \
		char name[8];                                               \
		uint32_t padding, version, entries;                         \
		struct hvt_entry entry[count];                              \
	} hvt_note_manifest __attribute__((section(".note.solo5.manifest"), \
					   aligned(8), used))
#define HVT_MANIFEST(count)                                                    \
	6, 12 + (count) * sizeof(struct hvt_entry), 0x3154464d, "Solo5", 0, 1, \
		count

static inline void hvt_out(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" ::"a"(value), "Nd"(port) : "memory");
}

static inline void hvt_do(enum hvt_call call, const volatile void *argument)
{
	hvt_out((uint16_t)(0x500 + call), (uint32_t)(uintptr_t)argument);
}

static inline void hvt_puts(const char *text)
{
	struct hvt_text a = { .data = (uintptr_t)text };

	while (text[a.len])
		a.len++;
	hvt_do(HVT_PUTS, &a);
}

static inline void hvt_exit(int32_t status)
{
	struct hvt_halt a = { .status = status };

	for (;;)
		hvt_do(HVT_HALT, &a);
}

#endif
