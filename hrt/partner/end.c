// SPDX-License-Identifier: Apache-2.0
// Ends the process as the program has ended.
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "hrt/partner/partner.h"

/* As a program does that a signal kills; what is dumped would be the partner. */
static void die(int number)
{
	const struct rlimit none = { 0 };
	sigset_t set;

	setrlimit(RLIMIT_CORE, &none);
	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
}

void partner_count(const struct partner *p)
{
	struct rusage usage;

	if (!getrusage(RUSAGE_SELF, &usage))
		__atomic_store_n(&partner_delegate(p)->partner_faults,
				 (uint64_t)(usage.ru_minflt + usage.ru_majflt),
				 __ATOMIC_RELAXED);
}

void partner_leave(const struct partner *p, uint32_t state)
{
	__atomic_store_n(&partner_delegate(p)->partner_state, state,
			 __ATOMIC_SEQ_CST);
}

void partner_end(struct partner *p, uint64_t status, uint64_t signal)
{
	partner_count(p);
	partner_leave(p, DIVE_PARTNER_NONE);
	if (signal && signal <= DIVE_SIGNALS) {
		die((int)signal);
		status = 128 + signal; /* it is not one that ends a process */
	}
	exit((int)(status & 0xff));
}
