// SPDX-License-Identifier: Apache-2.0
// What devices.sh runs in a guest and beside it: uses a disk or a connection
// for some seconds and prints how much came through.
//
//   load read|write SECONDS DEPTH FILE   1 MiB at a time, in order; MB/s
//   load random SECONDS DEPTH FILE       4 KiB anywhere, read; operations/s
//   load send|receive SECONDS IP PORT    over TCP; MB/s
//   load serve PORT                      the other end, for ever
//
// DEPTH threads have one operation each. The guest's page cache is passed by.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define DEPTH_MAX 64
#define LARGE     (1u << 20)
#define SMALL     4096u
#define CHUNK     (256u << 10)

struct job {
	bool write;
	bool random;
	int fd;
	uint64_t blocks;
	uint32_t block;
	uint64_t end_ns;
	atomic_uint_fast64_t next;
	atomic_uint_fast64_t done; /* bytes */
};

static void fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 10);
}

/* Numbers that look random, from a counter (splitmix64). */
static uint64_t scatter(uint64_t n)
{
	n *= 0x9e3779b97f4a7c15u;
	n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9u;
	n = (n ^ n >> 27) * 0x94d049bb133111ebu;
	return n ^ n >> 31;
}

static void *work(void *arg)
{
	struct job *job = arg;
	char *data = aligned_alloc(SMALL, job->block);

	if (!data)
		fail("memory");
	memset(data, 0x5a, job->block);
	while (clock_now_ns() < job->end_ns) {
		uint64_t n = atomic_fetch_add(&job->next, 1);
		off_t at;
		ssize_t got;

		n = (job->random ? scatter(n) : n) % job->blocks;
		at = (off_t)(n * job->block);
		got = job->write ? pwrite(job->fd, data, job->block, at)
				 : pread(job->fd, data, job->block, at);
		if (got != (ssize_t)job->block)
			fail("transfer");
		atomic_fetch_add(&job->done, (uint64_t)got);
	}
	free(data);
	return NULL;
}

static double per_second(uint64_t count, uint64_t start_ns)
{
	return (double)count * 1e9 / (double)(clock_now_ns() - start_ns);
}

static void use_disk(const char *how, char **arg)
{
	struct job job = { .write = strcmp(how, "write") == 0,
			   .random = strcmp(how, "random") == 0 };
	unsigned int depth = (unsigned int)number(arg[1]);
	uint64_t start_ns;
	pthread_t thread[DEPTH_MAX];
	off_t size;

	job.block = job.random ? SMALL : LARGE;
	job.fd = open(arg[2], O_RDWR | O_DIRECT);
	size = job.fd < 0 ? -1 : lseek(job.fd, 0, SEEK_END);
	if (size < (off_t)job.block || depth == 0 || depth > DEPTH_MAX)
		fail(arg[2]);
	job.blocks = (uint64_t)size / job.block;
	start_ns = clock_now_ns();
	job.end_ns = start_ns + number(arg[0]) * NS_PER_S;
	for (unsigned int i = 0; i < depth; i++)
		if (pthread_create(&thread[i], NULL, work, &job))
			fail("thread");
	for (unsigned int i = 0; i < depth; i++)
		pthread_join(thread[i], NULL);
	if (job.write && fdatasync(job.fd))
		fail("flush");
	if (job.random)
		printf("%.0f\n", per_second(job.done / job.block, start_ns));
	else
		printf("%.1f\n", per_second(job.done, start_ns) / 1e6);
}

/* The first byte says who sends; the other end goes when it has enough. */
static void use_network(const char *how, char **arg)
{
	static char data[CHUNK];
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)number(arg[2])),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint64_t done = 0, start_ns, end_ns;
	bool send_it = strcmp(how, "send") == 0;
	ssize_t n = 1;

	if (inet_pton(AF_INET, arg[1], &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    write(fd, how, 1) != 1)
		fail(arg[1]);
	start_ns = clock_now_ns();
	end_ns = start_ns + number(arg[0]) * NS_PER_S;
	while (n > 0 && clock_now_ns() < end_ns) {
		n = send_it ? write(fd, data, CHUNK) : read(fd, data, CHUNK);
		done += n > 0 ? (uint64_t)n : 0;
	}
	/* What is on the way counts when it has arrived. */
	if (n > 0 && send_it)
		n = shutdown(fd, SHUT_WR) || read(fd, data, 1) != 1 ? -1 : 1;
	if (n <= 0)
		fail("the connection ended");
	printf("%.1f\n", per_second(done, start_ns) / 1e6);
}

static void serve_one(int fd)
{
	static char data[CHUNK];
	char how;

	if (read(fd, &how, 1) == 1) {
		if (how == 's') {
			while (read(fd, data, CHUNK) > 0)
				;
			(void)!write(fd, "", 1);
		} else {
			while (send(fd, data, CHUNK, MSG_NOSIGNAL) > 0)
				;
		}
	}
	close(fd);
}

static void serve(const char *port)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)number(port)),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0), peer, one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 4))
		fail("port");
	while ((peer = accept(fd, NULL, NULL)) >= 0)
		serve_one(peer);
	fail("accept");
}

int main(int argc, char **argv)
{
	const char *how = argc > 2 ? argv[1] : "";

	if (argc == 3 && strcmp(how, "serve") == 0)
		serve(argv[2]);
	else if (argc == 5 && strchr("rw", *how) && strcmp(how, "receive") != 0)
		use_disk(how, argv + 2);
	else if (argc == 5)
		use_network(how, argv + 2);
	else
		return fputs("load: see the first lines of load.c\n", stderr),
		       1;
	return 0;
}
