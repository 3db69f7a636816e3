/* SPDX-License-Identifier: Apache-2.0 */
/* What every mode takes; base/report.h is what it gives back. */
#ifndef BASE_RUN_H
#define BASE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/kick.h"
#include "base/report.h"
#include "base/window.h"

#define RUN_FILES_MAX  16
#define RUN_CPUS_MAX   64
#define RUN_DISKS_MAX  8
#define RUN_NETS_MAX   8
#define RUN_SHARES_MAX 4

/**
 * struct run_file - a file for the kernel
 * @path: borrowed
 * @cmdline: words behind the path of a --module, "" for none
 */
struct run_file {
	const char *path;
	const char *cmdline;
};

/**
 * struct run_name - what a kernel calls a device of its own
 * @text: borrowed, not terminated
 * @size: characters; 0 = the next device that the kernel wants
 */
struct run_name {
	const char *text;
	size_t size;
};

/**
 * struct run_disk - a disk for the kernel
 * @name: of a Solo5 kernel
 * @path: file or block device; borrowed
 * @readonly: the kernel cannot write to it
 */
struct run_disk {
	struct run_name name;
	const char *path;
	bool readonly;
};

/**
 * struct run_net - a network for the kernel
 * @name: of a Solo5 kernel's manifest
 * @spec: what it is, see net_spec_parse(); borrowed
 */
struct run_net {
	struct run_name name;
	const char *spec;
};

/**
 * struct run_share - a directory for the kernel
 * @dir: borrowed
 * @tag: name by which it is mounted, 1 to 36 bytes; borrowed
 * @readonly: it cannot be written
 */
struct run_share {
	const char *dir;
	const char *tag;
	bool readonly;
};

struct exit_report;
struct run_program;
struct tally;

/* Which machine of the process it is, if it is one. */
enum run_role {
	RUN_ALONE,
	RUN_HRT,    /* of a split VM: the kernel; it has signals and timer */
	RUN_ROS,    /* of a split VM: Linux; it has a thread of its own */
	RUN_PISCES, /* no machine: CPUs and memory that Linux gave */
};

enum run_notice {
	NOTICE_SILENT, /* nothing was printed for hello_ns; once, CPU 0 */
	NOTICE_ASKED,  /* SIGQUIT: where is it? Once per CPU */
	NOTICE_GDB,    /* config.gdb_wait: gdb can come; once */
	NOTICE_LOST,   /* something outside failed; now->text says what */
	NOTICE_REBOOT, /* the kernel of a split VM is booted again; now says why */
};

/**
 * struct run_config - one run, as the user asked for it
 * @image: path of the kernel
 * @cmdline: boot arguments, words joined by blanks; "" for none
 * @boot: name of the protocol to use, NULL = the first offered
 * @cpu_mask: words of --cpu ("-x2apic,-rdrand"), NULL = none
 * @mem_size: bytes of guest RAM
 * @mem_base: first RAM address of a contract machine (a pisces partition
 *	may start anywhere); 0 for the PC board
 * @cpus: virtual CPUs, 1 .. RUN_CPUS_MAX
 * @pin: host CPU of each virtual CPU; used when @pinned
 * @pinned: pin virtual CPU i to host CPU @pin[i]
 * @quiet_cpu: lock and bind memory, no HLT/PAUSE/MWAIT exits
 * @strict: an access that no device claims ends the run
 * @step: stop behind every instruction (CPU 0): slow, but after a triple fault
 *	the report has the registers before it, whatever the CPU forgets
 * @page_size: 0 = ordinary, else bytes of the huge pages that back RAM
 * @gdb: where gdb may connect, "tcp:[HOST]:PORT" or "unix:PATH"; NULL = no
 *	gdb
 * @gdb_wait: no CPU runs before gdb says so
 * @core_fd: where gdb's "monitor core" writes an ELF core; -1 = nowhere
 * @trace: TRACE_ bits
 * @trace_fd: where their lines go, used when @trace
 * @tally: counts and latencies of all events; zeroed; NULL = not wanted
 * @confine: give up everything else before the first instruction
 * @role: alone, or which half of a split VM
 * @timeout_ns: 0 = none
 * @hello_ns: say so on stderr when nothing was printed for so long; 0 = never
 * @initrd: initial RAM disks
 * @initrds: entries of @initrd
 * @module: multiboot modules
 * @modules: entries of @module
 * @disk: virtio block devices, or disks of a Solo5 kernel
 * @disks: entries of @disk
 * @net: networks
 * @nets: entries of @net
 * @rng: a virtio entropy device
 * @virtio_mmio: virtio devices of a PC are memory-mapped, not on PCI
 * @virtio_console: stdin and stdout of a PC are a virtio console, not COM1
 * @share: shared directories
 * @shares: entries of @share
 * @in_fd: data in (or COM1 input), owned by the caller
 * @out_fd: data out (or COM1 output); -1 = thrown away
 * @console_fd: console and debug port; -1 = thrown away
 * @window: memory in common with another machine
 * @program: of a split VM; NULL = none
 * @mark: stands before each line of both, a few characters; NULL = nothing does
 * @notify: called on the main thread while the kernel runs; @now has cpu,
 *	has_screen, regs, slide, virt_base, image_fd and mem, but for
 *	NOTICE_GDB; of NOTICE_REBOOT it is complete; may be NULL
 * @notify_arg: handed to @notify
 */
struct run_config {
	const char *image;
	const char *cmdline;
	const char *boot;
	const char *cpu_mask;
	uint64_t mem_size;
	uint64_t mem_base;
	unsigned int cpus;
	unsigned int pin[RUN_CPUS_MAX];
	bool pinned;
	bool quiet_cpu;
	bool strict;
	bool step;
	uint64_t page_size;
	const char *gdb;
	bool gdb_wait;
	int core_fd;
	unsigned int trace;
	int trace_fd;
	struct tally *tally;
	bool confine;
	enum run_role role;
	uint64_t timeout_ns;
	uint64_t hello_ns;
	struct run_file initrd[RUN_FILES_MAX];
	unsigned int initrds;
	struct run_file module[RUN_FILES_MAX];
	unsigned int modules;
	struct run_disk disk[RUN_DISKS_MAX];
	unsigned int disks;
	struct run_net net[RUN_NETS_MAX];
	unsigned int nets;
	bool rng;
	bool virtio_mmio;
	bool virtio_console;
	struct run_share share[RUN_SHARES_MAX];
	unsigned int shares;
	int in_fd;
	int out_fd;
	int console_fd;
	struct run_window window;
	struct run_program *program;
	const char *mark;
	void (*notify)(void *arg, enum run_notice why,
		       const struct exit_report *now);
	void *notify_arg;
};

#endif
