// SPDX-License-Identifier: Apache-2.0
// diver partition: gives back what a dive has left that was killed.
#include "cli/partition.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pisces/partition.h"

int partition_main(int argc, char **argv, struct err *e)
{
	unsigned int count = 0;
	int rc;

	if (argc != 3 || strcmp(argv[1], "release") != 0 ||
	    strcmp(argv[2], "--all") != 0)
		return err_set(e, -EINVAL,
			       "write diver partition release --all");
	rc = partition_release(&count, e);
	if (!rc)
		printf("%u partition%s given back\n", count,
		       count == 1 ? "" : "s");
	return rc;
}
