/* SPDX-License-Identifier: Apache-2.0 */
/* Files that come with this program. */
#ifndef CLI_BESIDE_H
#define CLI_BESIDE_H

/**
 * beside() - path of a file in the directory of this program
 * @name: relative to it
 *
 * Return: the path, the caller's, whether there is such a file or not; NULL when
 * there is no memory.
 */
char *beside(const char *name);

#endif
