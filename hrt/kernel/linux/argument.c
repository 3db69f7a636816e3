// SPDX-License-Identifier: Apache-2.0
// Checks what the program gives to Linux: text, memory, structures.
#include "argument.h"

#include <asm/errno.h>

#include "command.h"

#define PAGE       4096
#define RW_MAX     0x7ffff000ul /* no call of Linux moves more bytes */
#define PIECES_MAX 1024 /* UIO_MAXIOV: Linux refuses more, or stops there */

/* As Linux has them on x86-64 (linux/uio.h, linux/socket.h). */
struct iovec {
	uint64_t base;
	uint64_t size;
};

struct message {
	uint64_t name;
	uint32_t name_size;
	uint32_t pad0;
	uint64_t pieces;
	uint64_t count;
	uint64_t control;
	uint64_t control_size;
	uint32_t flags;
	uint32_t pad1;
};

struct messages {
	struct message message;
	uint32_t size;
	uint32_t pad;
};

static int check_memory(const struct argument_space *space, uint64_t address,
			uint64_t size, unsigned int rights)
{
	if (!size)
		return 0;
	return space->allows(address, size, rights) ? 0 : -EFAULT;
}

static int check_text(const struct argument_space *space,
		      const struct argument *kind, uint64_t address)
{
	size_t length;

	if (!space->text(address, kind->size, &length))
		return -EFAULT;
	if (length == kind->size && !(kind->flags & ARG_PART))
		return -ENAMETOOLONG;
	return 0;
}

/* Bytes at the beginning of a buffer that can be used, all or in pages. */
static uint64_t usable(const struct argument_space *space, uint64_t address,
		       uint64_t size, unsigned int rights)
{
	uint64_t good = 0, bad = size;

	if (space->allows(address, size, rights))
		return size;
	while (bad - good > 1) {
		uint64_t middle = good + (bad - good) / 2;
		uint64_t edge = middle - (address + middle) % PAGE;

		/* At an edge of pages, where there is one in between. */
		if (edge > good && edge < bad)
			middle = edge;
		if (space->allows(address, middle, rights))
			good = middle;
		else
			bad = middle;
	}
	return good;
}

static int check_buffer(const struct argument_space *space,
			const struct argument *kind, uint64_t address,
			uint64_t *count)
{
	unsigned int rights = kind->flags & ARG_IO;
	uint64_t members = *count, size;

	/* What is negative Linux refuses, before it looks. */
	if (kind->flags & ARG_INT)
		members = (int32_t)members < 0 ? 0 : (uint32_t)members;
	if (__builtin_mul_overflow(members, kind->size, &size))
		return -EFAULT;
	if (!(kind->flags & ARG_PART))
		return check_memory(space, address, size, rights);
	if (size > RW_MAX)
		size = RW_MAX;
	if (size) {
		uint64_t good = usable(space, address, size, rights);

		if (!good)
			return -EFAULT;
		if (good < size)
			*count = good;
	}
	return 0;
}

static int check_vector(const struct argument_space *space, unsigned int rights,
			uint64_t address, uint64_t count)
{
	/* Linux says what is wrong with such a count, before it looks. */
	if (count > PIECES_MAX)
		return 0;
	for (uint64_t i = 0; i < count; i++) {
		struct iovec piece;

		if (!space->read(&piece, address + i * sizeof(piece),
				 sizeof(piece)))
			return -EFAULT;
		if (piece.size > RW_MAX)
			piece.size = RW_MAX;
		if (check_memory(space, piece.base, piece.size, rights))
			return -EFAULT;
	}
	return 0;
}

/* Rights are those to the data; what is received is written everywhere. */
static int check_message(const struct argument_space *space,
			 unsigned int rights, uint64_t address)
{
	struct message message;
	int r;

	r = check_memory(space, address, sizeof(message), ARG_READ | rights);
	if (r)
		return r;
	if (!space->read(&message, address, sizeof(message)))
		return -EFAULT;
	if (message.name)
		r = check_memory(space, message.name, message.name_size,
				 rights);
	if (!r && message.control)
		r = check_memory(space, message.control, message.control_size,
				 rights);
	return r ? r
		 : check_vector(space, rights, message.pieces, message.count);
}

static int check_messages(const struct argument_space *space,
			  unsigned int rights, uint64_t address, uint64_t count)
{
	int r;

	if (count > PIECES_MAX)
		count = PIECES_MAX;
	r = check_memory(space, address, count * sizeof(struct messages),
			 ARG_IO);
	for (uint64_t i = 0; !r && i < count; i++)
		r = check_message(space, rights,
				  address + i * sizeof(struct messages));
	return r;
}

static int check_sockaddr(const struct argument_space *space,
			  unsigned int rights, uint64_t address,
			  uint64_t *size_at)
{
	int32_t size;

	if (check_memory(space, *size_at, sizeof(size), ARG_IO) ||
	    !space->read(&size, *size_at, sizeof(size))) {
		*size_at = ARGUMENT_NOWHERE;
		return -EFAULT;
	}
	/* Linux refuses it. */
	if (size < 0)
		return 0;
	return check_memory(space, address, (uint32_t)size, rights);
}

/* As many bytes as Linux reads: whole words of 64 bits. */
static uint64_t fdset_size(uint64_t arg)
{
	int32_t count = (int32_t)arg;

	return count > 0 ? ((uint64_t)count + 63) / 64 * 8 : 0;
}

static int check_one(const struct argument_space *space,
		     const struct argument *kind, unsigned int i,
		     uint64_t arg[ARGUMENTS])
{
	unsigned int rights = kind->flags & ARG_IO;
	uint64_t *other = &arg[kind->other];

	if (kind->flags & ARG_NULL && !arg[i])
		return 0;
	switch (kind->kind) {
	case ARG_VALUE:
		return 0;
	case ARG_TEXT:
		return check_text(space, kind, arg[i]);
	case ARG_FIXED:
		return check_memory(space, arg[i], kind->size, rights);
	case ARG_BUFFER:
		return check_buffer(space, kind, arg[i], other);
	case ARG_SOCKADDR:
		return check_sockaddr(space, rights, arg[i], other);
	case ARG_VECTOR:
		return check_vector(space, rights, arg[i], *other);
	case ARG_MESSAGE:
		return check_message(space, rights, arg[i]);
	case ARG_MESSAGES:
		return check_messages(space, rights, arg[i], (uint32_t)*other);
	case ARG_FDSET:
		return check_memory(space, arg[i], fdset_size(arg[0]), rights);
	default:
		return -EFAULT;
	}
}

int argument_check(const struct argument_space *space,
		   const struct argument kinds[ARGUMENTS],
		   uint64_t arg[ARGUMENTS])
{
	for (unsigned int i = 0; i < ARGUMENTS; i++) {
		const struct argument *kind = &kinds[i];
		int r;

		if (kind->kind == ARG_COMMAND) {
			const struct command *command = command_find(
				kind->size, (uint32_t)arg[kind->other]);

			if (!command)
				return -command_unknown(kind->size);
			if (command->error)
				return -command->error;
			kind = &command->argument;
		}
		r = check_one(space, kind, i, arg);
		if (r == -EFAULT)
			arg[i] = ARGUMENT_NOWHERE;
		else if (r)
			return r;
	}
	return 0;
}
