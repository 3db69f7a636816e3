// SPDX-License-Identifier: Apache-2.0
// Bytes that lie in several pieces.
#include "vmm/virtio/iov.h"

#include <string.h>

size_t iov_size(const struct iov *v)
{
	size_t sum = 0;

	for (unsigned int i = 0; i < v->count; i++)
		sum += v->at[i].iov_len;
	return sum;
}

/* The next piece of at most @size bytes; NULL at the end. */
static void *next(struct iov *v, size_t size, size_t *ret_piece)
{
	struct iovec *p;
	void *from;

	while (v->count && v->at->iov_len == 0) {
		v->at++;
		v->count--;
	}
	if (!v->count || size == 0)
		return NULL;
	p = v->at;
	from = p->iov_base;
	*ret_piece = size < p->iov_len ? size : p->iov_len;
	p->iov_base = (char *)from + *ret_piece;
	p->iov_len -= *ret_piece;
	return from;
}

size_t iov_take(struct iov *v, void *to, size_t size)
{
	size_t done = 0, piece;
	void *from;

	while ((from = next(v, size - done, &piece))) {
		memcpy((char *)to + done, from, piece);
		done += piece;
	}
	return done;
}

size_t iov_put(struct iov *v, const void *from, size_t size)
{
	size_t done = 0, piece;
	void *to;

	while ((to = next(v, size - done, &piece))) {
		memcpy(to, (const char *)from + done, piece);
		done += piece;
	}
	return done;
}

void iov_skip(struct iov *v, size_t size)
{
	size_t piece;

	while (next(v, size, &piece))
		size -= piece;
}

unsigned char *iov_split_last(struct iov *v)
{
	struct iovec *last;

	while (v->count && v->at[v->count - 1].iov_len == 0)
		v->count--;
	if (!v->count)
		return NULL;
	last = &v->at[v->count - 1];
	last->iov_len--;
	return (unsigned char *)last->iov_base + last->iov_len;
}
