/* SPDX-License-Identifier: Apache-2.0 */
/* Taking from Linux, and giving back: by the owner, or by who comes later. */
#ifndef PISCES_GIVE_H
#define PISCES_GIVE_H

#include "pisces/journal.h"

/**
 * give_choose() - which CPUs and which memory
 * @root: directory that stands for /
 * @wanted: CPUs
 * @named: these; NULL = the last ones
 * @memory: size, and start or 0
 * @ret: written on success
 * @e: what is missing, and how to get it
 *
 * Under journal_lock(). Memory is what Linux was started without.
 *
 * Return: 0 or -errno.
 */
int must_check give_choose(int root, unsigned int wanted,
			   const unsigned int *named,
			   const struct host_range *memory,
			   struct host_taken *ret, struct err *e);

/**
 * give_map() - map memory of a partition
 * @root: directory that stands for /
 * @range: page aligned
 * @ret: for munmap()
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check give_map(int root, const struct host_range *range, void **ret,
			struct err *e);

/**
 * give_cpus() - stop what runs on CPUs, and give them back
 * @root: directory that stands for /
 * @taken: all of them
 * @e: which CPU Linux does not take
 *
 * What Linux has already is left alone. All are tried. Once Linux has a CPU,
 * that runs nothing else any more, and only then memory may change under it.
 *
 * Return: 0 or -errno of the first.
 */
int must_check give_cpus(int root, const struct host_taken *taken,
			 struct err *e);

/**
 * give_back() - everything, and nothing of it can be read in the memory
 * @root: directory that stands for /
 * @taken: what
 * @j: its entry, removed when all is given back, else closed
 * @e: what is not
 *
 * Return: 0 or -errno.
 */
int must_check give_back(int root, const struct host_taken *taken,
			 struct journal *j, struct err *e);

/**
 * give_recover() - what those have left who have died
 * @root: directory that stands for /
 * @ret_count: partitions given back; may be NULL
 * @e: what is not
 *
 * Under journal_lock().
 *
 * Return: 0 or -errno.
 */
int must_check give_recover(int root, unsigned int *ret_count, struct err *e);

#endif
