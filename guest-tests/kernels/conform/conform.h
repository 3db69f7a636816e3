/* SPDX-License-Identifier: ISC */
/* What the parts of the conformance kernel share. */
#ifndef CONFORM_H
#define CONFORM_H

#include "contract/guest/internal.h"

/* One TAP line; section as in contract/README.md. */
void check(bool good, const char *section, const char *what);

/* The same for something that cannot be seen in this run. */
void check_not(const char *section, const char *what, const char *why);

/* Does fn(address) raise a page fault? */
bool faults(void (*fn)(uint64_t address), uint64_t address);
void probe_read(uint64_t address);
void probe_write(uint64_t address);
void probe_execute(uint64_t address); /* a RET, where it works */

bool in_memory(const struct dive_boot *boot, uint64_t start, uint64_t size);
bool in_reserved(const struct dive_boot *boot, uint64_t start, uint64_t size);

struct __attribute__((packed)) table_pointer {
	uint16_t limit;
	uint64_t base;
};

void image_checks(void);
void memory_checks(const struct dive_boot *boot);
void cpu_checks(const struct dive_boot *boot);
void tree_checks(const struct dive_boot *boot);
void page_checks(const struct dive_boot *boot);
void ring_checks(void);
void time_checks(const struct dive_boot *boot);

#endif
