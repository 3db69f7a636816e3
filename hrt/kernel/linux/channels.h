/* SPDX-License-Identifier: Apache-2.0 */
/* All channels, as process.c begins and ends them. */
#ifndef MINNOW_LINUX_CHANNELS_H
#define MINNOW_LINUX_CHANNELS_H

struct task;

/**
 * channel_begin() - take the ends of a new partner's channels
 * @task: of the first thread, not started; gets its channel
 * @channels: how many the partner serves, 2 to DIVE_CHANNELS_MAX
 *
 * Nobody else uses a channel.
 */
void channel_begin(struct task *task, unsigned int channels);

/**
 * channel_exit() - tell the partner how the program has ended
 * @status: exit status
 * @signal: or what ended it, else 0
 *
 * When no other thread uses a channel any more. It is not answered.
 */
void channel_exit(int status, int signal);

/**
 * channel_wake_all() - let every thread that waits see that it is over
 */
void channel_wake_all(void);

#endif
