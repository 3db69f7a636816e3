/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that two machines of a split VM have in common, and its bells. */
#ifndef VMM_WINDOW_H
#define VMM_WINDOW_H

#include "base/err.h"

struct machine;

/**
 * window_create() - put it on the board
 * @m: board described; nothing happens when there is no window
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check window_create(struct machine *m, struct err *e);

/**
 * window_map() - make it memory of the machine
 * @m: all other memory is mapped
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check window_map(struct machine *m, struct err *e);

/**
 * window_attach() - connect the bell to the other machine
 * @m: VM with interrupt chip, devices and memory
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check window_attach(struct machine *m, struct err *e);

/**
 * window_route() - let KVM interrupt the CPU that a contract kernel names
 * @m: contract machine; its kernel rang, lock not held
 */
void window_route(struct machine *m);

/**
 * window_rung() - the other machine rang
 * @m: running machine; lock not held
 *
 * Any thread.
 */
void window_rung(struct machine *m);

/**
 * window_free() - release what window_create() took
 * @m: stopped
 */
void window_free(struct machine *m);

#endif
