// SPDX-License-Identifier: Apache-2.0
// First process of the default Linux of mode hrt.
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hrt/ros/job.h"
#include "hrt/ros/modules.h"
#include "hrt/ros/mounts.h"
#include "hrt/ros/port.h"

/* Signals that init learns of by reading. Nobody else has any for it. */
static int watch_children(struct err *e)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGPIPE);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return err_set(e, -errno, "signals: %s", strerror(errno));
	sigdelset(&set, SIGPIPE);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd >= 0 ? fd
		       : err_set(e, -errno, "signals: %s", strerror(errno));
}

/* What its programs serve at 127.0.0.1 others of them find there. */
static int raise_loopback(struct err *e)
{
	const struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), ret = 0;

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo))
		ret = err_set(e, -errno, "the loopback network: %s",
			      strerror(errno));
	if (fd >= 0)
		close(fd);
	return ret;
}

/* From the first mount to a system that can run programs. */
static int prepare(struct job *j, struct ros_window *window, struct err *e)
{
	int ret = mounts_own(e), fd;

	/* Without a console there would be room for others at 0, 1 and 2. */
	while ((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0 && fd <= 2)
		;
	if (fd >= 0)
		close(fd);
	if (!ret)
		ret = modules_load(e);
	if (!ret)
		ret = ros_window_open(window, e);
	if (!ret)
		ret = mounts_host(e);
	if (!ret)
		ret = raise_loopback(e);
	if (ret)
		return ret;
	j->window = window;
	j->partner = open("/partner", O_RDONLY | O_CLOEXEC);
	if (j->partner < 0)
		return err_set(e, -errno, "/partner: %s", strerror(errno));
	j->child_signal = watch_children(e);
	if (j->child_signal < 0)
		return e->code;
	j->control = port_open(JOB_PORT_CONTROL, e);
	return j->control < 0 ? e->code : 0;
}

int main(void)
{
	static struct job job;
	static struct ros_window window;
	struct err e;
	int ret = prepare(&job, &window, &e);

	if (!ret)
		ret = job_serve(&job, &e);
	/* Linux would panic without its first process; this says why. */
	fprintf(stderr, "init: %s\n", ret ? e.msg : "has ended");
	reboot(RB_POWER_OFF);
	return 1;
}
