/* SPDX-License-Identifier: ISC */
/* A ring with both its ends, and traffic that can be checked byte by byte. */
#ifndef CONTRACT_TEST_RING_RIG_H
#define CONTRACT_TEST_RING_RIG_H

#include <stdint.h>

#include "contract/dive/ring.h"
#include "contract/lib/ring.h"

#define SIZE   DIVE_RING_SIZE_MIN
#define LENGTH (DIVE_RING_HEADER + (uint64_t)SIZE)

struct rig {
	struct dive_ring *ring;
	struct ring_end producer;
	struct ring_end consumer;
};

/* A cmocka test with a struct rig as its state. */
#define RIG_TEST(name) \
	cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int rig_setup(void **state);
int rig_teardown(void **state);

/* As many of count as fit, the pattern from number from on; returns them. */
uint32_t rig_put(struct ring_end *end, uint32_t from, uint32_t count);

/* The same for reading; UINT32_MAX on a wrong byte. */
uint32_t rig_take(struct ring_end *end, uint32_t from, uint32_t count);

#endif
