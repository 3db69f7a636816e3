// SPDX-License-Identifier: ISC
// Hostile: takes a partner's job and asks for nonsense, on every channel and in
// every field. Then it lets go.
#include <dive.h>
#include <dive/delegate.h>

#include "guest-tests/programs/dice.h"

#define ROUNDS 2000

/* What might be checked wrongly, or nothing in particular. */
static uint64_t awkward(void)
{
	static const uint64_t values[] = {
		0,
		1,
		DIVE_CHANNELS_MAX - 1,
		DIVE_CHANNELS_MAX,
		DIVE_PIECE,
		DIVE_DELEGATE_AREA,
		DIVE_DELEGATE_MEMORY,
		DIVE_PROGRAM_BASE,
		DIVE_PROGRAM_END - DIVE_PIECE,
		DIVE_PROGRAM_END,
		0x7fffffffffff,
		0x800000000000,
		0xffff800000000000,
		INT64_MAX,
		(uint64_t)INT64_MIN,
		UINT64_MAX - DIVE_PIECE + 1,
		UINT64_MAX,
	};
	uint64_t n = dice() % (2 * sizeof(values) / sizeof(values[0]));

	return n < sizeof(values) / sizeof(values[0]) ? values[n] : dice();
}

/* A piece that would do, over what is the partner's own. */
static void aim(struct dive_channel *channel)
{
	static const uint64_t at[] = { DIVE_PROGRAM_END, 0x555555400000,
				       0x7f0000000000, 0x7ffc00000000 };
	static const uint64_t bytes[] = { DIVE_PIECE, 1ull << 30, 1ull << 39 };

	channel->type = DIVE_CALL_MAP;
	channel->arg[0] = at[dice() % 4];
	channel->arg[1] = DIVE_DELEGATE_MEMORY;
	channel->arg[2] = bytes[dice() % 3];
}

/* Any type but EXIT, which would be the end. */
static void ask(struct dive_channel *channel)
{
	uint32_t type = (uint32_t)dice() % 12;

	if (dice() % 16 == 0)
		type = (uint32_t)dice();
	channel->type = type == DIVE_CALL_EXIT ? DIVE_CALL_MAP : type;
	/* read, write, lseek, getpid, nanosleep, futex, or none that exists. */
	channel->nr = (uint32_t[]){
		0, 1, 8, 39, 35, 202, 0xffffffff, 600
	}[dice() % 8];
	for (int i = 0; i < 6; i++)
		channel->arg[i] = awkward();
	if (dice() % 8 == 0)
		aim(channel);
	channel->kernel_sleeps = (uint32_t)dice();
	__atomic_store_n(&channel->request,
			 channel->request + (dice() % 8 ? 1 : 77),
			 __ATOMIC_SEQ_CST);
}

static void exit_program(struct dive_channel *channel)
{
	channel->type = DIVE_CALL_EXIT;
	channel->arg[0] = 7;
	channel->arg[1] = 0;
	__atomic_store_n(&channel->request, channel->request + 1,
			 __ATOMIC_SEQ_CST);
	dive_window_ring();
}

int dive_main(const struct dive_boot *boot)
{
	struct dive_delegate *area =
		(struct dive_delegate *)(boot->window.start +
					 DIVE_DELEGATE_AREA);
	struct dive_channel *channel =
		(struct dive_channel *)((uintptr_t)area +
					DIVE_DELEGATE_CHANNELS);
	unsigned int answers = 0;
	uint32_t seen;

	dive_log("hostile-channel: waits\n");
	while (__atomic_load_n(&area->partner_state, __ATOMIC_ACQUIRE) !=
	       DIVE_PARTNER_READY)
		dive_pause();
	area->kernel_boot = 1;
	__atomic_store_n(&area->kernel_run, area->run, __ATOMIC_SEQ_CST);
	/* It listens when it has answered. */
	seen = channel[0].reply;
	ask(&channel[0]);
	while (__atomic_load_n(&channel[0].reply, __ATOMIC_ACQUIRE) == seen)
		dive_pause();
	for (unsigned int i = 0; i < ROUNDS; i++) {
		/* The first two have threads behind them. */
		ask(&channel[dice() % (dice() % 2 ? 2 : DIVE_CHANNELS_MAX)]);
		dive_window_ring();
		answers += channel[0].reply != seen;
		seen = channel[0].reply;
		area->kernel_run = (uint32_t)dice();
		for (uint64_t n = dice() % 20000; n > 0; n--)
			dive_pause();
	}
	area->kernel_run = area->run;
	dive_log("hostile-channel: %u requests, %u answers\n", ROUNDS, answers);
	/* The control channel may still have nonsense to answer. */
	for (int i = 0; i < 50000; i++)
		dive_pause();
	exit_program(&channel[0]);
	for (;;)
		dive_pause();
}
