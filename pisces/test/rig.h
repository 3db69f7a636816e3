/* SPDX-License-Identifier: Apache-2.0 */
/* A directory that stands for / of a machine. */
#ifndef PISCES_TEST_RIG_H
#define PISCES_TEST_RIG_H

/**
 * struct rig - the directory
 * @path: of it
 * @root: the same, open
 */
struct rig {
	char path[32];
	int root;
};

/**
 * rig_open() - an empty machine
 * @r: overwritten
 */
void rig_open(struct rig *r);

/**
 * rig_close() - remove it
 * @r: open
 */
void rig_close(struct rig *r);

/**
 * rig_put() - write a file, with the folders that it is in
 * @r: open
 * @path: relative
 * @text: all of it
 */
void rig_put(const struct rig *r, const char *path, const char *text);

/**
 * rig_cpus() - CPUs with APIC ids 10 times their number, all online
 * @r: open
 * @count: how many
 * @threads: of a core; CPU i shares one with i + @count / @threads
 */
void rig_cpus(const struct rig *r, unsigned int count, unsigned int threads);

#endif
