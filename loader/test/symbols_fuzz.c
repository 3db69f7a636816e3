// SPDX-License-Identifier: Apache-2.0
// Fuzzes symbol tables and DWARF lines: the input is the file.
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "loader/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(struct symbols *s, uint64_t addr)
{
	struct symbol_place p;
	bool found = symbols_find(s, addr, &p);

	assert(found == (p.name[0] || p.file[0]));
	assert(memchr(p.name, 0, sizeof(p.name)));
	assert(memchr(p.file, 0, sizeof(p.file)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t addrs[] = { 0,        0x200000, 0x200170,
					  0x200fff, 0x202000, UINT64_MAX };
	struct symbols *s;
	struct err e;
	uint64_t addr;
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || io_write_all(fd, data, size) < 0)
		goto out;
	if (symbols_open(&s, fd, "fuzz", &e) < 0)
		return 0;
	for (size_t i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++) {
		look(s, addrs[i]);
		if (symbols_link_address(s, addrs[i], &addr))
			assert(symbols_has(s, addr));
	}
	symbols_close(s);
	return 0;
out:
	if (fd >= 0)
		close(fd);
	return 0;
}
