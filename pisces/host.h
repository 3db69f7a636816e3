/* SPDX-License-Identifier: Apache-2.0 */
/* The Linux that gives: its CPUs and memory, read and written as files. */
#ifndef PISCES_HOST_H
#define PISCES_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define HOST_CPUS_MAX   1024 /* of a machine */
#define HOST_TAKEN_MAX  128  /* 64 and a sibling of each */
#define HOST_RANGES_MAX 16

/**
 * struct host_cpu - one logical CPU
 * @number: Linux's
 * @apic_id: of its local APIC
 */
struct host_cpu {
	unsigned int number;
	uint32_t apic_id;
};

/**
 * struct host_range - physical memory
 * @start: first address
 * @size: bytes
 */
struct host_range {
	uint64_t start;
	uint64_t size;
};

/**
 * struct host_taken - what a partition takes
 * @cpu: the first @used of them run the kernel, the rest are their siblings
 * @cpus: entries of @cpu
 * @used: see @cpu; of a partition that is given back it does not matter
 * @memory: one piece
 */
struct host_taken {
	struct host_cpu cpu[HOST_TAKEN_MAX];
	unsigned int cpus;
	unsigned int used;
	struct host_range memory;
};

/**
 * host_file() - all of a small file
 * @root: directory that stands for /
 * @path: relative to it
 *
 * Return: its bytes and a NUL, to be freed; NULL with errno.
 */
char *host_file(int root, const char *path);

/**
 * host_choose_cpus() - which CPUs to take
 * @root: directory that stands for /
 * @wanted: how many are to run the kernel, at most HOST_TAKEN_MAX / 2
 * @named: these, in this order; NULL = the last ones
 * @ret: cpu, cpus and used are written on success
 * @e: why there are not so many
 *
 * Whole cores: what shares a core with one of them is taken, too. Never CPU 0
 * or what shares its core. Only CPUs that are online.
 *
 * Return: 0, -EINVAL, or -errno.
 */
int must_check host_choose_cpus(int root, unsigned int wanted,
				const unsigned int *named,
				struct host_taken *ret, struct err *e);

/**
 * host_cpu_is_online() - does Linux use this CPU
 * @root: directory that stands for /
 * @cpu: Linux's number
 *
 * Return: true when it does, or when that cannot be known.
 */
bool host_cpu_is_online(int root, unsigned int cpu);

/**
 * host_cpu_set() - take a CPU from Linux, or give it back
 * @root: directory that stands for /
 * @cpu: Linux's number
 * @online: give it back
 * @e: what Linux says
 *
 * Return: 0 or -errno.
 */
int must_check host_cpu_set(int root, unsigned int cpu, bool online,
			    struct err *e);

/**
 * host_reserved() - memory that Linux was told to leave alone
 * @root: directory that stands for /
 * @ret: HOST_RANGES_MAX entries: those of memmap=SIZE$START
 *
 * Return: how many there are; 0 also when /proc/cmdline cannot be read.
 */
unsigned int host_reserved(int root, struct host_range *ret);

/**
 * host_ram() - how much of a range Linux calls its own memory
 * @root: directory that stands for /
 * @range: physical addresses
 *
 * Return: bytes; all of it when /proc/iomem cannot be read.
 */
uint64_t host_ram(int root, const struct host_range *range);

/**
 * host_advise() - where memory could be kept from Linux at its next boot
 * @root: directory that stands for /
 * @size: bytes wanted
 *
 * Return: an address with so much memory of Linux behind it; 0 = none.
 */
uint64_t host_advise(int root, uint64_t size);

#endif
