// SPDX-License-Identifier: ISC
// Conformance kernel: one assertion per promise of contract/README.md, as TAP.
// Run with "-- one two", the line "conform" on stdin, and two CPUs.
#include "conform.h"

static unsigned int count, failed;

void check(bool good, const char *section, const char *what)
{
	failed += !good;
	dive_printf("%sok %u - %s %s\n", good ? "" : "not ", ++count, section,
		    what);
}

void check_not(const char *section, const char *what, const char *why)
{
	dive_printf("ok %u - %s %s # SKIP %s\n", ++count, section, what, why);
}

int dive_main(const struct dive_boot *boot)
{
	if (!dive_control()) {
		dive_printf("1..0 # SKIP started without Diver\n");
		return 0;
	}
	image_checks();
	memory_checks(boot);
	cpu_checks(boot);
	tree_checks(boot);
	page_checks(boot);
	ring_checks();
	time_checks(boot);
	dive_printf("1..%u\n", count);
	return (int)failed;
}
