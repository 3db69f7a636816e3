// SPDX-License-Identifier: Apache-2.0
// Signals that wait: a set, and for most of them what is known of them.
#include "signal_queue.h"

#include <asm/errno.h>

#include "../heap.h"

/* Signals of one kind that wait; Linux has RLIMIT_SIGPENDING for them. */
#define INFOS_MAX 1024

#define FIRST_REAL_TIME 32

/* Those that the task itself has caused come first, as in Linux. */
#define SIGNALS_FIRST                                                    \
	(SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGILL) | \
	 SIGNAL_BIT(SIGTRAP) | SIGNAL_BIT(SIGFPE) | SIGNAL_BIT(SIGSYS))

struct entry {
	struct list link;
	siginfo_t info;
};

void signal_queue_init(struct signal_queue *queue)
{
	queue->set = 0;
	list_init(&queue->infos);
}

static struct entry *entry_of(struct list *link)
{
	return LIST_ENTRY(link, struct entry, link);
}

static unsigned int count(const struct signal_queue *queue)
{
	unsigned int entries = 0;
	struct list *link;

	LIST_EACH(link, &queue->infos)
		entries++;
	return entries;
}

int signal_queue_add(struct signal_queue *queue, const siginfo_t *info)
{
	uint64_t bit = SIGNAL_BIT(info->si_signo);
	struct entry *entry;

	if (info->si_signo < FIRST_REAL_TIME && queue->set & bit)
		return 0;
	entry = count(queue) < INFOS_MAX ? heap_alloc(sizeof(*entry)) : NULL;
	if (entry) {
		entry->info = *info;
		list_add(&queue->infos, &entry->link);
	} else if (info->si_signo >= FIRST_REAL_TIME) {
		return -EAGAIN;
	}
	queue->set |= bit;
	return 0;
}

/* The oldest entry of a signal; @more says whether there is another one. */
static struct entry *find(const struct signal_queue *queue, int signal,
			  bool *more)
{
	struct entry *first = NULL;
	struct list *link;

	*more = false;
	LIST_EACH(link, &queue->infos) {
		if (entry_of(link)->info.si_signo != signal)
			continue;
		if (first) {
			*more = true;
			break;
		}
		first = entry_of(link);
	}
	return first;
}

int signal_queue_take(struct signal_queue *queue, uint64_t set, siginfo_t *info)
{
	struct entry *entry;
	int signal;
	bool more;

	set &= queue->set;
	if (!set)
		return 0;
	if (set & SIGNALS_FIRST)
		set &= SIGNALS_FIRST;
	signal = __builtin_ctzll(set) + 1;
	entry = find(queue, signal, &more);
	if (!more)
		queue->set &= ~SIGNAL_BIT(signal);
	if (entry) {
		*info = entry->info;
		list_remove(&entry->link);
		heap_free(entry);
	} else {
		memset(info, 0, sizeof(*info));
		info->si_signo = signal;
	}
	return signal;
}

void signal_queue_drop(struct signal_queue *queue, uint64_t set)
{
	struct list *link = queue->infos.next, *next;

	for (; link != &queue->infos; link = next) {
		next = link->next;
		if (!(SIGNAL_BIT(entry_of(link)->info.si_signo) & set))
			continue;
		list_remove(link);
		heap_free(entry_of(link));
	}
	queue->set &= ~set;
}
