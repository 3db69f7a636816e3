/* SPDX-License-Identifier: Apache-2.0 */
/* Mode hrt: a kernel and Linux side by side in one machine, split in space. */
#ifndef HRT_SPLIT_H
#define HRT_SPLIT_H

#include "base/run.h"
#include "hrt/program.h"

struct fullvm;
struct split;

/**
 * struct split_config - what runs beside what
 * @hrt: the kernel; its role is RUN_HRT; borrowed
 * @ros: Linux, or what stands in for it; its role is RUN_ROS; borrowed
 * @ros_has_terminal: input comes to @ros
 * @window: bytes of memory that both have, a multiple of 2 MiB; 0 = none
 * @programs: @ros is the Linux that runs programs (hrt/ros): a contract kernel
 *	lies above 4 GiB then, and @words are its program
 * @words: behind the kernel; NULL when there are none. Borrowed
 * @native: Linux runs the program itself, beside the kernel
 * @keep: socket by which others bring programs; NULL = none do
 * @reboots: how often @hrt may be booted again after a reset or a crash, while
 *	@ros runs on; with @hrt no disk, network, share or gdb then
 */
struct split_config {
	const struct run_config *hrt;
	const struct run_config *ros;
	bool ros_has_terminal;
	uint64_t window;
	bool programs;
	char *const *words;
	const char *keep;
	bool native;
	unsigned int reboots;
};

/**
 * struct split_reboots - how long it took to boot the kernel again
 * @count: how often
 * @min_ns: from the last instruction before to the first one after; the least
 * @max_ns: and the most
 * @sum_ns: of all
 */
struct split_reboots {
	unsigned int count;
	uint64_t min_ns;
	uint64_t max_ns;
	uint64_t sum_ns;
};

/**
 * split_run() - boot both and run them until one of them ends
 * @c: borrowed; what it points to until split_free()
 * @ret: the stopped machines, NULL on failure
 * @report: of the kernel's last boot, see fullvm_run(). STOP_OTHER when Linux
 *	ended first: then split_ros_report() says how
 * @e: why they could not be started
 *
 * Each has memory, CPUs, interrupt controllers and an end of its own. The
 * signals of the process, --timeout and --gdb are the kernel's; when it ends,
 * Linux is stopped.
 *
 * Main thread; one at a time.
 *
 * Return: 0 when both ran; as fullvm_run() when the kernel could not; -EINVAL
 * when Linux could not, whatever the reason.
 */
int must_check split_run(const struct split_config *c, struct split **ret,
			 struct exit_report *report, struct err *e);

/**
 * split_hrt() - the kernel's machine
 * @s: after split_run()
 *
 * Return: where it is: the caller may put another in its place.
 */
struct fullvm **split_hrt(struct split *s);

/**
 * split_ros_report() - how Linux ended
 * @s: after split_run()
 *
 * Return: the report; its reason is STOP_OTHER when the kernel ended first.
 */
const struct exit_report *split_ros_report(const struct split *s);

/**
 * split_program() - the program that was run
 * @s: after split_run()
 *
 * Return: valid until split_free(); NULL when there was none.
 */
const struct program *split_program(const struct split *s);

/**
 * split_reboots() - how often the kernel was booted again
 * @s: after split_run()
 *
 * Return: valid until split_free().
 */
const struct split_reboots *split_reboots(const struct split *s);

/**
 * split_area() - where a kernel and its partner in Linux meet
 * @s: after split_run()
 *
 * Return: address of struct dive_delegate in both machines, 0 = no window.
 */
uint64_t split_area(const struct split *s);

/**
 * split_free() - release both machines
 * @s: NULL allowed
 * @last: see fullvm_free()
 */
void split_free(struct split *s, bool last);

#endif
