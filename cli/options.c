// SPDX-License-Identifier: Apache-2.0
// The command line of dive: one table drives parsing, --help and completion.
#include "cli/options.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "cli/events.h"
#include "cli/pulled.h"

#define MEM_DEFAULT (UINT64_C(256) << 20)
#define HELLO_NS    UINT64_C(5000000000)
#define REPEAT_MAX  100000

static int set_mode(struct options *o, char *arg, struct err *e)
{
	o->run.role = !strcmp(arg, "hrt")      ? RUN_HRT
		      : !strcmp(arg, "pisces") ? RUN_PISCES
					       : RUN_ALONE;
	if (o->run.role != RUN_ALONE || !strcmp(arg, "fullvm"))
		return 0;
	return err_set(e, -EINVAL,
		       "there is no mode '%s'; use --mode fullvm, hrt or "
		       "pisces",
		       arg);
}

static int set_mem(struct options *o, char *arg, struct err *e)
{
	return units_size_at(arg, &o->run.mem_size, &o->run.mem_base, e);
}

static int set_cpus(struct options *o, char *arg, struct err *e)
{
	return options_number(arg, 1, RUN_CPUS_MAX, &o->run.cpus, e);
}

static int set_pin(struct options *o, char *arg, struct err *e)
{
	o->run.pinned = true;
	return units_cpu_list(arg, o->run.pin, RUN_CPUS_MAX, &o->pins, e);
}

static int set_hugepages(struct options *o, char *arg, struct err *e)
{
	int r = units_size(arg, &o->run.page_size, e);

	if (r < 0)
		return r;
	if (o->run.page_size != UINT64_C(2) << 20 &&
	    o->run.page_size != UINT64_C(1) << 30)
		return err_set(e, -EINVAL, "huge pages are 2M or 1G, not %s",
			       arg);
	return 0;
}

static int set_timeout(struct options *o, char *arg, struct err *e)
{
	int r = units_seconds(arg, &o->run.timeout_ns, e);

	if (r == 0 && o->run.timeout_ns == 0)
		return err_set(e, -EINVAL,
			       "0 seconds are not enough; write 5 or 0.25");
	/* A sum with a time of the clock must not wrap. */
	if (o->run.timeout_ns > INT64_MAX)
		o->run.timeout_ns = INT64_MAX;
	return r;
}

static int set_status_fd(struct options *o, char *arg, struct err *e)
{
	unsigned int fd;
	int r = options_number(arg, 0, INT32_MAX, &fd, e);

	if (r < 0)
		return r;
	if (fcntl((int)fd, F_GETFD) < 0)
		return err_set(
			e, -EINVAL,
			"descriptor %u is not open; open it in the shell: %u>FILE",
			fd, fd);
	o->status_fd = (int)fd;
	return 0;
}

static int set_exit_ok(struct options *o, char *arg, struct err *e)
{
	unsigned int status;
	int r = options_number(arg, 0, 255, &status, e);

	if (r == 0)
		o->exit_ok = (int)status;
	return r;
}

static int set_repeat(struct options *o, char *arg, struct err *e)
{
	return options_number(arg, 1, REPEAT_MAX, &o->repeat, e);
}

static int set_warmup(struct options *o, char *arg, struct err *e)
{
	return options_number(arg, 0, REPEAT_MAX, &o->warmup, e);
}

static int set_trace(struct options *o, char *arg, struct err *e)
{
	return events_parse(arg, &o->run.trace, e);
}

static int set_report(struct options *o, char *arg, struct err *e)
{
	return profile_set(&o->profile, arg, e);
}

#define MEMBER(member) offsetof(struct options, member)

static const struct option_row table[] = {
	{ "mode", "MODE",
	  "fullvm (the default); hrt, with Linux beside it; pisces, in no VM",
	  set_mode, 0 },
	{ "trust", NULL, "with --mode pisces: KERNEL may do what Linux may",
	  NULL, MEMBER(trust) },
	{ "mem", "SIZE[@BASE]",
	  "guest memory (256M), and its first address for a contract kernel",
	  set_mem, 0 },
	{ "cpus", "N", "virtual CPUs (1)", set_cpus, 0 },
	{ "hrt-mem", "SIZE[@BASE]", "the same as --mem", set_mem, 0 },
	{ "hrt-cpus", "N", "the same as --cpus", set_cpus, 0 },
	{ "ros", "FILE",
	  "with --mode hrt: another Linux than Diver's, 'FILE args'",
	  options_set_ros, 0 },
	{ "ros-initrd", "FILE", "its initial RAM disk; may be repeated",
	  options_set_ros_initrd, 0 },
	{ "ros-mem", "SIZE", "its memory (256M)", options_set_ros_mem, 0 },
	{ "ros-cpus", "N", "its virtual CPUs (1)", options_set_ros_cpus, 0 },
	{ "hrt-reboots", "N",
	  "boot KERNEL again after a reset or a crash, up to N times",
	  options_set_hrt_reboots, 0 },
	{ "window", "SIZE", "memory in common with Linux (1G, none with --ros)",
	  options_set_window, 0 },
	{ "keep", "SOCKET", "let others bring programs, by --attach", NULL,
	  MEMBER(keep) },
	{ "attach", "SOCKET",
	  "have a program run where another dive has --keep", NULL,
	  MEMBER(attach) },
	{ "serve", "NAME=HOW",
	  "system call NAME: local, forward, or the errno it gets",
	  options_set_serve, 0 },
	{ "console", "WHOSE",
	  "stdin and stdout with --mode hrt: hrt (the default), ros or both",
	  options_set_console, 0 },
	{ "pin", "LIST", "host CPU of each virtual CPU, such as 2-3", set_pin,
	  0 },
	{ "hugepages", "SIZE", "back guest memory with huge pages of 2M or 1G",
	  set_hugepages, 0 },
	{ "initrd", "FILE", "initial RAM disk; may be repeated", options_initrd,
	  0 },
	{ "module", "FILE", "boot module, 'FILE args'; may be repeated",
	  options_module, 0 },
	{ "disk", "[NAME:]FILE[:ro]",
	  "virtio block device, or disk of a Solo5 kernel; may be repeated",
	  options_set_disk, 0 },
	{ "net", "[NAME:]NETWORK",
	  "user[,hostfwd=...], tap=IF or fd=N; may be repeated",
	  options_set_net, 0 },
	{ "rng", NULL, "virtio entropy device", NULL, MEMBER(run.rng) },
	{ "virtio-console", NULL,
	  "stdin and stdout are a virtio console, not COM1", NULL,
	  MEMBER(run.virtio_console) },
	{ "virtio", "TRANSPORT", "how virtio devices are found: pci or mmio",
	  options_set_virtio, 0 },
	{ "share", "DIR[:TAG][:ro]", "directory for the guest, by virtiofs",
	  options_set_share, 0 },
	{ "boot", "PROTOCOL", "boot protocol, if the image offers several",
	  NULL, MEMBER(run.boot) },
	{ "cpu", "MASK", "CPU features to hide, such as -x2apic,-rdrand", NULL,
	  MEMBER(run.cpu_mask) },
	{ "strict", NULL, "an access that no device claims ends the run", NULL,
	  MEMBER(run.strict) },
	{ "gdb", "WHERE",
	  "let gdb connect to tcp::PORT, tcp:HOST:PORT or unix:PATH", NULL,
	  MEMBER(run.gdb) },
	{ "gdb-wait", NULL, "run nothing before gdb says so", NULL,
	  MEMBER(run.gdb_wait) },
	{ "core", "FILE", "write an ELF core for gdb when the kernel crashes",
	  NULL, MEMBER(core) },
	{ "trace", "LIST",
	  "a line for each event of LIST, of exits,pio,mmio,msr,irq", set_trace,
	  0 },
	{ "trace-file", "FILE", "write them there, not on stderr", NULL,
	  MEMBER(trace_file) },
	{ "stats", NULL, "count and time exits by port, address and MSR", NULL,
	  MEMBER(stats) },
	{ "timeout", "SECONDS", "end the run after so long (status 124)",
	  set_timeout, 0 },
	{ "timing", NULL, "show where the time went", NULL, MEMBER(timing) },
	{ "timing-svg", "FILE", "draw it, as an SVG picture", NULL,
	  MEMBER(timing_svg) },
	{ "native", NULL,
	  "Linux runs the program itself, to compare with --mode hrt", NULL,
	  MEMBER(native) },
	{ "report", "[=FORMAT:FILE]",
	  "what a program's calls have cost, as text, json or svg", set_report,
	  0 },
	{ "json", NULL, "tell the outcome as JSON on stderr, not in words",
	  NULL, MEMBER(json) },
	{ "status-fd", "N",
	  "write the outcome as one JSON line to descriptor N", set_status_fd,
	  0 },
	{ "exit-ok", "N", "the kernel's status N means success", set_exit_ok,
	  0 },
	{ "quiet", NULL, "one line instead of a crash report, no notices", NULL,
	  MEMBER(quiet) },
	{ "screen", NULL,
	  "show the VGA text screen of a foreign kernel at the end", NULL,
	  MEMBER(screen) },
	{ "repeat", "N", "measure N runs and print a table", set_repeat, 0 },
	{ "warmup", "N", "runs before the measured ones (0)", set_warmup, 0 },
	{ "quiet-cpu", NULL,
	  "lock memory; HLT, PAUSE and MWAIT do not leave the guest", NULL,
	  MEMBER(run.quiet_cpu) },
	{ "version", NULL, "print the version and stop", NULL,
	  MEMBER(version) },
	{ "help", NULL, "print this and stop", NULL, MEMBER(help) },
	{ NULL, NULL, NULL, NULL, 0 },
};

const struct option_row *options_table(void)
{
	return table;
}

static void replay_words(struct options *o, char **from, char **to)
{
	char **at = o->replay + 2; /* the name and the free slot */

	while (*at)
		at++;
	while (from < to)
		*at++ = *from++;
}

static int store(struct options *o, const struct option_row *row, char *arg,
		 struct err *e)
{
	char *to = (char *)o + row->member;

	if (row->set)
		return row->set(o, arg, e);
	if (row->arg)
		*(const char **)to = arg;
	else
		*(bool *)to = true;
	return 0;
}

static int parse_words(struct options *o, int argc, char **argv, struct err *e)
{
	struct option longs[sizeof(table) / sizeof(table[0])] = { 0 };
	unsigned int rows = 0;

	for (; table[rows].name; rows++) {
		longs[rows].name = table[rows].name;
		longs[rows].has_arg = !table[rows].arg ? no_argument
				      : !strncmp(table[rows].arg, "[=", 2)
					      ? optional_argument
					      : required_argument;
	}
	optind = 0; /* glibc: start afresh */
	opterr = 0;
	for (;;) {
		int first = optind ? optind : 1;
		int at = -1;
		int c = getopt_long(argc, argv, "+:", longs, &at);

		if (c == -1)
			return 0;
		/* getopt_long() takes abbreviations, we do not. */
		if (c == '?' || c == ':' ||
		    table[at].name[strcspn(argv[first] + 2, "=")])
			return options_refuse(argv[first], e);
		if (store(o, &table[at], optarg, e) < 0)
			return err_wrap(e, "--%s", table[at].name);
		if (table[at].set != set_repeat && table[at].set != set_warmup)
			replay_words(o, argv + first, argv + optind);
	}
}

/* The words behind the image, joined by blanks; before them --serve's. */
static int join_words(struct options *o, char **words, struct err *e)
{
	size_t size = 1 + (o->serve ? strlen(o->serve) : 0);
	char *to;

	for (char **w = words; *w; w++)
		size += strlen(*w) + 1;
	to = malloc(size);
	if (!to)
		return err_set(e, -ENOMEM,
			       "no memory for the kernel's arguments");
	o->run.cmdline = to;
	to = stpcpy(to, o->serve ? o->serve : "");
	for (char **w = words; *w; w++) {
		if (w != words)
			*to++ = ' ';
		to = stpcpy(to, *w);
	}
	return 0;
}

int options_parse(struct options *o, int argc, char **argv, struct err *e)
{
	static char dashes[] = "--";
	static char programs[] = "programs";
	char *separator[] = { dashes };
	char *any[] = { programs, NULL };
	char **rest, **words = NULL;
	int r;

	*o = (struct options){
		.run = { .mem_size = MEM_DEFAULT,
			 .cpus = 1,
			 .hello_ns = HELLO_NS,
			 .in_fd = STDIN_FILENO,
			 .out_fd = STDOUT_FILENO,
			 .console_fd = STDERR_FILENO,
			 .core_fd = -1 },
		.ros = { .role = RUN_ROS,
			 .mem_size = MEM_DEFAULT,
			 .cpus = 1,
			 .cmdline = "console=ttyS0 panic=-1",
			 .in_fd = -1,
			 .out_fd = -1,
			 .console_fd = -1,
			 .core_fd = -1 },
		.status_fd = -1,
		.exit_ok = -1,
	};
	/* Name, free slot, --, NULL. */
	o->replay = calloc((size_t)argc + 4, sizeof(o->replay[0]));
	if (!o->replay)
		return err_set(e, -ENOMEM, "no memory for the command line");
	r = parse_words(o, argc, argv, e);
	if (r < 0 || o->help || o->version)
		return r;
	rest = &argv[optind < argc ? optind : argc];
	if (!o->attach && *rest)
		r = pulled_words(argc, argv, optind, &words, e);
	if (words) {
		/* Their kernel is a path, so this does not come again. */
		options_free(o);
		r = options_parse(o, r, words, e);
		o->pulled = words;
		return r;
	}
	if (r < 0)
		return r;
	o->replay[0] = argv[0];
	replay_words(o, separator, separator + 1);
	replay_words(o, rest, argv + argc);
	if (o->attach)
		o->words = *rest ? rest : NULL;
	if (*rest)
		o->run.image = *rest++;
	if (*rest && !strcmp(*rest, "--"))
		rest++;
	if (*rest && !o->attach)
		o->words = rest;
	/* A kernel without words has a shell, and no programs. */
	r = join_words(o, o->keep && !*rest ? any : rest, e);
	return r < 0 ? r : options_check(o, e);
}

void options_free(struct options *o)
{
	for (unsigned int i = 0; i < o->run.modules; i++)
		free((void *)(uintptr_t)o->run.module[i].path);
	o->run.modules = 0;
	free((void *)(uintptr_t)o->ros.image);
	o->ros.image = NULL;
	free(o->serve);
	o->serve = NULL;
	options_free_disks(o);
	options_free_shares(o);
	free((void *)(uintptr_t)o->run.cmdline);
	o->run.cmdline = NULL;
	free(o->replay);
	o->replay = NULL;
	free(o->pulled);
	o->pulled = NULL;
}
