// SPDX-License-Identifier: Apache-2.0
// --keep: a split VM that others bring programs to, one after the other.
#include "hrt/keep.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/janitor.h"
#include "base/local.h"

#define STREAMS    LOCAL_FDS
#define PATIENCE_S 2   /* for the rest of a message */
#define RETRY_MS   100 /* for a signal to a program that does not run yet */
#define SIGNAL_MAX 64

/**
 * struct offer - a program that somebody brings
 * @start: JOB_START, with its frame
 * @size: bytes of it
 * @fd: standard streams
 */
struct offer {
	uint8_t *start;
	size_t size;
	int fd[STREAMS];
};

/**
 * struct keep - the socket and who is served
 * @p: the program
 * @cwd: directory that programs can write to: the first one must run there
 * @had_one: a program has been started
 * @janitor: removes the socket
 * @listener: the socket
 * @wake: eventfd, for @idle and @quit
 * @quit: the thread shall end
 * @idle: @reason and the others are valid, nobody uses the program's streams
 * @offer: the next program, until the machine's I/O thread takes it
 * @is_brought: the present one was not of the command line
 * @terminal: size, rows << 16 | columns
 * @reason: how the last one ended
 * @status: see @reason
 * @text: see @reason
 * @thread: serves the socket
 * @running: there is @thread
 */
struct keep {
	struct program *p;
	char *cwd;
	bool had_one;
	struct janitor janitor;
	int listener;
	int wake;
	atomic_bool quit;
	atomic_bool idle;
	_Atomic(struct offer *) offer;
	atomic_bool is_brought;
	_Atomic uint32_t terminal;
	enum stop_reason reason;
	uint32_t status;
	char text[sizeof(((struct run_program *)NULL)->text)];
	pthread_t thread;
	bool running;
};

static void wake(struct keep *k)
{
	uint64_t one = 1;

	(void)!write(k->wake, &one, sizeof(one)); /* syscall: write */
}

/* --- on the machine's I/O thread -------------------------------------------- */

static struct program *of(struct run_program *run)
{
	return (struct program *)run;
}

static bool begin(struct run_program *run)
{
	struct program *p = of(run);
	struct keep *k = p->keep;
	struct offer *o;

	if (p->state != PROGRAM_NONE || run->over)
		return false;
	o = atomic_exchange(&k->offer, NULL);
	if (!o)
		return false;
	p->start = o->start;
	p->start_size = o->size;
	p->name = (char *)o->start + sizeof(struct job_frame) +
		  sizeof(struct job_start);
	memcpy(run->fd, o->fd, sizeof(o->fd));
	free(o);
	atomic_store(&p->signals, 0);
	atomic_store(&k->is_brought, true);
	p->state = PROGRAM_QUEUED;
	return true;
}

static bool finish(struct run_program *run)
{
	struct program *p = of(run);
	struct keep *k = p->keep;

	/* Linux is not what it should be. */
	if (run->reason == STOP_IO)
		return true;
	k->reason = run->reason;
	k->status = run->status;
	memcpy(k->text, run->text, sizeof(k->text));
	program_close(p);
	run->over = false;
	p->state = PROGRAM_NONE;
	p->name = "";
	for (int i = 0; i < STREAMS; i++)
		run->fd[i] = -1;
	return false;
}

static void idle(struct run_program *run)
{
	struct keep *k = of(run)->keep;

	if (of(run)->state != PROGRAM_NONE)
		return;
	if (atomic_exchange(&k->is_brought, false))
		atomic_store(&k->idle, true);
	wake(k);
}

static struct job_size size(struct program *p)
{
	struct keep *k = p->keep;
	uint32_t n = atomic_load(&k->terminal);

	if (!atomic_load(&k->is_brought))
		return program_terminal();
	return (struct job_size){ (uint16_t)(n >> 16), (uint16_t)n };
}

/* Of the kernel's thread: a signal to dive. */
static bool on_signal(struct run_program *run, int signal)
{
	const struct keep *k = of(run)->keep;

	if (atomic_load(&k->is_brought))
		return signal == SIGWINCH;
	return program_signal(run, signal);
}

/* --- on the thread of the socket -------------------------------------------- */

/* syscall: sendto[4=0] */
static void answer(int client, enum job_type type, int32_t number,
		   const char *text)
{
	const struct job_frame head = { type, (uint32_t)(sizeof(number) +
							 strlen(text)) };
	char bytes[sizeof(head) + sizeof(number) + 256];
	char *to = mempcpy(bytes, &head, sizeof(head));

	to = stpcpy(mempcpy(to, &number, sizeof(number)), text);
	(void)!send(client, bytes, (size_t)(to - bytes),
		    MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void drop(struct offer *o)
{
	if (o)
		free(o->start);
	free(o);
}

static bool may_begin(struct keep *k, const struct offer *o, int client)
{
	const char *cwd = program_cwd(o->start, o->size);

	if (!cwd)
		return false;
	if (k->had_one || !strcmp(cwd, k->cwd))
		return k->had_one = true;
	answer(client, JOB_FAILED, EXDEV,
	       "the first program must be in the directory of dive --keep, "
	       "which is the one that can be written to");
	return false;
}

static struct offer *read_offer(struct keep *k, int client)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct offer *o = calloc(1, sizeof(*o));
	struct job_frame head;

	/* syscall: setsockopt */
	(void)setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience,
			 sizeof(patience));
	if (!o)
		return NULL;
	o->fd[0] = o->fd[1] = o->fd[2] = -1;
	if (!local_receive(client, &head, sizeof(head), o->fd) ||
	    o->fd[2] < 0 || head.type != JOB_START || head.size > JOB_FRAME_MAX)
		goto refused;
	o->size = sizeof(head) + head.size;
	o->start = malloc(o->size);
	if (!o->start)
		goto refused;
	memcpy(o->start, &head, sizeof(head));
	if (local_receive(client, o->start + sizeof(head), head.size, NULL) &&
	    may_begin(k, o, client))
		return o;
refused:
	for (int i = 0; i < STREAMS; i++)
		if (o->fd[i] >= 0)
			close(o->fd[i]);
	drop(o);
	return NULL;
}

/* False while it does not run yet. */
static bool pass(const struct keep *k, int signal)
{
	return k->is_brought && program_signal(&k->p->run, signal);
}

/* A signal or a size; false when the other end has gone. */
static bool relay(struct keep *k, int client)
{
	struct job_short m;

	if (!local_receive(client, &m.head, sizeof(m.head), NULL) ||
	    m.head.size != sizeof(m.body) ||
	    !local_receive(client, &m.body, sizeof(m.body), NULL))
		return false;
	if (m.head.type == JOB_SIZE) {
		atomic_store(&k->terminal, (uint32_t)m.body.size.rows << 16 |
						   m.body.size.columns);
		m.body.number.number = SIGWINCH;
	} else if (m.head.type != JOB_SIGNAL || m.body.number.number < 1 ||
		   m.body.number.number > SIGNAL_MAX) {
		return false;
	}
	(void)pass(k, m.body.number.number);
	return true;
}

static void tell_end(const struct keep *k, int client)
{
	if (k->reason == STOP_NOT_STARTED) {
		answer(client, JOB_FAILED, (int32_t)k->status, k->text);
		return;
	}
	answer(client, JOB_STARTED, 0, "");
	answer(client, JOB_ENDED,
	       (int32_t)(k->reason == STOP_EXIT ? k->status << 8 : k->status),
	       "");
}

/* Until the program has ended. Who goes before it hangs up its terminal. */
static void serve(struct keep *k, int client)
{
	bool gone = false, told = false;
	struct offer *o;
	uint64_t count;

	while (!atomic_load(&k->quit)) {
		struct pollfd at[] = { { .fd = gone ? -1 : client,
					 .events = POLLIN },
				       { .fd = k->wake, .events = POLLIN } };

		(void)poll(at, 2, gone && !told ? RETRY_MS : -1);
		if (at[1].revents)
			(void)!read(k->wake, &count, sizeof(count));
		if (atomic_exchange(&k->idle, false)) {
			tell_end(k, client);
			return;
		}
		if (at[0].revents && !relay(k, client))
			gone = true;
		if (gone && (o = atomic_exchange(&k->offer, NULL))) {
			drop(o);
			return;
		}
		if (gone && !told)
			told = pass(k, SIGHUP);
	}
}

static void *run(void *arg)
{
	struct keep *k = arg;

	while (!atomic_load(&k->quit)) {
		struct pollfd at[] = { { .fd = k->listener, .events = POLLIN },
				       { .fd = k->wake, .events = POLLIN } };
		uint64_t count;
		struct offer *o;
		int client, fd[STREAMS];

		(void)poll(at, 2, -1);
		if (at[1].revents)
			(void)!read(k->wake, &count, sizeof(count));
		if (!at[0].revents)
			continue;
		/* syscall: accept4 */
		client = accept4(k->listener, NULL, NULL, SOCK_CLOEXEC);
		o = client < 0 ? NULL : read_offer(k, client);
		if (o) {
			memcpy(fd, o->fd, sizeof(fd));
			atomic_store(&k->offer, o);
			k->p->wake(k->p->ctx);
			serve(k, client);
			for (int i = 0; i < STREAMS; i++)
				close(fd[i]);
		}
		if (client >= 0)
			close(client);
	}
	return NULL;
}

/* --- the whole ---------------------------------------------------------------- */

int keep_open(struct keep **ret, const char *path, struct program *p,
	      struct err *e)
{
	struct keep *k = calloc(1, sizeof(*k));
	int rc;

	*ret = NULL;
	if (!k)
		return err_set(e, -ENOMEM, "no memory for --keep");
	k->p = p;
	k->had_one = p->state != PROGRAM_NONE;
	k->cwd = getcwd(NULL, 0);
	k->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	k->listener = local_listen(path, e);
	rc = k->listener < 0 ? k->listener : 0;
	if (!rc)
		rc = janitor_start(&k->janitor, path, false, e);
	if (!rc && (k->wake < 0 || !k->cwd))
		rc = err_set(e, -ENOMEM, "no memory for --keep");
	if (rc) {
		keep_close(k);
		return err_wrap(e, "--keep");
	}
	p->keep = k;
	p->size = size;
	p->run.begin = begin;
	p->run.finish = finish;
	p->run.idle = idle;
	p->run.signal = on_signal;
	*ret = k;
	return 0;
}

int keep_start(struct keep *k, struct err *e)
{
	int rc = pthread_create(&k->thread, NULL, run, k);

	k->running = rc == 0;
	return rc ? err_set(e, -rc, "no thread for --keep") : 0;
}

void keep_close(struct keep *k)
{
	if (!k)
		return;
	atomic_store(&k->quit, true);
	wake(k);
	if (k->running)
		pthread_join(k->thread, NULL);
	drop(atomic_load(&k->offer));
	if (k->listener >= 0)
		close(k->listener);
	close(k->wake);
	janitor_finish(&k->janitor);
	free(k->cwd);
	free(k);
}
