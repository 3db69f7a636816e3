/* SPDX-License-Identifier: ISC */
/*
 * Channel of contract section 12: every call is answered once, with its own
 * answer, and nobody sleeps for ever. -DNO_FENCE, -DNO_LOOK, -DNO_RING and
 * -DEARLY leave out one thing each: then it must fail.
 */
#define REQUEST	       0
#define ARG	       1
#define KERNEL_SLEEPS  2
#define REPLY	       3
#define RESULT	       4
#define PARTNER_SLEEPS 5
#define ASLEEP	       6
#define WORDS	       7
#define BUFFER	       3
#include "tso.pml"

#define CALLS 3

/* Doorbells: edges, which coalesce; one may come without cause. */
bit bell_kernel, bell_partner;
byte answered;
/* What a thread of the partner sleeps on, and its listener counts up. */
byte rung;

#ifdef NO_FENCE
#define sync(who) skip
#else
#define sync(who) fence(who)
#endif

active proctype kernel()
{
	byte n = 0;

	do
	:: n == CALLS -> break
	:: n < CALLS ->
		n++;
#ifdef EARLY
		write(0, REQUEST, n);
		write(0, ARG, n);
#else
		write(0, ARG, n);
		write(0, REQUEST, n);
#endif
		sync(0);
#ifndef NO_RING
		if
		:: memory[PARTNER_SLEEPS] -> bell_partner = 1
		:: else
		fi;
#endif
		do
		:: memory[REPLY] == n -> break
		:: memory[REPLY] != n ->
			write(0, KERNEL_SLEEPS, 1);
			sync(0);
#ifndef NO_LOOK
			if
			:: memory[REPLY] == n
			:: else -> bell_kernel -> bell_kernel = 0
			fi;
#else
			bell_kernel -> bell_kernel = 0;
#endif
			write(0, KERNEL_SLEEPS, 0)
		od;
		/* Its own answer, and one. */
		assert(memory[RESULT] == n && answered == n)
	od
}

active proctype partner()
{
	byte taken = 0, seen = 0;

	do
	:: memory[REQUEST] != taken ->
		taken = memory[REQUEST];
		assert(memory[ARG] == taken);
		answered++;
		write(1, RESULT, taken);
		write(1, REPLY, taken);
		sync(1);
		if
		:: memory[KERNEL_SLEEPS] -> bell_kernel = 1
		:: else
		fi
	:: memory[REQUEST] == taken ->
		seen = rung;
		write(1, ASLEEP, 1);
		sync(1);
		write(1, PARTNER_SLEEPS, 1);
		sync(1);
		if
		:: memory[REQUEST] != taken
		:: else ->
end_idle:		rung != seen
		fi;
		write(1, PARTNER_SLEEPS, 0);
		write(1, ASLEEP, 0)
	od
}

/* The partner's thread that waits for the doorbell, hrt/partner/bell.c. */
active proctype listener()
{
end_idle:
	do
	:: bell_partner ->
		bell_partner = 0;
		if
		:: memory[ASLEEP] && memory[REQUEST] != memory[REPLY] -> rung++
		:: else
		fi
	od
}

/* A doorbell that nobody meant. */
active proctype noise()
{
	if
	:: bell_kernel = 1
	:: bell_partner = 1
	:: skip
	fi
}
