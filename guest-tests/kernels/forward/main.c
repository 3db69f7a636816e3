// SPDX-License-Identifier: ISC
// Has Linux do system calls: the least that a partner's kernel can be. It takes
// a job, writes the job's words to standard output, each by another thread of
// the partner, and ends the program with the status that the last word says.
#include <dive.h>
#include <lib/channel.h>

#include <dive/delegate.h>

#define PROGRAM 0x400000 /* where the program would be */

/* System calls of x86-64 Linux. */
#define WRITE  1
#define GETTID 186

static uint8_t *window;

static struct dive_channel *channel(unsigned int number)
{
	return (struct dive_channel *)(void *)(window + DIVE_DELEGATE_AREA +
					       DIVE_DELEGATE_CHANNELS) +
	       number;
}

static int64_t call(struct channel_end *end, struct channel_call request)
{
	if (channel_post(end, &request))
		dive_window_ring();
	while (!channel_poll(end, &request))
		dive_pause();
	return request.result;
}

/* Linux reads @text by the program's address of it. */
static void say(struct channel_end *end, const char *text)
{
	size_t size = strlen(text);
	char *piece = (char *)window + DIVE_DELEGATE_MEMORY;

	memcpy(piece, text, size);
	piece[size++] = '\n';
	int64_t result =
		call(end, (struct channel_call){ .type = DIVE_CALL_SYSCALL,
						 .nr = WRITE,
						 .arg = { 1, PROGRAM, size } });
	if (result != (int64_t)size)
		dive_log("write: %ld\n", (long)result);
}

/* By a thread of its own, which ends then. */
static void say_by(struct channel_end *control, unsigned int number,
		   const char *text)
{
	struct channel_end end;
	int64_t tid, other;

	tid = call(control, (struct channel_call){ .type = DIVE_CALL_THREAD,
						   .arg = { number } });
	channel_attach(&end, channel(number), true);
	other = call(&end, (struct channel_call){ .type = DIVE_CALL_SYSCALL,
						  .nr = GETTID });
	if (tid != other)
		dive_log("thread %ld is %ld\n", (long)tid, (long)other);
	say(&end, text);
	call(&end, (struct channel_call){ .type = DIVE_CALL_LEAVE });
}

static uint64_t number(const char *text)
{
	uint64_t value = 0;

	while (*text >= '0' && *text <= '9')
		value = value * 10 + (uint64_t)(*text++ - '0');
	return value;
}

static void wait_job(struct dive_delegate *d)
{
	d->kernel_boot = 1;
	while (__atomic_load_n(&d->partner_state, __ATOMIC_ACQUIRE) !=
	       DIVE_PARTNER_READY)
		dive_pause();
	__atomic_store_n(&d->kernel_run, d->run, __ATOMIC_RELEASE);
}

int dive_main(const struct dive_boot *boot)
{
	struct channel_end control, first;
	const struct dive_job *job;
	const char *word;
	int64_t result;

	window = (uint8_t *)(uintptr_t)boot->window.start;
	if (boot->window.size < DIVE_DELEGATE_MEMORY + DIVE_PIECE)
		dive_panic("no window");
	wait_job((void *)(window + DIVE_DELEGATE_AREA));
	channel_attach(&control, channel(0), true);
	channel_attach(&first, channel(1), true);
	result = call(&first, (struct channel_call){
				      .type = DIVE_CALL_MAP,
				      .arg = { PROGRAM, DIVE_DELEGATE_MEMORY,
					       DIVE_PIECE } });
	if (result)
		dive_log("map: %ld\n", (long)result);
	job = (void *)(window + DIVE_DELEGATE_AREA + DIVE_DELEGATE_JOB);
	word = (const char *)(job + 1);
	for (uint32_t i = 0; i + 1 < job->argc; i++) {
		if (i == 0)
			say(&first, word);
		else
			say_by(&control, 1 + i, word);
		word += strlen(word) + 1;
	}
	channel_post(&control,
		     &(struct channel_call){ .type = DIVE_CALL_EXIT,
					     .arg = { number(word) } });
	dive_irq_off();
	for (;;)
		dive_wait();
}
