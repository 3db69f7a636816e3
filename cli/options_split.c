// SPDX-License-Identifier: Apache-2.0
// Linux beside the kernel: --ros and its kin, --console.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "cli/options.h"

#define REBOOTS_MAX    1000000
#define WINDOW_UNIT    (UINT64_C(2) << 20)
#define WINDOW_DEFAULT (UINT64_C(1) << 30)
#define WINDOW_MAX     (UINT64_C(1) << 40)

/* 'FILE args': the first blank ends the path. */
int options_set_ros(struct options *o, char *arg, struct err *e)
{
	size_t len = strcspn(arg, " ");

	if (len == 0)
		return err_set(e, -EINVAL, "the name of the file is empty");
	free((void *)(uintptr_t)o->ros.image);
	o->ros.image = strndup(arg, len);
	if (!o->ros.image)
		return err_set(e, -ENOMEM, "no memory for a file name");
	if (arg[len])
		o->ros.cmdline = arg + len + 1;
	return 0;
}

int options_set_ros_initrd(struct options *o, char *arg, struct err *e)
{
	return options_add_file(o->ros.initrd, &o->ros.initrds,
				(struct run_file){ arg, "" }, e);
}

int options_set_ros_mem(struct options *o, char *arg, struct err *e)
{
	return units_size(arg, &o->ros.mem_size, e);
}

int options_set_ros_cpus(struct options *o, char *arg, struct err *e)
{
	return options_number(arg, 1, RUN_CPUS_MAX, &o->ros.cpus, e);
}

int options_set_hrt_reboots(struct options *o, char *arg, struct err *e)
{
	return options_number(arg, 0, REBOOTS_MAX, &o->reboots, e);
}

int options_set_window(struct options *o, char *arg, struct err *e)
{
	int r = units_size(arg, &o->window, e);

	if (r == 0 && (o->window % WINDOW_UNIT || o->window > WINDOW_MAX))
		return err_set(e, -EINVAL,
			       "it is a multiple of 2M, and 1T at most");
	return r;
}

/* NAME=HOW: the kernel knows what there is; it must be one word of it. */
int options_set_serve(struct options *o, char *arg, struct err *e)
{
	static const char name[] = "serve=";
	const char *how = strchr(arg, '=');
	size_t old = o->serve ? strlen(o->serve) : 0;
	char *to;

	if (!how || how == arg || !how[1] || strpbrk(arg, " \t\n"))
		return err_set(e, -EINVAL,
			       "it is NAME=local, NAME=forward or NAME=ERRNO");
	to = realloc(o->serve, old + sizeof(name) + strlen(arg) + 1);
	if (!to)
		return err_set(e, -ENOMEM, "no memory for a word");
	o->serve = to;
	stpcpy(stpcpy(stpcpy(to + old, name), arg), " ");
	return 0;
}

int options_set_console(struct options *o, char *arg, struct err *e)
{
	static const char *const names[] = {
		[CONSOLE_HRT] = "hrt", [CONSOLE_ROS] = "ros", [CONSOLE_BOTH] = "both"
	};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(arg, names[i]) != 0)
			continue;
		o->console = i;
		return 0;
	}
	return err_set(e, -EINVAL, "it is hrt, ros or both, not '%s'", arg);
}

/* What is not on stdin and stdout is told apart by a mark, or not shown. */
static void share_console(struct options *o)
{
	struct run_config *aside =
		o->console == CONSOLE_ROS ? &o->run : &o->ros;

	if (o->console == CONSOLE_HRT)
		return;
	aside->in_fd = -1;
	aside->out_fd = aside->console_fd = STDERR_FILENO;
	aside->mark = aside == &o->ros ? "ros: " : "hrt: ";
	if (o->console == CONSOLE_BOTH)
		return;
	o->ros.in_fd = STDIN_FILENO;
	o->ros.out_fd = STDOUT_FILENO;
	o->ros.console_fd = STDERR_FILENO;
}

/* Linux's are behind the kernel's. */
static int share_pins(struct options *o, struct err *e)
{
	unsigned int kernel = o->run.cpus, both = kernel + o->ros.cpus;

	if (o->pins <= kernel)
		return 0;
	if (o->pins < both)
		return err_set(e, -EINVAL,
			       "--pin names %u of %u virtual CPUs; name host "
			       "CPUs for the %u of the kernel, or for Linux's "
			       "%u too",
			       o->pins, both, kernel, o->ros.cpus);
	memcpy(o->ros.pin, o->run.pin + kernel,
	       o->ros.cpus * sizeof(o->ros.pin[0]));
	o->ros.pinned = true;
	return 0;
}

int options_check_split(struct options *o, struct err *e)
{
	if (o->attach && (o->run.role == RUN_HRT || o->keep))
		return err_set(e, -EINVAL,
			       "--attach goes with a program only; the other "
			       "dive has the kernel");
	if (o->keep && (o->ros.image || o->run.role != RUN_HRT))
		return err_set(e, -EINVAL,
			       "--keep goes with --mode hrt only, without "
			       "--ros");
	if (o->run.role != RUN_HRT) {
		if (!o->ros.image && !o->ros.initrds && !o->console &&
		    !o->reboots && !o->window && !o->serve && !o->native &&
		    !profile_wanted(&o->profile))
			return 0;
		return err_set(e, -EINVAL,
			       "--ros, --ros-initrd, --hrt-reboots, --window, "
			       "--serve, --native, --console and --report go "
			       "with --mode hrt only");
	}
	if (!o->ros.image && o->ros.initrds)
		return err_set(e, -EINVAL,
			       "--ros-initrd goes with --ros KERNEL only");
	if (o->native && (o->ros.image || !o->words))
		return err_set(e, -EINVAL,
			       "--native goes with a program only: write "
			       "--native KERNEL -- PROGRAM");
	if (o->profile.text && o->json)
		return err_set(e, -EINVAL,
			       "--report does not go with --json on stderr; "
			       "write --report=json:FILE");
	if (!o->ros.image && o->reboots && o->words)
		return err_set(e, -EINVAL,
			       "--hrt-reboots does not go with a program");
	if (!o->ros.image) {
		o->programs = true;
		o->run.hello_ns = 0; /* it says nothing of its own */
		if (!o->window)
			o->window = WINDOW_DEFAULT;
	}
	if (o->repeat)
		return err_set(e, -EINVAL,
			       "--repeat does not go with --mode hrt");
	if (o->reboots &&
	    (o->run.disks || o->run.nets || o->run.shares || o->run.gdb))
		return err_set(e, -EINVAL,
			       "--hrt-reboots does not go with --disk, --net, "
			       "--share and --gdb: what dive has given up it "
			       "cannot open again");
	share_console(o);
	return share_pins(o, e);
}
