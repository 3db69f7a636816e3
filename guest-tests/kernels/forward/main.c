// SPDX-License-Identifier: ISC
// Has Linux do system calls: the least that a partner's kernel can be. For each
// job it writes the job's words to standard output, each by another thread of
// the partner, and ends the program with the status that the last word says, or
// by the signal that comes for it if that is "signal".
#include <dive.h>
#include <lib/channel.h>

#include <dive/delegate.h>

#define PROGRAM 0x400000 /* where the program would be */
#define IDLE_US 20000    /* between two words: the partner sleeps then */

/* System calls of x86-64 Linux. */
#define WRITE  1
#define PAUSE  34
#define GETTID 186
#define EINTR  4

static uint8_t *window;

static struct dive_delegate *delegate(void)
{
	return (struct dive_delegate *)(void *)(window + DIVE_DELEGATE_AREA);
}

static struct dive_channel *channel(unsigned int number)
{
	return (struct dive_channel *)(void *)(window + DIVE_DELEGATE_AREA +
					       DIVE_DELEGATE_CHANNELS) +
	       number;
}

static void post(struct channel_end *end, const struct channel_call *request)
{
	if (channel_post(end, request))
		dive_window_ring();
}

/* Sleeps until it is there. */
static int64_t answer(struct channel_end *end)
{
	struct channel_call call;

	for (;;) {
		channel_kernel_sleeps(end, true);
		dive_irq_off();
		if (channel_poll(end, &call))
			break;
		dive_wait();
	}
	dive_irq_on();
	channel_kernel_sleeps(end, false);
	return call.result;
}

static int64_t ask(struct channel_end *end, struct channel_call request)
{
	post(end, &request);
	return answer(end);
}

/* Linux reads @text by the program's address of it. */
static void say(struct channel_end *end, const char *text)
{
	char *piece = (char *)window + DIVE_DELEGATE_MEMORY;
	size_t size = strlen(text);
	int64_t result;

	memcpy(piece, text, size);
	piece[size++] = '\n';
	result = ask(end, (struct channel_call){ .type = DIVE_CALL_SYSCALL,
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

	tid = ask(control, (struct channel_call){ .type = DIVE_CALL_THREAD,
						  .arg = { number } });
	channel_attach(&end, channel(number), true);
	other = ask(&end, (struct channel_call){ .type = DIVE_CALL_SYSCALL,
						 .nr = GETTID });
	if (tid != other)
		dive_log("thread %ld is %ld\n", (long)tid, (long)other);
	say(&end, text);
	ask(&end, (struct channel_call){ .type = DIVE_CALL_LEAVE });
}

static uint64_t number(const char *text)
{
	uint64_t value = 0;

	while (*text >= '0' && *text <= '9')
		value = value * 10 + (uint64_t)(*text++ - '0');
	return value;
}

/* Which one has come; there is nothing to do until then. */
static uint64_t wait_signal(struct channel_end *control,
			    struct channel_end *first)
{
	const uint32_t *counts = delegate()->signal;
	uint64_t i = 0;
	int64_t result;

	post(first,
	     &(struct channel_call){ .type = DIVE_CALL_SYSCALL, .nr = PAUSE });
	for (;; i = (i + 1) % DIVE_SIGNALS) {
		dive_irq_off();
		if (__atomic_load_n(&counts[i], __ATOMIC_SEQ_CST))
			break;
		if (i == DIVE_SIGNALS - 1)
			dive_wait();
		dive_irq_on();
	}
	dive_irq_on();
	ask(control,
	    (struct channel_call){ .type = DIVE_CALL_INTERRUPT, .arg = { 1 } });
	result = answer(first);
	if (result != -EINTR && result != DIVE_CALL_NOT_BEGUN)
		dive_log("pause: %ld\n", (long)result);
	return i + 1;
}

static void wait_job(void)
{
	struct dive_delegate *d = delegate();

	for (;;) {
		__atomic_store_n(&d->kernel_sleeps, 1, __ATOMIC_SEQ_CST);
		dive_irq_off();
		if (__atomic_load_n(&d->partner_state, __ATOMIC_SEQ_CST) ==
			    DIVE_PARTNER_READY &&
		    d->run != d->kernel_run)
			break;
		dive_wait();
	}
	dive_irq_on();
	__atomic_store_n(&d->kernel_sleeps, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&d->kernel_run, d->run, __ATOMIC_SEQ_CST);
}

static void run_job(void)
{
	const struct dive_job *job =
		(const void *)(window + DIVE_DELEGATE_AREA + DIVE_DELEGATE_JOB);
	const char *word = (const char *)(job + 1);
	struct channel_call end = { .type = DIVE_CALL_EXIT };
	struct channel_end control, first;

	channel_attach(&control, channel(0), true);
	channel_attach(&first, channel(1), true);
	if (ask(&first,
		(struct channel_call){
			.type = DIVE_CALL_MAP,
			.arg = { PROGRAM, DIVE_DELEGATE_MEMORY, DIVE_PIECE } }))
		dive_log("cannot map\n");
	for (uint32_t i = 0; i + 1 < job->argc; i++) {
		uint64_t then = dive_now_us() + IDLE_US;

		while (dive_now_us() < then)
			dive_pause();
		if (i == 0)
			say(&first, word);
		else
			say_by(&control, 1 + i, word);
		word += strlen(word) + 1;
	}
	if (*word == 's')
		end.arg[1] = wait_signal(&control, &first);
	else
		end.arg[0] = number(word);
	dive_log("%lu wakes\n", delegate()->partner_wakes);
	post(&control, &end);
}

int dive_main(const struct dive_boot *boot)
{
	window = (uint8_t *)(uintptr_t)boot->window.start;
	if (boot->window.size < DIVE_DELEGATE_MEMORY + DIVE_PIECE)
		dive_panic("no window");
	delegate()->kernel_boot = 1;
	for (;;) {
		wait_job();
		run_job();
	}
}
