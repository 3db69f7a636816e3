/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What dive and the first process of its Linux say to each other: how a program
 * is started, signalled and ended. Frames on a virtio console port of their own;
 * both ends are of one build.
 *
 * A port that the host closes (Linux: POLLHUP): standard input is at its end
 * when all of it is read; of standard output and error nobody reads what comes.
 * A port has its name in sysfs when the host has opened it, not before.
 */
#ifndef HRT_JOB_H
#define HRT_JOB_H

#include <stdint.h>

/* Names of the ports. The program's streams are bytes, without frames. */
#define JOB_PORT_CONTROL "dive.control"
#define JOB_PORT_STDIN   "dive.stdin"
#define JOB_PORT_STDOUT  "dive.stdout"
#define JOB_PORT_STDERR  "dive.stderr"

/* Tags of the shared directories: all of the host, read only, and one of it. */
#define JOB_SHARE_ROOT "dive.root"
#define JOB_SHARE_CWD  "dive.cwd"

#define JOB_FRAME_MAX 0x100000 /* bytes of a frame's payload */

enum job_type {
	/* From the host. */
	JOB_START = 1, /* struct job_start and its strings */
	JOB_SIGNAL,    /* struct job_number: send this signal to the program */
	JOB_SIZE,      /* struct job_size: the terminal has another size */
	/* From Linux. */
	JOB_READY,   /* nothing: JOB_START can come */
	JOB_STARTED, /* struct job_number: process id of the partner */
	JOB_FAILED,  /* struct job_number, errno, and text: it did not start */
	JOB_ENDED, /* struct job_number: as waitpid() gives it; all output is out */
};

/**
 * struct job_frame - before each message
 * @type: enum job_type
 * @size: bytes that follow, at most JOB_FRAME_MAX
 */
struct job_frame {
	uint32_t type;
	uint32_t size;
};

/* job_start.flags */
#define JOB_TERMINAL(fd) (1u << (fd)) /* standard stream 0, 1 or 2 is one */
#define JOB_NATIVE       8u /* Linux runs it itself: there is no partner */

/**
 * struct job_size - size of a terminal
 * @rows: characters
 * @columns: characters
 */
struct job_size {
	uint16_t rows;
	uint16_t columns;
};

/**
 * struct job_start - a program to start
 * @argc: words, at least 1
 * @envc: variables
 * @uid: user
 * @gid: group
 * @umask: mode bits that new files do not get
 * @flags: JOB_TERMINAL(), JOB_NATIVE
 * @size: of the terminal
 *
 * Behind it lie argc + envc + 1 strings, each with its NUL: the words, the
 * variables, and the working directory. The first word is looked up in the
 * variable PATH as execvp() does.
 */
struct job_start {
	uint32_t argc;
	uint32_t envc;
	uint32_t uid;
	uint32_t gid;
	uint32_t umask;
	uint32_t flags;
	struct job_size size;
};

struct job_number {
	int32_t number;
};

/**
 * struct job_short - all of JOB_SIGNAL or JOB_SIZE
 * @head: before it
 * @body: by type
 */
struct job_short {
	struct job_frame head;
	union {
		struct job_number number;
		struct job_size size;
	} body;
};

#endif
