// SPDX-License-Identifier: Apache-2.0
// link: -lcmocka
// Fuzzes what the kernel asks for, but for system calls and the end: the input
// is requests. What is mapped is what was asked for, and threads come and go.
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hrt/partner/bell.h"
#include "hrt/partner/test/rig.h"
#include "vmm/dev/test/fuzz.h"

#define THREADS_MAX 16

struct model {
	struct rig rig;
	bool is_live[DIVE_CHANNELS_MAX];
	unsigned int threads;
};

/* Once: it serves one input after the other. */
static struct model *make(void)
{
	static struct model m;
	struct partner *p = &m.rig.p;
	int bell[2];

	if (p->area)
		return &m;
	rig_make(&m.rig);
	for (uint64_t i = 0; i < RIG_PIECES; i++)
		memcpy(rig_memory(&m.rig) + i * DIVE_PIECE, &i, sizeof(i));
	for (size_t i = 0; i < DIVE_CHANNELS_MAX; i++)
		p->worker[i].partner = p;
	p->worker[0].is_busy = p->worker[1].is_busy = 1;
	FUZZ_CHECK(!pipe(bell));
	m.rig.bell = bell[1];
	p->bell = bell[0];
	p->config = memfd_create("config", 0);
	FUZZ_CHECK(!bell_start(p));
	return &m;
}

/* Near what is right, or anything. */
static uint64_t take_number(const struct model *m, struct fuzz_input *in)
{
	uint64_t pieces = fuzz_take(in, 1) % 16 * DIVE_PIECE;

	switch (fuzz_take(in, 1) % 6) {
	case 0:
		return m->rig.p.begin + pieces;
	case 1:
		return m->rig.p.end - pieces;
	case 2:
		return DIVE_DELEGATE_MEMORY + pieces;
	case 3:
		return pieces;
	case 4:
		return -pieces;
	default:
		return fuzz_take(in, 8);
	}
}

static bool is_inside(uint64_t from, uint64_t bytes, uint64_t begin,
		      uint64_t end)
{
	unsigned __int128 behind = (unsigned __int128)from + bytes;

	return from % DIVE_PIECE == 0 && from >= begin && behind <= end;
}

static void check_map(const struct model *m, const uint64_t arg[6],
		      int64_t result)
{
	bool is_good =
		arg[2] && arg[2] % DIVE_PIECE == 0 &&
		is_inside(arg[0], arg[2], m->rig.p.begin, m->rig.p.end) &&
		is_inside(arg[1], arg[2], DIVE_DELEGATE_MEMORY, RIG_WINDOW);

	FUZZ_CHECK(result == (is_good ? 0 : -EINVAL));
	for (uint64_t at = 0; is_good && at < arg[2]; at += DIVE_PIECE) {
		uint64_t piece;

		// cppcheck-suppress intToPointerCast
		memcpy(&piece, (const void *)(uintptr_t)(arg[0] + at),
		       sizeof(piece));
		FUZZ_CHECK(piece ==
			   (arg[1] + at - DIVE_DELEGATE_MEMORY) / DIVE_PIECE);
	}
}

static void check_thread(struct model *m, uint64_t channel, int64_t result)
{
	if (channel < 2 || channel >= DIVE_CHANNELS_MAX) {
		FUZZ_CHECK(result == -EINVAL);
	} else if (m->is_live[channel]) {
		FUZZ_CHECK(result == -EBUSY);
	} else {
		FUZZ_CHECK(result > 0);
		m->is_live[channel] = true;
		m->threads++;
		channel_attach(&m->rig.end[channel],
			       partner_channel(&m->rig.p, channel), true);
	}
}

/* By its channel, as a kernel does; the thread may sleep. */
static void leave(struct model *m, size_t channel)
{
	struct channel_call call = { .type = DIVE_CALL_LEAVE };
	const uint32_t one = 1;

	if (channel_post(&m->rig.end[channel], &call))
		FUZZ_CHECK(write(m->rig.bell, &one, sizeof(one)) ==
			   sizeof(one));
	while (!channel_poll(&m->rig.end[channel], &call))
		sched_yield();
	FUZZ_CHECK(call.result == 0);
	m->is_live[channel] = false;
	m->threads--;
}

static void request(struct model *m, struct fuzz_input *in)
{
	size_t channel = fuzz_take(in, 1) % 2;
	struct channel_call call = { .type = (uint32_t)fuzz_take(in, 1) };
	int64_t result;

	for (size_t i = 0; i < 3; i++)
		call.arg[i] = take_number(m, in);
	if (call.type == DIVE_CALL_SYSCALL || call.type == DIVE_CALL_EXIT)
		return;
	if (call.type == DIVE_CALL_THREAD) {
		call.arg[0] %= 2 * DIVE_CHANNELS_MAX;
		if (m->threads == THREADS_MAX)
			return;
	}
	result = partner_request(&m->rig.p.worker[channel], &call, 1);
	if (call.type == DIVE_CALL_MAP)
		check_map(m, call.arg, result);
	else if (call.type == DIVE_CALL_THREAD && channel == 0)
		check_thread(m, call.arg[0], result);
	else
		FUZZ_CHECK(result <= 0 && result > -4096);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	struct model *m = make();

	for (unsigned int i = 0; in.left > 0 && i < FUZZ_STEPS_MAX; i++)
		request(m, &in);
	for (size_t i = 2; i < DIVE_CHANNELS_MAX; i++) {
		if (m->is_live[i])
			leave(m, i);
	}
	return 0;
}
