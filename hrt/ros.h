/* SPDX-License-Identifier: Apache-2.0 */
/* The default Linux beside a kernel: what `make ros` builds, hrt/ros/. */
#ifndef HRT_ROS_H
#define HRT_ROS_H

/*
 * Its command line, without what programs do not miss: a keyboard, a clock that
 * knows the date, tracing, security modules. Nothing runs there but what is the
 * user's own, and its clock is that of the host.
 * hrt/ros/README.md says what that saves.
 */
#define ROS_CMDLINE                                                    \
	"quiet panic=-1 mitigations=off no_timer_check tsc=reliable "  \
	"nowatchdog cryptomgr.notests init_on_alloc=0 lsm= "           \
	"initcall_blacklist=i8042_init,cmos_init,tracer_init_tracefs," \
	"init_kprobe_trace"

/* In front of it, when somebody reads COM1. */
#define ROS_CMDLINE_CONSOLE "console=ttyS0 "

#endif
