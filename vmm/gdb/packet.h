/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of gdb's remote protocol; knows neither sockets nor KVM. */
#ifndef VMM_GDB_PACKET_H
#define VMM_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Payload bytes of a packet either way (GDB manual, "Overview"). */
#define GDB_PACKET_MAX 4096u

enum gdb_event {
	GDB_EVENT_NONE,
	GDB_EVENT_PACKET,    /* payload in data, checksum right */
	GDB_EVENT_BAD,       /* wrong checksum or too long: ask again */
	GDB_EVENT_INTERRUPT, /* Ctrl-C between packets */
	GDB_EVENT_AGAIN,     /* '-': our last packet was damaged */
};

enum gdb_in_state {
	GDB_IN_IDLE,
	GDB_IN_DATA,
	GDB_IN_ESCAPE,
	GDB_IN_SUM_HIGH,
	GDB_IN_SUM_LOW,
};

/**
 * struct gdb_in - a packet on its way in; zeroed before the first byte
 * @state: what the next byte is
 * @size: bytes of @data
 * @sum: of the bytes seen, modulo 256
 * @want: first digit of the sender's sum
 * @bad: too long or malformed
 * @data: payload without escapes
 */
struct gdb_in {
	enum gdb_in_state state;
	size_t size;
	uint8_t sum;
	uint8_t want;
	bool bad;
	char data[GDB_PACKET_MAX];
};

/**
 * struct gdb_out - a packet on its way out
 * @size: bytes of @data, with the frame once it has ended
 * @full: something did not fit
 * @data: "$payload#sum"
 */
struct gdb_out {
	size_t size;
	bool full;
	char data[GDB_PACKET_MAX + 4];
};

/**
 * struct gdb_args - what of a packet has not been read yet
 * @at: next byte
 * @end: behind the last
 */
struct gdb_args {
	const char *at;
	const char *end;
};

enum gdb_action {
	GDB_STAY,
	GDB_CONTINUE,
	GDB_STEP,
};

/**
 * gdb_in_byte() - take one byte from gdb
 * @in: state; data and size hold until the next call after an event
 * @byte: anything
 *
 * Return: what it completed.
 */
enum gdb_event gdb_in_byte(struct gdb_in *in, uint8_t byte);

/**
 * gdb_out_begin() - start an empty packet
 * @out: overwritten
 */
void gdb_out_begin(struct gdb_out *out);

/**
 * gdb_out_text() - add characters that need no escape
 * @out: begun
 * @text: without # $ } *
 */
void gdb_out_text(struct gdb_out *out, const char *text);

/**
 * gdb_out_number() - add a number in hexadecimal without leading zeros
 * @out: begun
 * @value: the number
 */
void gdb_out_number(struct gdb_out *out, uint64_t value);

/**
 * gdb_out_hex() - add bytes, two digits each
 * @out: begun
 * @from: the bytes, in the order of memory
 * @size: how many
 */
void gdb_out_hex(struct gdb_out *out, const void *from, size_t size);

/**
 * gdb_out_part() - answer a read of a part of a document (qXfer)
 * @out: begun
 * @text: the document
 * @offset: first byte wanted
 * @length: bytes wanted at most; what does not fit is left for later
 */
void gdb_out_part(struct gdb_out *out, const char *text, uint64_t offset,
		  uint64_t length);

/**
 * gdb_out_end() - add the checksum
 * @out: ready to be sent; an error answer when it was too long
 */
void gdb_out_end(struct gdb_out *out);

/**
 * gdb_args_word() - take a word if it is next
 * @a: moves behind it
 * @word: what is expected
 *
 * Return: false with nothing taken when something else is next.
 */
bool gdb_args_word(struct gdb_args *a, const char *word);

/**
 * gdb_args_number() - take a hexadecimal number
 * @a: moves behind it
 * @ret: written on success
 *
 * Return: false when there is no digit or more than 16.
 */
bool gdb_args_number(struct gdb_args *a, uint64_t *ret);

/**
 * gdb_args_range() - take "address,size"
 * @a: moves behind it
 * @at: written on success
 * @size: written on success
 *
 * Return: false when it is none.
 */
bool gdb_args_range(struct gdb_args *a, uint64_t *at, uint64_t *size);

/**
 * gdb_args_thread() - take a thread: a number, 0 = any, -1 = all
 * @a: moves behind it
 * @ret: written on success
 *
 * Return: false when it is none, or larger than an int.
 */
bool gdb_args_thread(struct gdb_args *a, int *ret);

/**
 * gdb_args_hex() - take bytes of two digits each
 * @a: moves behind them
 * @to: destination
 * @size: how many
 *
 * Return: false when there are fewer, or other characters.
 */
bool gdb_args_hex(struct gdb_args *a, void *to, size_t size);

/**
 * gdb_args_actions() - take the actions of vCont
 * @a: ";action[:thread]..." to the end of the packet
 * @action: for each thread, the first action that names it; else GDB_STAY
 * @threads: entries of @action; entry 0 is thread 1
 *
 * Return: false for an action that was not offered or a bad thread.
 */
bool gdb_args_actions(struct gdb_args *a, enum gdb_action *action,
		      unsigned int threads);

#endif
