/* SPDX-License-Identifier: Apache-2.0 */
/* Where a user's data is: what diver has put there, dive finds. */
#ifndef BASE_PLACE_H
#define BASE_PLACE_H

#include "base/err.h"

/**
 * place_data() - name of a file among the data of the user
 * @below: relative, such as "store/hello"
 * @e: what is not set
 *
 * XDG Base Directory Specification: $XDG_DATA_HOME if it is absolute, else
 * $HOME/.local/share; below it is diver's folder. Nothing is opened or made.
 *
 * Return: an absolute name, to be freed; NULL with @e.
 */
char *place_data(const char *below, struct err *e);

#endif
