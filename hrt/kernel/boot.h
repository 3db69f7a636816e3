/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel was given. */
#ifndef MINNOW_BOOT_H
#define MINNOW_BOOT_H

#include <dive.h>

/* The machine; set before anything else happens. */
extern const struct dive_boot *boot_machine;

/**
 * boot_run() - what the kernel is for; runs as the first thread
 * @args: command line, may be changed
 *
 * Return: status of the kernel.
 */
int boot_run(char *args);

#endif
