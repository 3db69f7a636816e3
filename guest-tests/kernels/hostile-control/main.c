// SPDX-License-Identifier: ISC
// Hostile: garbage in every field of the control page that the kernel writes.
#include "contract/guest/internal.h"

int dive_main(const struct dive_boot *boot)
{
	static const uint32_t vectors[] = { 3,   31,         255,
					    256, 0x80000040, UINT32_MAX };
	struct dive_control *control = dive_control();
	char byte;

	(void)boot;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		control->irq_vector = vectors[i];
		control->irq_apicid = 0xdeadbee0 + (uint32_t)i;
		control->state = 17;
		control->handles_shutdown = UINT32_MAX;
		control->heartbeat = ~0ull;
		for (int mark = 0; mark < DIVE_MARKS; mark++)
			control->marks[mark] = ~(uint64_t)mark;
		dive_printf("vector %x\n", vectors[i]);
		dive_read(&byte, 1);
	}
	return 4;
}
