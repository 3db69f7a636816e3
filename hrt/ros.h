/* SPDX-License-Identifier: Apache-2.0 */
/* The default Linux beside a kernel: what `make ros` builds, hrt/ros/. */
#ifndef HRT_ROS_H
#define HRT_ROS_H

/* In one folder, beside the program that runs them. */
#define ROS_KERNEL "ros/vmlinux"
#define ROS_INITRD "ros/initrd"

/* Its command line; hrt/ros/README.md says what each word is good for. */
#define ROS_CMDLINE                                                    \
	"console=ttyS0 quiet panic=-1 mitigations=off no_timer_check " \
	"tsc=reliable cryptomgr.notests nowatchdog"

#endif
