// SPDX-License-Identifier: ISC
// A partner that lies: offers jobs that make no sense, then one that does, and
// answers whatever the kernel asks for with nonsense. Words: rounds.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "contract/dive/delegate.h"
#include "contract/dive/note.h"
#include "dice.h"

#define DEVICE      "/dev/dax0.0"
#define PATIENCE_NS 200000000

/* What a result may be, or nothing in particular. */
static uint64_t awkward(void)
{
	static const uint64_t values[] = {
		0,
		1,
		3,
		4096,
		64,
		(uint64_t)-1,
		(uint64_t)-2,
		(uint64_t)-4095,
		INT32_MAX,
		(uint64_t)INT64_MIN,
		INT64_MAX,
		0x400000,
		0x200000,
		UINT64_MAX,
	};
	uint64_t n = dice() % (sizeof(values) / sizeof(values[0]) + 3);

	return n < sizeof(values) / sizeof(values[0]) ? values[n] : dice();
}

static struct dive_delegate *map_area(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	void *area = MAP_FAILED;

	if (fd >= 0)
		area = mmap(NULL, DIVE_DELEGATE_MEMORY - DIVE_DELEGATE_AREA,
			    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (area == MAP_FAILED || ioperm(DIVE_DELEGATE_PORT, 1, 1)) {
		perror(DEVICE);
		exit(1);
	}
	return area;
}

static void *at(struct dive_delegate *area, size_t offset)
{
	return (uint8_t *)area + offset;
}

static void write_good_job(struct dive_delegate *area)
{
	static const char strings[] = "vandal\0A=b\0vandal\0/bin/busybox";
	struct dive_job *job = at(area, DIVE_DELEGATE_JOB);

	*job = (struct dive_job){ .argc = 1, .envc = 1 };
	memcpy(job + 1, strings, sizeof(strings));
	area->job_size = sizeof(*job) + sizeof(strings);
	area->magic = DIVE_DELEGATE_MAGIC;
	area->version = DIVE_CONTRACT_VERSION;
	area->size = sizeof(*area);
	area->channels = DIVE_CHANNELS_MAX;
}

static void spoil_job(struct dive_delegate *area)
{
	struct dive_job *job = at(area, DIVE_DELEGATE_JOB);

	switch (dice() % 8) {
	case 0:
		job->argc = (uint32_t)awkward();
		break;
	case 1:
		job->envc = UINT32_MAX;
		break;
	case 2:
		area->job_size = (uint32_t)awkward();
		break;
	case 3:
		memset(job + 1, 'x', DIVE_DELEGATE_JOB_MAX - sizeof(*job));
		area->job_size = DIVE_DELEGATE_JOB_MAX;
		break;
	case 4:
		area->channels = (uint32_t)awkward();
		break;
	case 5:
		area->size = (uint32_t)awkward();
		break;
	case 6:
		area->version++;
		break;
	default:
		job->argc = 0;
		break;
	}
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Has the kernel taken it? */
static int offer(struct dive_delegate *area)
{
	uint64_t until = now() + PATIENCE_NS;
	uint32_t run = area->run + 1 ? area->run + 1 : 1;

	__atomic_store_n(&area->run, run, __ATOMIC_SEQ_CST);
	__atomic_store_n(&area->partner_state, DIVE_PARTNER_READY,
			 __ATOMIC_SEQ_CST);
	outb(0, DIVE_DELEGATE_PORT);
	while (__atomic_load_n(&area->kernel_run, __ATOMIC_SEQ_CST) != run)
		if (now() > until)
			return 0;
	return 1;
}

/* One look at every channel; an answer, perhaps to another question. */
static unsigned int answer(struct dive_delegate *area)
{
	struct dive_channel *channel = at(area, DIVE_DELEGATE_CHANNELS);
	unsigned int answers = 0;

	for (unsigned int i = 0; i < DIVE_CHANNELS_MAX; i++) {
		struct dive_channel *c = &channel[i];
		uint32_t request =
			__atomic_load_n(&c->request, __ATOMIC_SEQ_CST);

		if (request == c->reply)
			continue;
		c->result = (int64_t)awkward();
		c->service = awkward();
		c->partner_sleeps = (uint32_t)dice();
		__atomic_store_n(&c->reply,
				 dice() % 8 ? request : (uint32_t)dice(),
				 __ATOMIC_SEQ_CST);
		answers++;
	}
	for (int i = 0; i < 4; i++)
		area->signal[dice() % DIVE_SIGNALS] += dice() % 64 == 0;
	outb(0, DIVE_DELEGATE_PORT);
	return answers;
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 1 ? (unsigned int)atoi(argv[1]) : 100;
	unsigned int taken = 0, answers = 0;
	struct dive_delegate *area = map_area();

	for (unsigned int i = 0; i < rounds; i++) {
		write_good_job(area);
		if (i % 2)
			spoil_job(area);
		if (!offer(area))
			continue;
		taken++;
		for (int n = 0; n < 300; n++) {
			answers += answer(area);
			usleep(20);
		}
		__atomic_store_n(&area->partner_state, DIVE_PARTNER_GONE,
				 __ATOMIC_SEQ_CST);
		outb(0, DIVE_DELEGATE_PORT);
	}
	printf("vandal: %u jobs taken, %u answers\n", taken, answers);
	return 0;
}
