// SPDX-License-Identifier: Apache-2.0
// A partner in a process of its own, and the test that plays its kernel.
#include "hrt/partner/test/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "hrt/partner/window.h"

#define PATIENCE_US 20000000u
#define STEP_US     200u

/* Shared; the partner's ring() has no context. */
static uint32_t *rings;

static void ring(void)
{
	__atomic_add_fetch(rings, 1, __ATOMIC_SEQ_CST);
}

void rig_nap(unsigned int us)
{
	const struct timespec t = { us / 1000000, (long)(us % 1000000) * 1000 };

	nanosleep(&t, NULL);
}

void rig_make(struct rig *r)
{
	struct err err;
	uint8_t *room;

	memset(r, 0, sizeof(*r));
	rings = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(rings, MAP_FAILED);
	r->rings = rings;
	/* As large as can be: then cut to a multiple of a piece, and free. */
	room = mmap(NULL, RIG_ROOM + DIVE_PIECE, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_ptr_not_equal(room, MAP_FAILED);
	munmap(room, RIG_ROOM + DIVE_PIECE);
	r->p.begin =
		((uintptr_t)room + DIVE_PIECE - 1) & -(uintptr_t)DIVE_PIECE;
	r->p.end = r->p.begin + RIG_ROOM;
	r->p.ring = ring;
	assert_int_equal(window_reserve(&r->p, &err), 0);
	r->window = memfd_create("window", MFD_CLOEXEC);
	assert_int_equal(ftruncate(r->window, RIG_WINDOW - DIVE_DELEGATE_AREA),
			 0);
	assert_int_equal(window_map(&r->p, r->window, &err), 0);
	assert_int_equal(pipe(r->pipe), 0);
}

void rig_start(struct rig *r)
{
	int bell[2], error;

	assert_int_equal(pipe(bell), 0);
	fflush(NULL);
	r->child = fork();
	assert_true(r->child >= 0);
	if (!r->child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test may fail */
		r->p.bell = bell[0];
		r->p.config = memfd_create("config", MFD_CLOEXEC);
		close(bell[1]);
		error = partner_serve(&r->p);
		fprintf(stderr, "partner_serve: %s\n", strerror(-error));
		_exit(99);
	}
	close(bell[0]);
	r->bell = bell[1];
}

/* The test ends with its partner. */
static void patience(struct rig *r, unsigned int *us, const char *what)
{
	rig_nap(STEP_US);
	*us += STEP_US;
	if (*us > PATIENCE_US) {
		kill(r->child, SIGKILL);
		fail_msg("nothing happens: %s", what);
	}
}

void rig_take(struct rig *r)
{
	struct dive_delegate *d = partner_delegate(&r->p);
	unsigned int us = 0;

	while (__atomic_load_n(&d->partner_state, __ATOMIC_ACQUIRE) !=
	       DIVE_PARTNER_READY)
		patience(r, &us, "no job");
	d->kernel_boot = 1;
	__atomic_store_n(&d->kernel_run, d->run, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < 2; i++)
		channel_attach(&r->end[i], partner_channel(&r->p, i), true);
}

void rig_up(struct rig *r)
{
	rig_make(r);
	rig_start(r);
	rig_take(r);
	assert_int_equal(rig_request(r, 1, DIVE_CALL_MAP, r->p.begin,
				     DIVE_DELEGATE_MEMORY, DIVE_PIECE),
			 0);
}

void rig_post(struct rig *r, unsigned int channel, uint32_t type, uint32_t nr,
	      const uint64_t arg[6])
{
	struct channel_call call = { .type = type, .nr = nr };
	uint32_t one = 1;

	memcpy(call.arg, arg, sizeof(call.arg));
	if (channel_post(&r->end[channel], &call))
		assert_int_equal(write(r->bell, &one, sizeof(one)),
				 sizeof(one));
}

int64_t rig_answer(struct rig *r, unsigned int channel)
{
	struct channel_call call;
	unsigned int us = 0;

	for (unsigned int i = 0; i < 10000; i++) {
		if (channel_poll(&r->end[channel], &call))
			return call.result;
	}
	while (!channel_poll(&r->end[channel], &call))
		patience(r, &us, "no answer");
	return call.result;
}

int64_t rig_ask(struct rig *r, unsigned int channel, uint32_t type, uint32_t nr,
		const uint64_t arg[6])
{
	rig_post(r, channel, type, nr, arg);
	return rig_answer(r, channel);
}

int64_t rig_thread(struct rig *r, unsigned int channel)
{
	int64_t tid = rig_request(r, 0, DIVE_CALL_THREAD, channel);

	channel_attach(&r->end[channel], partner_channel(&r->p, channel), true);
	return tid;
}

char *rig_memory(struct rig *r)
{
	return (char *)r->p.area + DIVE_DELEGATE_MEMORY - DIVE_DELEGATE_AREA;
}

void rig_wait_asleep(struct rig *r, unsigned int channel)
{
	struct dive_channel *c = partner_channel(&r->p, channel);
	unsigned int us = 0;

	while (!__atomic_load_n(&c->partner_sleeps, __ATOMIC_SEQ_CST))
		patience(r, &us, "no sleep");
}

void rig_wait_blocked(struct rig *r, int64_t tid)
{
	char path[64], state = 0;
	unsigned int us = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", (int)r->child,
		 (int)tid);
	while (state != 'S') {
		FILE *file = fopen(path, "re");

		assert_non_null(file);
		if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
			state = 0;
		fclose(file);
		patience(r, &us, "not blocked");
	}
}

int rig_status(struct rig *r)
{
	unsigned int us = 0;
	int status;

	while (waitpid(r->child, &status, WNOHANG) == 0)
		patience(r, &us, "no end");
	r->left = partner_delegate(&r->p)->partner_state;
	close(r->bell);
	close(r->window);
	/* A test may have closed one before. */
	for (int i = 0; i < 2; i++)
		if (r->pipe[i] >= 0)
			close(r->pipe[i]);
	munmap(r->p.area, r->p.size);
	// cppcheck-suppress intToPointerCast
	munmap((void *)r->p.begin, RIG_ROOM);
	munmap(r->rings, 4096);
	return status;
}

int rig_end(struct rig *r, uint64_t status, uint64_t number)
{
	rig_post(r, 0, DIVE_CALL_EXIT, 0,
		 (const uint64_t[6]){ status, number });
	return rig_status(r);
}

void rig_end_well(struct rig *r)
{
	assert_int_equal(rig_end(r, 0, 0), 0);
}
