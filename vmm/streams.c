// SPDX-License-Identifier: Apache-2.0
// Rings on one side, file descriptors on the other, and the I/O thread.
#include "vmm/streams.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

/* A pipe that poll() calls writable takes this much without blocking. */
#define CHUNK   4096u
#define MARKED  4000u      /* and a mark */
#define STOP_NS 10000000   /* between two signals to a blocked write() */
#define LAST_NS 100000000u /* for what is left, to a terminal */
#define SLOTS   (STREAMS_OUT + 2)

static bool poll_now(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, 0) == 1; /* syscall: poll */
}

static void lose(struct streams *s, struct out_stream *out, int error)
{
	out->lost = true;
	out->error = error;
	ring_close(&out->ring);
	if (!out->is_log || error == EPIPE)
		s->lost(s->ctx);
}

static bool begins_line(const struct out_stream *out)
{
	return out->bytes == 0 || out->last == '\n';
}

/* Write one piece; false when nothing moved. */
static bool write_piece(struct streams *s, struct out_stream *out)
{
	const uint8_t *from;
	uint32_t count = ring_avail(&out->ring, &from);
	ssize_t n;

	if (count == 0)
		return false;
	if (out->lost) {
		ring_consume(&out->ring, count);
		return true;
	}
	if (count > CHUNK)
		count = CHUNK;
	/* syscall: write */
	n = out->mark
		    ? io_write_line(out->fd, begins_line(out) ? out->mark : "",
				    from, count)
		    : write(out->fd, from, count);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			lose(s, out, errno);
		return false;
	}
	if (!out->is_ours && atomic_load_explicit(&s->first_output_ns,
						  memory_order_relaxed) == 0)
		atomic_store(&s->first_output_ns, clock_now_ns());
	if (n > 0)
		out->last = from[n - 1];
	out->bytes += (uint64_t)n;
	ring_consume(&out->ring, (uint32_t)n);
	return true;
}

static bool has_bytes(struct out_stream *out)
{
	const uint8_t *from;

	return ring_avail(&out->ring, &from) != 0;
}

/* A reader behind a pipe sees the end while the kernel runs on. */
static void close_at_end(struct out_stream *out)
{
	if (!out->close_at_eof || out->lost || out->ring.broken ||
	    !ring_end_of_data(&out->ring))
		return;
	/* syscall: close */
	if (close(out->fd))
		out->error = errno; /* a file server can tell as late as now */
	out->lost = true;
}

static bool is_terminal(struct out_stream *out)
{
	if (out->kind == OUT_UNKNOWN)
		/* syscall: ioctl[1=TCGETS] */
		out->kind = isatty(out->fd) ? OUT_TERMINAL : OUT_OTHER;
	return out->kind == OUT_TERMINAL;
}

/* A vCPU thread must not wait in write(): no signal would end it. */
static bool takes_now(struct out_stream *out)
{
	return out->lost || (!is_terminal(out) && poll_now(out->fd, POLLOUT));
}

/* One ring full, no more: another CPU may fill it as fast as this empties it. */
static bool flush_one(struct streams *s, struct out_stream *out)
{
	const uint32_t start = out->ring.index;
	bool moved = false;

	while (out->ring.index - start < out->ring.size && has_bytes(out) &&
	       takes_now(out) && write_piece(s, out))
		moved = true;
	return moved;
}

bool streams_flush(struct streams *s)
{
	bool moved = false;
	bool left = false;

	for (unsigned int i = 0; i < s->outs; i++) {
		struct out_stream *out = &s->out[i];

		moved = flush_one(s, out) || moved;
		close_at_end(out);
		left = left || has_bytes(out);
	}
	if (moved)
		s->changed(s->ctx);
	return left;
}

/* Read once into the ring; the source is readable. */
static void read_piece(struct streams *s)
{
	struct in_stream *in = &s->in;
	uint8_t *to;
	uint32_t space = ring_space(&in->ring, &to);
	ssize_t n;

	if (space == 0)
		return;
	n = read(in->fd, to, space); /* syscall: read */
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		in->bytes += (uint64_t)n;
		ring_produce(&in->ring, (uint32_t)n);
	} else {
		ring_set_eof(&in->ring);
		in->ended = true;
	}
	s->changed(s->ctx);
}

static bool wants_input(struct streams *s)
{
	struct in_stream *in = &s->in;
	uint8_t *to;

	if (!in->wanted || in->ended)
		return false;
	if (ring_is_closed(&in->ring)) {
		in->ended = true;
		return false;
	}
	if (ring_space(&in->ring, &to) != 0) {
		ring_producer_disarm(&in->ring);
		return true;
	}
	return !ring_producer_arm(&in->ring);
}

/* Busy: no doorbells. Idle: the producer rings. Nothing more: neither. */
static bool wants_output(struct out_stream *out)
{
	if (has_bytes(out)) {
		ring_consumer_disarm(&out->ring);
		return true;
	}
	if (!ring_end_of_data(&out->ring))
		return !ring_consumer_arm(&out->ring);
	close_at_end(out);
	return false;
}

/* One round: wait for something to do, do it. */
static void serve(struct streams *s, int timeout_ms)
{
	struct pollfd p[SLOTS];
	unsigned int n = 0, first_out;
	bool moved = false;

	p[n++] = (struct pollfd){ .fd = s->wake_fd, .events = POLLIN };
	p[n++] = (struct pollfd){ .fd = wants_input(s) ? s->in.fd : -1,
				  .events = POLLIN };
	first_out = n;
	for (unsigned int i = 0; i < s->outs; i++) {
		struct out_stream *out = &s->out[i];
		bool ready = wants_output(out);

		/* What a lost output still gets is thrown away at once. */
		if (ready && out->lost)
			timeout_ms = 0;
		p[n++] = (struct pollfd){ .fd = ready && !out->lost ? out->fd
								    : -1,
					  .events = POLLOUT };
	}
	if (poll(p, n, timeout_ms) < 0)
		return;
	if (p[0].revents) {
		uint64_t count;

		(void)!read(s->wake_fd, &count, sizeof(count));
		if (s->woken)
			s->woken(s->ctx);
		if (s->moved) {
			s->moved = false;
			return;
		}
	}
	if (p[1].revents)
		read_piece(s);
	for (unsigned int i = 0; i < s->outs; i++) {
		struct out_stream *out = &s->out[i];

		/* Both may be the same pipe: ask again after a write. */
		if (out->lost || (p[first_out + i].revents &&
				  (!moved || poll_now(out->fd, POLLOUT))))
			moved = write_piece(s, out) || moved;
	}
	if (moved)
		s->changed(s->ctx);
}

static void on_stop_signal(int signal)
{
	(void)signal; /* write() has returned, that is all */
}

static void *io_thread(void *arg)
{
	struct streams *s = arg;
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, RUN_KICK);
	pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
	while (!atomic_load(&s->quit))
		serve(s, -1);
	return NULL;
}

int streams_start(struct streams *s, struct err *e)
{
	const struct sigaction action = { .sa_handler = on_stop_signal };
	int rc;

	/* syscall: eventfd2 */
	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake_fd < 0)
		return err_set(e, -errno, "no eventfd: %s", strerror(errno));
	atomic_store(&s->quit, false);
	sigaction(RUN_KICK, &action, &s->old_action);
	rc = pthread_create(&s->thread, NULL, io_thread, s);
	if (rc) {
		sigaction(RUN_KICK, &s->old_action, NULL);
		close(s->wake_fd);
		s->wake_fd = -1;
		return err_set(e, -rc, "no I/O thread: %s", strerror(rc));
	}
	return 0;
}

bool streams_running(const struct streams *s)
{
	return s->wake_fd >= 0;
}

void streams_wake(struct streams *s)
{
	uint64_t one = 1;

	(void)!write(s->wake_fd, &one, sizeof(one));
}

/*
 * Until it has gone: the signal may come before the write() that blocks. The
 * wall clock, because ThreadSanitizer knows no other timed join; setting it
 * back in this moment delays the next signal.
 */
static void join_io_thread(struct streams *s)
{
	struct timespec until;

	for (;;) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += STOP_NS;
		if (until.tv_nsec >= (long)NS_PER_S) {
			until.tv_nsec -= (long)NS_PER_S;
			until.tv_sec++;
		}
		if (pthread_timedjoin_np(s->thread, NULL, &until) != ETIMEDOUT)
			return;
		pthread_kill(s->thread, RUN_KICK);
	}
}

void streams_stop(struct streams *s)
{
	if (!streams_running(s))
		return;
	atomic_store(&s->quit, true);
	streams_wake(s);
	join_io_thread(s);
	sigaction(RUN_KICK, &s->old_action, NULL);
	close(s->wake_fd);
	s->wake_fd = -1;
}

static bool deadline_passed(uint64_t deadline_ns)
{
	return deadline_ns && clock_now_ns() >= deadline_ns;
}

static void set_alarm(uint64_t in_ns, uint64_t again_ns)
{
	struct itimerval t = {
		.it_value = { .tv_sec = (time_t)(in_ns / NS_PER_S),
			      .tv_usec =
				      (suseconds_t)(in_ns % NS_PER_S / 1000) },
		.it_interval = { .tv_usec = (suseconds_t)(again_ns / 1000) },
	};

	setitimer(ITIMER_REAL, &t, NULL);
}

/*
 * What terminals take until the deadline. From then on a signal ends every
 * write() that waits; a short while there is always.
 */
static void drain_terminals(struct streams *s, uint64_t deadline_ns)
{
	const struct sigaction action = { .sa_handler = on_stop_signal };
	uint64_t now = clock_now_ns();
	struct sigaction old_action;
	sigset_t alarm, old;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	if (deadline_ns) {
		if (deadline_ns < now + LAST_NS)
			deadline_ns = now + LAST_NS;
		sigaction(SIGALRM, &action, &old_action);
		pthread_sigmask(SIG_UNBLOCK, &alarm, &old);
		set_alarm(deadline_ns - now, STOP_NS);
	}
	for (unsigned int i = 0; i < s->outs; i++) {
		struct out_stream *out = &s->out[i];

		while (has_bytes(out) && !out->lost && is_terminal(out) &&
		       !deadline_passed(deadline_ns)) {
			struct pollfd p = { .fd = out->fd, .events = POLLOUT };

			if (poll(&p, 1, -1) == 1)
				(void)write_piece(s, out);
		}
	}
	if (deadline_ns) {
		set_alarm(0, 0);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
		sigaction(SIGALRM, &old_action, NULL);
	}
}

void streams_drain(struct streams *s, uint64_t deadline_ns)
{
	s->in.wanted = false;
	drain_terminals(s, deadline_ns);
	while (streams_flush(s) && !deadline_passed(deadline_ns)) {
		struct pollfd p[STREAMS_OUT];

		for (unsigned int i = 0; i < s->outs; i++)
			p[i] = (struct pollfd){ .fd = has_bytes(&s->out[i])
							      ? s->out[i].fd
							      : -1,
						.events = POLLOUT };
		/* The deadline is looked at ten times a second. */
		(void)poll(p, s->outs, deadline_ns ? 100 : -1);
	}
}
