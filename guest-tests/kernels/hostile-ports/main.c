// SPDX-License-Identifier: ISC
// Hostile: string I/O on ports where something is and where nothing is.
#include "contract/guest/internal.h"

static uint8_t buffer[16384];

static void rep_out(uint16_t port)
{
	const void *from = buffer;
	size_t count = sizeof(buffer) / 4;

	__asm__ volatile("rep outsl"
			 : "+S"(from), "+c"(count)
			 : "d"(port)
			 : "memory");
}

static void rep_in(uint16_t port)
{
	void *to = buffer;
	size_t count = sizeof(buffer);

	__asm__ volatile("rep insb"
			 : "+D"(to), "+c"(count)
			 : "d"(port)
			 : "memory");
}

int dive_main(const struct dive_boot *boot)
{
	static const uint16_t ports[] = { 0, 0x20, 0x60, 0xcf8, 0x1234, 0xffff };

	(void)boot;
	rep_out((uint16_t)dive_links.port);
	rep_in((uint16_t)dive_links.port);
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		rep_out(ports[i]);
		rep_in(ports[i]);
	}
	dive_printf("done\n");
	return 0;
}
