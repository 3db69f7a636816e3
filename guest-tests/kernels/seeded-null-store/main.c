// SPDX-License-Identifier: ISC
// Seeded bug: a store through a pointer that was never set.
#include <dive.h>

struct queue {
	uint64_t lock;
	uint64_t tail[4];
};

static struct queue *queue;

static void push(uint64_t value)
{
	__asm__("" : "+m"(queue)); /* not a constant */
	queue->tail[3] = value;
}

int dive_main(const struct dive_boot *boot)
{
	(void)boot;
	push(7);
	return 0;
}
