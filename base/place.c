// SPDX-License-Identifier: Apache-2.0
// Where a user's data is: what diver has put there, dive finds.
#include "base/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

char *place_data(const char *below, struct err *e)
{
	const char *dir = getenv("XDG_DATA_HOME");
	const char *under = "";
	char *path;

	if (!dir || *dir != '/') {
		dir = getenv("HOME");
		under = "/.local/share";
	}
	if (!dir || *dir != '/') {
		(void)err_set(e, -EINVAL,
			      "no place for packages: HOME is not set");
		return NULL;
	}
	if (asprintf(&path, "%s%s/diver/%s", dir, under, below) < 0) {
		(void)err_set(e, -ENOMEM, "no memory");
		return NULL;
	}
	return path;
}
