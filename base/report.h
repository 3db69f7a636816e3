/* SPDX-License-Identifier: Apache-2.0 */
/* How a run has ended: what every mode gives back. */
#ifndef BASE_REPORT_H
#define BASE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/gmem.h"

enum stop_reason {
	STOP_NONE,
	STOP_EXIT,         /* the kernel gave a status */
	STOP_POWEROFF,     /* ACPI S5 or alike: status 0 */
	STOP_RESET,        /* the kernel asked for a reset: status 0 */
	STOP_PANICKED,     /* the kernel said that it crashed (pvpanic) */
	STOP_EXCEPTION,    /* the stub or dive_panic() filled a crash page */
	STOP_TRIPLE_FAULT, /* KVM_EXIT_SHUTDOWN */
	STOP_HALTED,       /* every CPU halted with interrupts off */
	STOP_KVM,          /* KVM could not go on (emulation, bad state) */
	STOP_STRICT,       /* an unclaimed access under --strict */
	STOP_BAD_CALL,     /* a hypercall that cannot be served */
	STOP_TIMEOUT,      /* --timeout */
	STOP_SIGNAL,       /* a signal to dive; report.status is its number */
	STOP_IO,     /* input or output failed; report.status is the errno */
	STOP_OTHER,  /* the other machine of a split VM ended first */
	STOP_KILLED, /* a signal ended the program: report.status */
	STOP_NOT_STARTED, /* the program was not; report.status is the errno */
};

/**
 * struct cpu_regs - registers of one CPU
 * @gpr: in encoding order: rax rcx rdx rbx rsp rbp rsi rdi r8 .. r15
 * @rip: instruction pointer
 * @rflags: flags
 * @cr0: control registers
 * @cr2: see @cr0
 * @cr3: see @cr0
 * @cr4: see @cr0
 * @efer: IA32_EFER
 * @cs_base: base of CS (real mode and reset state)
 * @gdt_base: GDTR
 * @idt_base: IDTR
 * @gdt_limit: bytes - 1
 * @idt_limit: bytes - 1
 * @cs: selector
 * @ss: selector
 */
struct cpu_regs {
	uint64_t gpr[16];
	uint64_t rip;
	uint64_t rflags;
	uint64_t cr0;
	uint64_t cr2;
	uint64_t cr3;
	uint64_t cr4;
	uint64_t efer;
	uint64_t cs_base;
	uint64_t gdt_base;
	uint64_t idt_base;
	uint16_t gdt_limit;
	uint16_t idt_limit;
	uint16_t cs;
	uint16_t ss;
};

/**
 * struct cpu_crash - exception as the stub or dive_panic() recorded it
 * @valid: a crash page was filled
 * @panic: by dive_panic(): @text is valid, vector and error are not
 * @vector: exception vector
 * @error: error code
 * @text: sanitised: printable ASCII, NUL-terminated
 */
struct cpu_crash {
	bool valid;
	bool panic;
	uint64_t vector;
	uint64_t error;
	char text[256];
};

enum exit_kind {
	EXIT_PIO,
	EXIT_MMIO,
	EXIT_DOORBELL,    /* PIO to the contract's doorbell */
	EXIT_MSR,         /* RDMSR, WRMSR; only when they are watched */
	EXIT_INTERRUPTED, /* KVM_RUN returned for a signal */
	EXIT_OTHER,
	EXIT_KINDS,
};

/* What is traced and counted beside the exits: interrupts that dive raises. */
enum {
	EVENT_LINE = EXIT_KINDS, /* a line of the interrupt controllers */
	EVENT_MSI,
	EVENT_KINDS,
};

/* run_config.trace: which events are told; in the order of --trace's words */
#define TRACE_EXITS (1u << 0) /* every exit, whatever its kind */
#define TRACE_PIO   (1u << 1)
#define TRACE_MMIO  (1u << 2)
#define TRACE_MSR   (1u << 3) /* MSRs that KVM would serve are told, too */
#define TRACE_IRQ   (1u << 4) /* EVENT_LINE, EVENT_MSI */

/**
 * struct exit_event - one of the last exits to user space
 * @kind: enum exit_kind, or EVENT_ of a trace
 * @write: the guest wrote
 * @size: bytes
 * @addr: port, guest-physical address or MSR; KVM's reason of EXIT_OTHER
 * @value: as written, or as answered
 * @rip: where
 */
struct exit_event {
	unsigned int kind;
	bool write;
	unsigned int size;
	uint64_t addr;
	uint64_t value;
	uint64_t rip;
};

#define REPORT_EVENTS_MAX 16
#define REPORT_MARKS_MAX  64

/* Points in time of a run, CLOCK_MONOTONIC nanoseconds; 0 = not reached. */
enum run_phase {
	PHASE_START,   /* main() */
	PHASE_IMAGE,   /* image opened and recognised */
	PHASE_VM,      /* VM, memory, interrupt controllers */
	PHASE_LOADED,  /* image and tables in guest memory */
	PHASE_CPUS,    /* virtual CPUs ready: next is the first instruction */
	PHASE_OUTPUT,  /* first byte of output; 0 = none */
	PHASE_STOPPED, /* last instruction */
	PHASE_FLUSHED, /* all output written */
	RUN_PHASES,
};

/**
 * struct exit_report - the only way a run ends
 * @reason: why
 * @status: STOP_EXIT: guest's value; STOP_SIGNAL: signal number
 * @channel: name of the exit channel, "" when not by one; static string
 * @cpu: which CPU
 * @protocol: boot protocol used; static string
 * @is_contract: lean machine
 * @has_screen: a PC, whose VGA text memory can be looked at
 * @regs: of @cpu, at the fault where known
 * @regs_real: false: KVM reset the CPU before it could be asked, so @regs
 *	hold the last snapshot, @snapshot_age_ns before the end
 * @stepped: @regs come from a second run of the same kernel with config.step
 * @snapshot_age_ns: see @regs_real; 0 when real
 * @crash: exception record
 * @text: one phrase more about the reason, "" for none
 * @quiet_missing: what --quiet-cpu could not do; static string, NULL = nothing
 * @events: ring of the last exits of @cpu, oldest first after unrolling
 * @events_count: entries of @events
 * @exits: to user space, all CPUs, by kind
 * @unclaimed: accesses that no device claimed
 * @unclaimed_addr: address or port of the first one
 * @broken_ring: a ring on which the kernel published impossible indices;
 *	static string, NULL = none
 * @broken_device: the first thing that a virtio driver did wrong, "" = none
 * @bytes_out: data bytes written to out_fd
 * @bytes_in: data bytes given to the kernel
 * @bytes_console: console bytes
 * @out_mid_line: the last data byte did not end a line
 * @console_mid_line: nor did the last console byte
 * @phase_ns: see enum run_phase
 * @mark_ns: dive_mark(id), CLOCK_MONOTONIC; 0 = not set
 * @mem: guest memory, still mapped until report_release() of the mode
 * @tsc_khz: of a contract machine, cycles in a millisecond; else 0
 * @image_fd: the kernel's file, borrowed with @mem; -1 = not open
 * @slide: load address minus linked address of the image
 * @virt_base: linked virtual base of a contract kernel, 0 = none
 */
struct exit_report {
	enum stop_reason reason;
	uint32_t status;
	const char *channel;
	unsigned int cpu;
	const char *protocol;
	bool is_contract;
	bool has_screen;
	struct cpu_regs regs;
	bool regs_real;
	bool stepped;
	uint64_t snapshot_age_ns;
	struct cpu_crash crash;
	char text[160];
	const char *quiet_missing;
	struct exit_event events[REPORT_EVENTS_MAX];
	unsigned int events_count;
	uint64_t exits[EXIT_KINDS];
	uint64_t unclaimed;
	uint64_t unclaimed_addr;
	const char *broken_ring;
	char broken_device[96];
	uint64_t bytes_out;
	uint64_t bytes_in;
	uint64_t bytes_console;
	bool out_mid_line;
	bool console_mid_line;
	uint64_t phase_ns[RUN_PHASES];
	uint64_t mark_ns[REPORT_MARKS_MAX];
	struct gmem mem;
	uint64_t tsc_khz;
	int image_fd;
	uint64_t slide;
	gva_t virt_base;
};

#endif
