// SPDX-License-Identifier: Apache-2.0
// Jobs (contract 12.3): copied out of the window, then checked.
#include "job.h"

#include <dive/note.h>

#include "../console.h"
#include "../heap.h"
#include "channel.h"
#include "process.h"

#define PATH_MAX 4096

/* The partner's side of struct dive_delegate, fetched once. */
struct offer {
	uint32_t magic;
	uint32_t version;
	uint32_t size;
	uint32_t state;
	uint32_t run;
	uint32_t job_size;
	uint32_t channels;
};

/* The copy; only this thread uses it. */
static char *copy;
static uint32_t taken_run;

bool job_init(void)
{
	copy = heap_alloc(DIVE_DELEGATE_JOB_MAX);
	/* What the kernel had taken before it was booted again is lost. */
	taken_run =
		__atomic_load_n(&channel_area()->kernel_run, __ATOMIC_RELAXED);
	return copy;
}

static uint32_t fetch(const uint32_t *field)
{
	return __atomic_load_n(field, __ATOMIC_SEQ_CST);
}

/* The state is written last, so it is read first. */
static struct offer look(void)
{
	const struct dive_delegate *area = channel_area();
	struct offer offer = { .state = fetch(&area->partner_state) };

	offer.magic = fetch(&area->magic);
	offer.version = fetch(&area->version);
	offer.size = fetch(&area->size);
	offer.run = fetch(&area->run);
	offer.job_size = fetch(&area->job_size);
	offer.channels = fetch(&area->channels);
	return offer;
}

static bool is_new(const struct offer *offer)
{
	return offer->magic == DIVE_DELEGATE_MAGIC &&
	       offer->state == DIVE_PARTNER_READY && offer->run != taken_run &&
	       offer->run != 0;
}

static struct offer wait_for_offer(void)
{
	struct dive_delegate *area = channel_area();

	for (;;) {
		uint32_t seen = fetch(&process.rung);
		struct offer offer;

		__atomic_store_n(&area->kernel_sleeps, 1, __ATOMIC_SEQ_CST);
		offer = look();
		if (is_new(&offer)) {
			__atomic_store_n(&area->kernel_sleeps, 0,
					 __ATOMIC_SEQ_CST);
			return offer;
		}
		wait_on(&process.rung, seen, clock_ns() + CLOCK_SEC);
	}
}

/* Passes over strings; NULL when there are fewer. */
static const char *pass(const char *at, const char *end, uint64_t count)
{
	while (count--) {
		while (at < end && *at)
			at++;
		if (at++ >= end)
			return NULL;
	}
	return at;
}

static bool parse(struct job *job, size_t size)
{
	const char *at = copy + sizeof(struct dive_job), *end = copy + size;
	struct dive_job head;
	uint64_t count;

	memcpy(&head, copy, sizeof(head));
	count = (uint64_t)head.argc + head.envc;
	if (!head.argc || head.flags)
		return false;
	job->argc = head.argc;
	job->envc = head.envc;
	job->words = at;
	job->name = pass(at, end, count);
	job->path = job->name ? pass(job->name, end, 1) : NULL;
	if (!job->path || !pass(job->path, end, 1))
		return false;
	job->words_size = (size_t)(job->path - job->words);
	return *job->path == '/' && strlen(job->path) < PATH_MAX;
}

static bool take(struct job *job, const struct offer *offer)
{
	uintptr_t shared = (uintptr_t)channel_area() + DIVE_DELEGATE_JOB;

	if (offer->version != DIVE_CONTRACT_VERSION ||
	    offer->size < sizeof(struct dive_delegate) || offer->channels < 2 ||
	    offer->channels > DIVE_CHANNELS_MAX ||
	    offer->job_size < sizeof(struct dive_job) ||
	    offer->job_size > DIVE_DELEGATE_JOB_MAX)
		return false;
	memcpy(copy, (const void *)shared, offer->job_size);
	return parse(job, offer->job_size);
}

unsigned int job_wait(struct job *job)
{
	for (;;) {
		struct offer offer = wait_for_offer();
		bool is_good = take(job, &offer);

		taken_run = offer.run;
		__atomic_store_n(&channel_area()->kernel_run, taken_run,
				 __ATOMIC_SEQ_CST);
		if (is_good)
			return offer.channels;
		console_log("minnow: a partner in Linux has brought a job "
			    "that makes no sense\n");
	}
}

bool job_is_gone(void)
{
	const struct dive_delegate *area = channel_area();

	return fetch(&area->partner_state) == DIVE_PARTNER_GONE ||
	       fetch(&area->run) != taken_run;
}
