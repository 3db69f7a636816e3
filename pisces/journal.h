/* SPDX-License-Identifier: Apache-2.0 */
/* What was taken from Linux, in files, so that anybody can give it back. */
#ifndef PISCES_JOURNAL_H
#define PISCES_JOURNAL_H

#include <sys/types.h>

#include "pisces/host.h"

#define JOURNAL_NAME_MAX 32

/**
 * struct journal - the entry of one partition
 * @fd: open and locked by its owner for as long as that lives; -1 = none
 * @name: in JOURNAL_DIR
 */
struct journal {
	int fd;
	char name[JOURNAL_NAME_MAX];
};

/**
 * journal_lock() - keep every other dive from taking and giving back
 * @root: directory that stands for /
 * @e: why not
 *
 * Waits. The directory of the journal is made if there is none.
 *
 * Return: a descriptor, close() ends it; -errno.
 */
int must_check journal_lock(int root, struct err *e);

/**
 * journal_create() - write down what will be taken
 * @root: directory that stands for /
 * @taken: all of it; nothing is taken yet
 * @ret: journal_remove() it when everything is given back
 * @e: why not
 *
 * Under journal_lock().
 *
 * Return: 0 or -errno.
 */
int must_check journal_create(int root, const struct host_taken *taken,
			      struct journal *ret, struct err *e);

/**
 * journal_remove() - everything is given back
 * @root: directory that stands for /
 * @j: fd is -1 afterwards
 */
void journal_remove(int root, struct journal *j);

/**
 * journal_next() - the partitions that there are
 * @root: directory that stands for /
 * @after: name of the one before, "" = the first
 * @ret: journal_close() or journal_remove() it
 * @ret_taken: what it has taken; of its CPUs none when it is damaged
 * @ret_owner: process that has it; 0 = that has ended
 *
 * Under journal_lock(). In the order of their names.
 *
 * Return: false when there are no more.
 */
bool journal_next(int root, const char *after, struct journal *ret,
		  struct host_taken *ret_taken, pid_t *ret_owner);

/**
 * journal_close() - leave it as it is
 * @j: fd is -1 afterwards
 */
void journal_close(struct journal *j);

#endif
