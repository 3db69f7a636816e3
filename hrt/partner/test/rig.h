/* SPDX-License-Identifier: Apache-2.0 */
/* A partner in a process of its own, and the test that plays its kernel. */
#ifndef HRT_PARTNER_TEST_RIG_H
#define HRT_PARTNER_TEST_RIG_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "contract/lib/channel.h"
#include "hrt/partner/partner.h"

#define RIG_PIECES 4
#define RIG_WINDOW (DIVE_DELEGATE_MEMORY + RIG_PIECES * DIVE_PIECE)
#define RIG_ROOM   (8ul * DIVE_PIECE) /* of the program */

/**
 * struct rig - the partner's process, and this side of the window
 * @p: as the partner began with it
 * @child: its process
 * @window: file that is the window without its first 2 MiB
 * @bell: written to, it rings the partner
 * @pipe: the partner has it, too, with the same numbers
 * @left: partner_state when it had ended
 * @rings: how often the partner has rung the kernel; shared
 * @end: of the channels
 */
struct rig {
	struct partner p;
	pid_t child;
	int window;
	int bell;
	int pipe[2];
	uint32_t left;
	uint32_t *rings;
	struct channel_end end[DIVE_CHANNELS_MAX];
};

/* With the program's room reserved; nothing runs yet. */
void rig_make(struct rig *r);

/* The partner, which waits for a kernel. */
void rig_start(struct rig *r);

/* The kernel takes the job. */
void rig_take(struct rig *r);

/* Makes, starts, takes, maps the first piece at the begin of the room. */
void rig_up(struct rig *r);

/* Asks without waiting, and rings if it must. */
void rig_post(struct rig *r, unsigned int channel, uint32_t type, uint32_t nr,
	      const uint64_t arg[6]);

/* Waits for the answer. */
int64_t rig_answer(struct rig *r, unsigned int channel);

/* Both. */
int64_t rig_ask(struct rig *r, unsigned int channel, uint32_t type, uint32_t nr,
		const uint64_t arg[6]);

/* A system call by @channel. */
#define rig_call(r, channel, nr, ...)              \
	rig_ask(r, channel, DIVE_CALL_SYSCALL, nr, \
		(const uint64_t[6]){ __VA_ARGS__ })

/* A request of any other kind. */
#define rig_request(r, channel, type, ...) \
	rig_ask(r, channel, type, 0, (const uint64_t[6]){ __VA_ARGS__ })

/* A new thread for @channel; its number in Linux. */
int64_t rig_thread(struct rig *r, unsigned int channel);

/* The first mapped piece as the kernel sees it; the partner has it at p.begin. */
char *rig_memory(struct rig *r);

/* Until the thread of @channel says that it sleeps. */
void rig_wait_asleep(struct rig *r, unsigned int channel);

/* Until the thread @tid of the partner is in a system call that blocks. */
void rig_wait_blocked(struct rig *r, int64_t tid);

/* EXIT, and what waitpid() says. */
int rig_end(struct rig *r, uint64_t status, uint64_t number);

/* EXIT with status 0, and it has ended so. */
void rig_end_well(struct rig *r);

/* What waitpid() says when it has ended. */
int rig_status(struct rig *r);

void rig_nap(unsigned int us);

#endif
