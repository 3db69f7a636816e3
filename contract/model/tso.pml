/* SPDX-License-Identifier: ISC */
/*
 * Memory as x86 has it: what a processor writes waits in a buffer of its own,
 * in order, until it reaches memory. It reads what others have written only
 * there. Nobody here reads back what itself has written.
 */
byte memory[WORDS];
chan buffer[2] = [BUFFER] of { byte, byte };

inline write(who, word, value)
{
	buffer[who]!word, value
}

/* A full fence, and the end of a sequentially consistent write. */
inline fence(who)
{
	empty(buffer[who])
}

active [2] proctype drain()
{
	byte word, value;

end:	do
	:: atomic { buffer[_pid]?word, value -> memory[word] = value }
	od
}
