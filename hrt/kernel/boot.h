/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel was given. */
#ifndef MINNOW_BOOT_H
#define MINNOW_BOOT_H

#include <dive.h>

/* The machine; set before anything else happens. */
extern const struct dive_boot *boot_machine;

#endif
