/* SPDX-License-Identifier: Apache-2.0 */
/* A user namespace with one user in it. */
#ifndef BASE_WORLD_H
#define BASE_WORLD_H

/**
 * world_map() - make somebody root of the user namespace that we have entered
 * @uid: who, outside: no other than we were
 * @gid: his group
 *
 * What he may do outside is what he might before.
 *
 * Return: 0, or -1 with errno.
 */
int world_map(unsigned int uid, unsigned int gid);

#endif
