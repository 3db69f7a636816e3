// SPDX-License-Identifier: Apache-2.0
// Which calls Minnow can serve or forward, as --serve says.
#include <string.h>

#include "cli/calls.h"

#define LOCAL(name, ...)
#define FORWARD(name, ...)
#define THROUGH(name, ...)
#define REFUSE(name, ...)
#define EITHER(name, ...) #name,

static const char *const either[] = {
#include "hrt/kernel/linux/table.def"
};

bool calls_minnow_can(uint32_t nr)
{
	const char *name = calls_call_name(nr);

	for (unsigned int i = 0; i < sizeof(either) / sizeof(either[0]); i++)
		if (name && !strcmp(either[i], name))
			return true;
	return false;
}
