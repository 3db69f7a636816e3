// SPDX-License-Identifier: Apache-2.0
// Fuzzes the stream cable: a peer that writes anything in any portions, and
// frames of ours that it reads or does not. What comes out is what went in.
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vmm/dev/test/fuzz.h"
#include "vmm/net/ether.h"

#define SENT_MAX (1u << 20)

struct model {
	struct ether *cable;
	int peer;
	uint8_t written[1 << 16]; /* by the peer */
	size_t count;
	size_t at;      /* of the next record */
	size_t pending; /* bytes that we have sent and nobody read */
	int error;
};

static void peer_writes(struct model *m, struct fuzz_input *in, size_t count)
{
	if (count > in->left)
		count = in->left;
	if (count == 0 || count > sizeof(m->written) - m->count)
		return;
	if (send(m->peer, in->p, count, MSG_DONTWAIT | MSG_NOSIGNAL) !=
	    (ssize_t)count)
		return;
	memcpy(m->written + m->count, in->p, count);
	m->count += count;
	in->p += count;
	in->left -= count;
}

static void peek(struct model *m)
{
	size_t left = m->count - m->at, size = 0, got;
	const uint8_t *frame;
	uint32_t be;
	int rc = ether_peek(m->cable, &frame, &got);

	if (m->error) {
		FUZZ_CHECK(rc == m->error);
		return;
	}
	if (left >= sizeof(be)) {
		memcpy(&be, m->written + m->at, sizeof(be));
		size = ntohl(be);
		if (size < ETHER_FRAME_MIN || size > ETHER_FRAME_MAX) {
			FUZZ_CHECK(rc == -EPROTO);
			m->error = rc;
			return;
		}
	}
	if (size == 0 || left < sizeof(be) + size) {
		FUZZ_CHECK(rc == -EAGAIN);
		return;
	}
	FUZZ_CHECK(rc == 0 && got == size);
	FUZZ_CHECK(!memcmp(frame, m->written + m->at + sizeof(be), size));
}

/* Only what peek() has seen whole goes away. */
static void drop(struct model *m)
{
	const uint8_t *frame;
	size_t size;

	peek(m);
	if (ether_peek(m->cable, &frame, &size) == 0)
		m->at += sizeof(uint32_t) + size;
	ether_drop(m->cable);
}

static void send_one(struct model *m, size_t size)
{
	static uint8_t frame[ETHER_FRAME_MAX];
	const struct iovec piece = { frame, size };

	if (!ether_room(m->cable))
		return;
	FUZZ_CHECK(ether_send(m->cable, &piece, 1, size) == m->error);
	if (!m->error)
		m->pending += sizeof(uint32_t) + size;
	FUZZ_CHECK(m->pending < SENT_MAX);
}

static void peer_reads(struct model *m)
{
	uint8_t bytes[4096];
	ssize_t n = recv(m->peer, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0) {
		FUZZ_CHECK((size_t)n <= m->pending);
		m->pending -= (size_t)n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	static struct model m;
	int pair[2];

	m.count = m.at = m.pending = 0;
	m.error = 0;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 0;
	m.peer = pair[1];
	if (ether_stream(pair[0], &m.cable, NULL))
		return 0;
	for (int i = 0; i < FUZZ_STEPS_MAX && in.left > 0; i++) {
		unsigned int op = (unsigned int)fuzz_take(&in, 1);

		if (op < 0x60)
			peer_writes(&m, &in, op + 1);
		else if (op < 0x80)
			peer_writes(&m, &in, (op - 0x5f) * 512);
		else if (op < 0xa0)
			peek(&m);
		else if (op < 0xc0)
			drop(&m);
		else if (op < 0xe0)
			send_one(&m, ETHER_FRAME_MIN + fuzz_take(&in, 2));
		else if (op < 0xf0)
			peer_reads(&m);
		else
			(void)!ether_flush(m.cable);
	}
	ether_close(m.cable);
	close(m.peer);
	return 0;
}
