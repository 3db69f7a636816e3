/* SPDX-License-Identifier: ISC */
/*
 * Ring of contract section 8: all bytes arrive in order, the end is seen, and
 * nobody sleeps for ever. -DNO_FENCE and -DNO_LOOK leave out one thing each:
 * then it must fail.
 */
#define WRITE_INDEX    0
#define EOF	       1
#define PRODUCER_WAITS 2
#define READ_INDEX     3
#define CONSUMER_WAITS 4
#define DATA	       5
#define SIZE	       2
#define WORDS	       7 /* DATA + SIZE */
#define BUFFER	       3
#include "tso.pml"

#define BYTES 4

bit bell_producer, bell_consumer;

#ifdef NO_FENCE
#define sync(who) skip
#else
#define sync(who) fence(who)
#endif

inline ring(who, waits, bell)
{
	sync(who);
	if
	:: memory[waits] -> bell = 1
	:: else
	fi
}

/* Contract 8.6: say so, fence, look again, sleep. */
inline sleep(who, waits, something, bell)
{
	write(who, waits, 1);
	sync(who);
#ifndef NO_LOOK
	if
	:: something
	:: else -> bell -> bell = 0
	fi;
#else
	bell -> bell = 0;
#endif
	write(who, waits, 0)
}

active proctype producer()
{
	byte at = 0;

	do
	:: at == BYTES -> break
	:: at < BYTES && at - memory[READ_INDEX] < SIZE ->
		write(0, DATA + at % SIZE, at);
		at++;
		write(0, WRITE_INDEX, at);
		ring(0, CONSUMER_WAITS, bell_consumer)
	:: at < BYTES && at - memory[READ_INDEX] == SIZE ->
		sleep(0, PRODUCER_WAITS, at - memory[READ_INDEX] < SIZE,
		      bell_producer)
	od;
	write(0, EOF, 1);
	ring(0, CONSUMER_WAITS, bell_consumer)
}

active proctype consumer()
{
	byte at = 0;

	do
	:: memory[WRITE_INDEX] != at ->
		assert(memory[DATA + at % SIZE] == at);
		at++;
		write(1, READ_INDEX, at);
		ring(1, PRODUCER_WAITS, bell_producer)
	:: memory[WRITE_INDEX] == at ->
		if
		:: memory[EOF] && memory[WRITE_INDEX] == at -> break
		:: else ->
			sleep(1, CONSUMER_WAITS,
			      memory[WRITE_INDEX] != at || memory[EOF],
			      bell_consumer)
		fi
	od;
	assert(at == BYTES)
}
