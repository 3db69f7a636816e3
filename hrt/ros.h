/* SPDX-License-Identifier: Apache-2.0 */
/* The default Linux beside a kernel: what `make ros` builds, hrt/ros/. */
#ifndef HRT_ROS_H
#define HRT_ROS_H

/*
 * Its command line. Nothing runs there but what is the user's own, and its
 * clock is that of the host; hrt/ros/README.md says what which word is good
 * for.
 */
#define ROS_CMDLINE                                                   \
	"quiet panic=-1 mitigations=off no_timer_check tsc=reliable " \
	"nowatchdog cryptomgr.notests"

/* In front of it, when somebody reads COM1. */
#define ROS_CMDLINE_CONSOLE "console=ttyS0 "

#endif
