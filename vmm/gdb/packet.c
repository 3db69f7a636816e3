// SPDX-License-Identifier: Apache-2.0
// Packets of gdb's remote protocol (GDB manual, appendix E, "Overview").
#include "vmm/gdb/packet.h"

#include <limits.h>
#include <string.h>

static const char digits[] = "0123456789abcdef";

/* 0 .. 15, or more for what is no digit. */
static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return 16;
}

static void store(struct gdb_in *in, uint8_t byte)
{
	if (in->size == sizeof(in->data))
		in->bad = true;
	else
		in->data[in->size++] = (char)byte;
}

static enum gdb_event idle_byte(struct gdb_in *in, uint8_t byte)
{
	if (byte == 3)
		return GDB_EVENT_INTERRUPT;
	if (byte == '-')
		return GDB_EVENT_AGAIN;
	if (byte == '$') {
		in->state = GDB_IN_DATA;
		in->size = 0;
		in->sum = 0;
		in->bad = false;
	}
	return GDB_EVENT_NONE;
}

static void data_byte(struct gdb_in *in, uint8_t byte)
{
	if (byte == '#') {
		in->state = GDB_IN_SUM_HIGH;
		return;
	}
	in->sum = (uint8_t)(in->sum + byte);
	if (in->state == GDB_IN_ESCAPE) {
		store(in, byte ^ 0x20);
		in->state = GDB_IN_DATA;
	} else if (byte == '}') {
		in->state = GDB_IN_ESCAPE;
	} else {
		store(in, byte);
	}
}

enum gdb_event gdb_in_byte(struct gdb_in *in, uint8_t byte)
{
	unsigned int value = digit((char)byte);

	switch (in->state) {
	case GDB_IN_IDLE:
		return idle_byte(in, byte);
	case GDB_IN_DATA:
	case GDB_IN_ESCAPE:
		data_byte(in, byte);
		return GDB_EVENT_NONE;
	case GDB_IN_SUM_HIGH:
		in->bad |= value > 15;
		in->want = (uint8_t)(value << 4);
		in->state = GDB_IN_SUM_LOW;
		return GDB_EVENT_NONE;
	case GDB_IN_SUM_LOW:
		break;
	}
	in->state = GDB_IN_IDLE;
	if (in->bad || value > 15 || (in->want | value) != in->sum)
		return GDB_EVENT_BAD;
	return GDB_EVENT_PACKET;
}

static void put(struct gdb_out *out, char c)
{
	/* One for '$', three for the sum. */
	if (out->size >= sizeof(out->data) - 3)
		out->full = true;
	else
		out->data[out->size++] = c;
}

void gdb_out_begin(struct gdb_out *out)
{
	out->data[0] = '$';
	out->size = 1;
	out->full = false;
}

void gdb_out_text(struct gdb_out *out, const char *text)
{
	while (*text)
		put(out, *text++);
}

void gdb_out_number(struct gdb_out *out, uint64_t value)
{
	unsigned int shift = 60;

	while (shift && value >> shift == 0)
		shift -= 4;
	for (;; shift -= 4) {
		put(out, digits[value >> shift & 15]);
		if (shift == 0)
			return;
	}
}

void gdb_out_hex(struct gdb_out *out, const void *from, size_t size)
{
	const uint8_t *bytes = from;

	for (size_t i = 0; i < size; i++) {
		put(out, digits[bytes[i] >> 4]);
		put(out, digits[bytes[i] & 15]);
	}
}

void gdb_out_part(struct gdb_out *out, const char *text, uint64_t offset,
		  uint64_t length)
{
	size_t left = strlen(text);
	size_t room = sizeof(out->data) - 4 - out->size;

	text += offset < left ? offset : left;
	left = strlen(text);
	if (length > room)
		length = room;
	put(out, left > length ? 'm' : 'l');
	for (size_t i = 0; i < left && i < length; i++)
		put(out, text[i]);
}

void gdb_out_end(struct gdb_out *out)
{
	uint8_t sum = 0;

	if (out->full) {
		gdb_out_begin(out);
		gdb_out_text(out, "E01");
	}
	for (size_t i = 1; i < out->size; i++)
		sum = (uint8_t)(sum + (uint8_t)out->data[i]);
	out->data[out->size++] = '#';
	out->data[out->size++] = digits[sum >> 4];
	out->data[out->size++] = digits[sum & 15];
}

bool gdb_args_word(struct gdb_args *a, const char *word)
{
	size_t size = strlen(word);

	if ((size_t)(a->end - a->at) < size || memcmp(a->at, word, size) != 0)
		return false;
	a->at += size;
	return true;
}

bool gdb_args_number(struct gdb_args *a, uint64_t *ret)
{
	uint64_t value = 0;
	unsigned int count = 0;

	while (a->at < a->end && digit(*a->at) < 16) {
		if (++count > 16)
			return false;
		value = value << 4 | digit(*a->at++);
	}
	*ret = value;
	return count > 0;
}

bool gdb_args_range(struct gdb_args *a, uint64_t *at, uint64_t *size)
{
	return gdb_args_number(a, at) && gdb_args_word(a, ",") &&
	       gdb_args_number(a, size);
}

bool gdb_args_thread(struct gdb_args *a, int *ret)
{
	uint64_t value;

	if (gdb_args_word(a, "-1")) {
		*ret = -1;
		return true;
	}
	if (!gdb_args_number(a, &value) || value > INT_MAX)
		return false;
	*ret = (int)value;
	return true;
}

bool gdb_args_hex(struct gdb_args *a, void *to, size_t size)
{
	uint8_t *bytes = to;

	if ((size_t)(a->end - a->at) / 2 < size)
		return false;
	for (size_t i = 0; i < size; i++, a->at += 2) {
		unsigned int high = digit(a->at[0]), low = digit(a->at[1]);

		if (high > 15 || low > 15)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* The letter of an action; C and S carry a signal, which no kernel gets. */
static bool take_action(struct gdb_args *a, enum gdb_action *ret)
{
	uint64_t signal;
	bool has_signal = a->at < a->end && (*a->at == 'C' || *a->at == 'S');

	if (a->at < a->end && (*a->at == 'c' || *a->at == 'C'))
		*ret = GDB_CONTINUE;
	else if (a->at < a->end && (*a->at == 's' || *a->at == 'S'))
		*ret = GDB_STEP;
	else
		return false;
	a->at++;
	return !has_signal || gdb_args_number(a, &signal);
}

bool gdb_args_actions(struct gdb_args *a, enum gdb_action *action,
		      unsigned int threads)
{
	for (unsigned int i = 0; i < threads; i++)
		action[i] = GDB_STAY;
	while (gdb_args_word(a, ";")) {
		enum gdb_action todo;
		int thread = -1;

		if (!take_action(a, &todo))
			return false;
		if (gdb_args_word(a, ":") && !gdb_args_thread(a, &thread))
			return false;
		for (unsigned int i = 0; i < threads; i++)
			if (action[i] == GDB_STAY &&
			    (thread <= 0 || (unsigned int)thread == i + 1))
				action[i] = todo;
	}
	return a->at == a->end;
}
