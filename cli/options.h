/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of dive: one table drives parsing, --help and completion. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "base/janitor.h"
#include "base/run.h"
#include "cli/profile.h"

#define DIVE_VERSION "0.1"

enum console_owner {
	CONSOLE_HRT,
	CONSOLE_ROS,
	CONSOLE_BOTH,
};

/**
 * struct options - everything the command line says
 * @run: what the mode gets; cmdline and module paths are owned
 * @ros: Linux of --mode hrt; its image is owned
 * @serve: words of --serve for the kernel, each with a blank; owned, may be NULL
 * @words: behind the kernel, NULL when there are none
 * @native: Linux runs them itself
 * @programs: Linux is the one that runs programs, to be found
 * @keep: socket by which others bring programs; NULL = none
 * @attach: socket of a dive with @keep; NULL = this one boots a kernel
 * @window: memory in common with Linux; 0 = none
 * @reboots: of the kernel with --mode hrt
 * @console: whose console stdin and stdout are, with --mode hrt
 * @trust: the kernel may do what Linux may, with --mode pisces
 * @pins: CPUs in run.pin
 * @core: file for an ELF core; NULL = none
 * @core_janitor: removes it when it stays empty
 * @trace_file: where the lines of --trace go; NULL = standard error
 * @stats: count and time all events
 * @timing: show where the time went
 * @timing_svg: file for a picture of it; NULL = none
 * @svg: the same, open
 * @profile: what the calls of a program have cost
 * @json: tell the outcome as one JSON line on stderr, not in words
 * @quiet: one line instead of a crash report, no notices
 * @screen: show the VGA text screen at the end
 * @status_fd: descriptor for the JSON line; -1 = none
 * @exit_ok: guest value that means success; -1 = only 0
 * @repeat: measure so many runs; 0 = an ordinary run
 * @warmup: runs before the measured ones
 * @replay: the same command line without --repeat and --warmup, one slot
 *	behind the program's name left free; NULL-terminated; owned
 * @pulled: the words that all this is of, when the kernel is a package; owned
 * @help: print the usage and stop
 * @version: print the version and stop
 */
struct options {
	struct run_config run;
	struct run_config ros;
	char *serve;
	char **words;
	bool native;
	bool programs;
	const char *keep;
	const char *attach;
	uint64_t window;
	unsigned int reboots;
	enum console_owner console;
	bool trust;
	unsigned int pins;
	const char *core;
	struct janitor core_janitor;
	const char *trace_file;
	bool stats;
	bool timing;
	const char *timing_svg;
	FILE *svg;
	struct profile profile;
	bool json;
	bool quiet;
	bool screen;
	int status_fd;
	int exit_ok;
	unsigned int repeat;
	unsigned int warmup;
	char **replay;
	char **pulled;
	bool help;
	bool version;
};

/**
 * struct option_row - one option
 * @name: long name without the dashes; there are no short ones
 * @arg: name of its value in --help, in [= ] when it may be left out; NULL =
 *	takes none
 * @help: one phrase, no full stop
 * @set: stores the value; @arg may be kept; NULL: it goes to @member
 * @member: offset in struct options of a const char *, of a bool without @arg
 */
struct option_row {
	const char *name;
	const char *arg;
	const char *help;
	int (*set)(struct options *o, char *arg, struct err *e);
	size_t member;
};

/**
 * options_table() - all options, in the order of --help
 *
 * Return: rows up to one with a NULL name.
 */
const struct option_row *options_table(void);

/**
 * options_refuse() - say why a word of the command line is refused
 * @word: not an option as it should be
 * @e: which option may be meant, or what is wrong with its value
 *
 * Return: -EINVAL.
 */
int must_check options_refuse(const char *word, struct err *e);

/**
 * options_number() - a number within limits
 * @arg: of the command line
 * @min: the smallest
 * @max: the largest
 * @ret: written on success
 * @e: which limit
 *
 * Return: 0 or -EINVAL.
 */
int must_check options_number(char *arg, unsigned int min, unsigned int max,
			      unsigned int *ret, struct err *e);

/**
 * options_check() - what goes together, and what is missing
 * @o: all words read
 * @e: what does not
 *
 * Return: 0 or -EINVAL.
 */
int must_check options_check(struct options *o, struct err *e);

/**
 * options_parse() - read a command line
 * @o: overwritten; release with options_free(), also on failure
 * @argc: of main()
 * @argv: of main(); kept
 * @e: what is wrong with which option
 *
 * Names must be whole. What follows the image belongs to the kernel, "--"
 * directly behind the image is dropped. Not reentrant (getopt_long()).
 *
 * Return: 0; -EINVAL.
 */
int must_check options_parse(struct options *o, int argc, char **argv,
			     struct err *e);

/**
 * options_add_file() - append to a list of files
 * @list: RUN_FILES_MAX entries
 * @count: of them in use
 * @file: the new one
 * @e: why not
 *
 * Return: 0 or -EINVAL.
 */
int must_check options_add_file(struct run_file *list, unsigned int *count,
				struct run_file file, struct err *e);

/**
 * options_initrd() - --initrd FILE
 * @o: where to
 * @arg: of the command line; kept
 * @e: what is wrong with it
 *
 * Return: 0; -EINVAL.
 */
int options_initrd(struct options *o, char *arg, struct err *e);

/**
 * options_module() - --module 'FILE words'
 * @o: where to
 * @arg: of the command line; kept
 * @e: what is wrong with it
 *
 * Return: 0; -EINVAL, -ENOMEM.
 */
int options_module(struct options *o, char *arg, struct err *e);

/**
 * options_set_net() - --net [NAME:]NETWORK
 * @o: a network is added
 * @arg: of the command line, see net_spec_parse(); kept
 * @e: what is wrong with it
 *
 * Return: 0 or -EINVAL.
 */
int must_check options_set_net(struct options *o, char *arg, struct err *e);

/**
 * options_free() - release what options_parse() took
 * @o: as filled by options_parse()
 */
void options_free(struct options *o);

/**
 * options_set_disk() - the value of --disk
 * @o: a disk is added
 * @arg: [NAME:]FILE[:ro]; not changed, the name is borrowed
 * @e: what is wrong with it
 *
 * Return: 0 or -errno.
 */
int must_check options_set_disk(struct options *o, char *arg, struct err *e);

/**
 * options_free_disks() - release what options_set_disk() took
 * @o: options
 */
void options_free_disks(struct options *o);

/**
 * options_set_virtio() - the value of --virtio
 * @o: the transport is set
 * @arg: pci or mmio
 * @e: what is wrong with it
 *
 * Return: 0 or -EINVAL.
 */
int must_check options_set_virtio(struct options *o, char *arg, struct err *e);

/**
 * options_set_share() - the value of --share
 * @o: a directory is added
 * @arg: DIR[:GUESTTAG][:ro]; not changed
 * @e: what is wrong with it
 *
 * A GUESTTAG has no slash: what has one belongs to DIR.
 *
 * Return: 0 or -errno.
 */
int must_check options_set_share(struct options *o, char *arg, struct err *e);

/**
 * options_free_shares() - release what options_set_share() took
 * @o: options
 */
void options_free_shares(struct options *o);

/* options_split.c: what goes with --mode hrt */

/**
 * options_set_ros() - --ros 'FILE words'
 * @o: where to
 * @arg: of the command line; the words are borrowed
 * @e: what is wrong with it
 *
 * Return: 0 or -errno.
 */
int must_check options_set_ros(struct options *o, char *arg, struct err *e);

/**
 * options_set_ros_initrd() - --ros-initrd FILE
 * @o: where to
 * @arg: of the command line; kept
 * @e: what is wrong with it
 *
 * Return: 0 or -errno.
 */
int must_check options_set_ros_initrd(struct options *o, char *arg,
				      struct err *e);

/**
 * options_set_ros_mem() - --ros-mem SIZE
 * @o: where to
 * @arg: of the command line; not kept
 * @e: what is wrong with it
 *
 * Return: 0 or -errno.
 */
int must_check options_set_ros_mem(struct options *o, char *arg, struct err *e);

/**
 * options_set_ros_cpus() - --ros-cpus N
 * @o: where to
 * @arg: of the command line; not kept
 * @e: what is wrong with it
 *
 * Return: 0 or -errno.
 */
int must_check options_set_ros_cpus(struct options *o, char *arg,
				    struct err *e);

/**
 * options_set_hrt_reboots() - --hrt-reboots N
 * @o: where to
 * @arg: of the command line; not kept
 * @e: what is wrong with it
 *
 * Return: 0 or -errno.
 */
int must_check options_set_hrt_reboots(struct options *o, char *arg,
				       struct err *e);

/**
 * options_set_serve() - --serve NAME=HOW
 * @o: where to
 * @arg: of the command line; not kept
 * @e: what is wrong with it
 *
 * Return: 0 or -errno.
 */
int must_check options_set_serve(struct options *o, char *arg, struct err *e);

/**
 * options_set_window() - --window SIZE
 * @o: where to
 * @arg: of the command line; not kept
 * @e: what is wrong with it
 *
 * Return: 0 or -errno.
 */
int must_check options_set_window(struct options *o, char *arg, struct err *e);

/**
 * options_set_console() - --console hrt|ros|both
 * @o: where to
 * @arg: of the command line; not kept
 * @e: what is wrong with it
 *
 * Return: 0 or -errno.
 */
int must_check options_set_console(struct options *o, char *arg, struct err *e);

/**
 * options_check_split() - does it go together
 * @o: all words read; who writes where is decided
 * @e: what does not
 *
 * Return: 0 or -EINVAL.
 */
int must_check options_check_split(struct options *o, struct err *e);

/* options_pisces.c: what goes with --mode pisces */

/**
 * options_check_pisces() - does it go together
 * @o: all words read
 * @e: what does not
 *
 * Return: 0 or -EINVAL.
 */
int must_check options_check_pisces(struct options *o, struct err *e);

/**
 * options_help() - print the usage
 * @out: where to
 */
void options_help(FILE *out);

#endif
