// SPDX-License-Identifier: Apache-2.0
// Mode fullvm, top to bottom: image, VM, memory, board, load, CPUs, run.
#include "vmm/fullvm.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "loader/protocol.h"
#include "vmm/confine.h"
#include "vmm/cpuid.h"
#include "vmm/gdb/core.h"
#include "vmm/gdb/gdb.h"
#include "vmm/kind.h"
#include "vmm/observe.h"

#define LAST_WORDS_NS (NS_PER_S / 10)

struct fullvm {
	struct machine m;
	struct image image;
	struct image files[LOAD_FILES_MAX * 2];
	unsigned int files_open;
	struct kvm_cpuid2 *cpuid;
	sigset_t signals; /* as the caller had them */
	struct vcpu cpu[];
};

static void stamp(struct exit_report *report, enum run_phase phase)
{
	report->phase_ns[phase] = clock_now_ns();
}

/* A second run may open nothing any more: it takes what @first has. */
static int open_image(struct image *img, const char *path,
		      const struct image *first, struct err *e)
{
	int fd;

	if (!first)
		return image_open(img, path, e);
	/* syscall: fcntl[1=F_DUPFD_CLOEXEC] */
	fd = fcntl(first->fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	return image_open_fd(img, fd, path, e);
}

/* Everything a request names must be open before a VM exists. */
static int open_files(struct fullvm *vm, const struct fullvm *first,
		      struct load_request *req, struct err *e)
{
	const struct run_config *c = vm->m.config;
	int rc = 0;

	assert(c->initrds <= LOAD_FILES_MAX && c->modules <= LOAD_FILES_MAX);
	for (unsigned int i = 0; i < c->initrds + c->modules && !rc; i++) {
		bool is_initrd = i < c->initrds;
		const struct run_file *f =
			is_initrd ? &c->initrd[i] : &c->module[i - c->initrds];
		struct image *file = &vm->files[i];
		struct load_file to = { .image = file, .cmdline = f->cmdline };

		rc = open_image(file, f->path, first ? &first->files[i] : NULL,
				e);
		if (rc)
			break;
		vm->files_open++;
		if (is_initrd)
			req->initrd[req->initrds++] = to;
		else
			req->module[req->modules++] = to;
	}
	return rc;
}

/* Does all memory lie where this CPU can address it? */
static int check_reach(const struct machine *m, const struct kvm_cpuid2 *cpuid,
		       struct err *e)
{
	const struct gmem_region *last = &m->mem.region[m->mem.count - 1];
	unsigned int bits = cpuid_address_bits(cpuid);

	/* One-to-one mappings end where the upper half would begin. */
	if (bits > 47)
		bits = 47;
	if ((last->gpa + last->size - 1) >> bits == 0)
		return 0;
	return err_set(e, -EINVAL,
		       "memory would end at 0x%" PRIx64 ", but this CPU "
		       "addresses %u bits: give less with --mem",
		       last->gpa + last->size, bits);
}

static int build_vm(struct fullvm *vm, const struct fullvm *first,
		    struct err *e)
{
	struct machine *m = &vm->m;
	int rc = quiet_cpus(m, e);

	if (!rc)
		rc = machine_map_ram(m, e);
	if (!rc)
		rc = devices_map(m, e);
	if (!rc)
		rc = quiet_memory(m, e);
	if (!rc)
		rc = vm_open(&m->vm, first ? first->m.vm.kvm : -1, e);
	if (!rc)
		rc = vm_map_memory(&m->vm, &m->mem, e);
	if (!rc)
		rc = kind_irqchip(m, e);
	if (!rc)
		rc = quiet_vm(m, e);
	if (!rc)
		rc = cpuid_create(&m->vm, m->config->cpu_mask, &vm->cpuid, e);
	if (rc)
		return rc;
	rc = check_reach(m, vm->cpuid, e);
	for (unsigned int i = 0; i < m->board.cpus && !rc; i++)
		rc = vcpu_create(&m->cpu[i], &m->vm, vm->cpuid, m->board.cpus,
				 e);
	m->board.x2apic =
		m->kind == MACHINE_LEAN && cpuid_has_x2apic(vm->cpuid);
	if (!rc && m->kind != MACHINE_PC)
		m->board.tsc_khz = vcpu_tsc_khz(&m->cpu[0]);
	return rc;
}

static int load(struct fullvm *vm, const struct protocol *p,
		struct load_request *req, struct err *e)
{
	struct machine *m = &vm->m;
	struct loaded loaded = { .slide = 0 };
	int rc = m->kind == MACHINE_PC ? pc_tables(m, e) : 0;

	req->mem = &m->mem;
	req->board = &m->board;
	req->cmdline = devices_cmdline(m);
	if (!rc)
		rc = p->load(&vm->image, req, &loaded, e);
	if (rc)
		return rc;
	m->report->slide = loaded.slide;
	m->report->virt_base = loaded.virt_base;
	gdb_place(m, &vm->image);
	for (unsigned int i = 0; i < m->board.cpus && !rc; i++) {
		struct entry_state entry = loaded.entry;

		if (i > 0 && !loaded.cpu_stride)
			break;
		entry.rdi += i * loaded.cpu_stride;
		rc = vcpu_enter(&m->cpu[i], &entry, m->board.x2apic, e);
	}
	if (!rc)
		rc = kind_attach(m, e);
	if (!rc)
		rc = observe_open(m, e);
	if (!rc && m->config->step)
		rc = vcpu_step(&m->cpu[0], e);
	return rc;
}

static int prepare(struct fullvm *vm, const struct fullvm *first, struct err *e)
{
	const struct run_config *c = vm->m.config;
	struct exit_report *report = vm->m.report;
	struct load_request req = { .initrds = 0 };
	const struct protocol *p;
	struct probe probe;
	int rc = open_image(&vm->image, c->image, first ? &first->image : NULL,
			    e);

	if (rc)
		return rc;
	report->image_fd = vm->image.fd;
	p = protocol_choose(&vm->image, c->boot, &probe, e);
	if (!p)
		return e->code;
	report->protocol = p->name;
	vm->m.kind = p->machine;
	report->is_contract = p->machine == MACHINE_LEAN;
	report->has_screen = p->machine == MACHINE_PC;
	rc = open_files(vm, first, &req, e);
	if (!rc)
		rc = gdb_open(&vm->m, e);
	if (rc)
		return rc;
	stamp(report, PHASE_IMAGE);
	rc = kind_create(&vm->m, &vm->image, e);
	if (!rc)
		rc = build_vm(vm, first, e);
	if (rc)
		return rc;
	stamp(report, PHASE_VM);
	rc = load(vm, p, &req, e);
	if (!rc)
		rc = kind_wait(&vm->m, e);
	stamp(report, PHASE_LOADED);
	return rc;
}

/* KVM_RUN takes them one by one (vcpu.c); nothing else is interrupted. */
static void block_signals(struct fullvm *vm)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &vm->signals);
}

static void finish(struct fullvm *vm)
{
	struct machine *m = &vm->m;
	struct exit_report *r = m->report;
	struct vcpu *cpu = &m->cpu[r->cpu];

	stamp(r, PHASE_STOPPED);
	devices_stop(m);
	streams_stop(&m->streams);
	observe_close(m);
	tty_leave(&m->tty);
	watch_end();
	r->regs_real = vcpu_regs(cpu, &r->regs) == 0;
	if (r->reason == STOP_TRIPLE_FAULT && r->regs.rip == 0xfff0 &&
	    r->regs.cs_base == 0xffff0000) {
		r->regs = cpu->snapshot;
		r->regs_real = cpu->stepping; /* then it is just before it */
		r->snapshot_age_ns =
			r->phase_ns[PHASE_STOPPED] - cpu->snapshot_ns;
	}
	kind_finish(m);
	for (unsigned int i = 0; i < m->board.cpus; i++)
		for (unsigned int k = 0; k < EXIT_KINDS; k++)
			r->exits[k] += m->cpu[i].exits[k];
	r->events_count = cpu->event_next < REPORT_EVENTS_MAX
				  ? cpu->event_next
				  : REPORT_EVENTS_MAX;
	for (unsigned int i = 0; i < r->events_count; i++)
		r->events[i] =
			cpu->events[(cpu->event_next - r->events_count + i) %
				    REPORT_EVENTS_MAX];
}

/*
 * What the kernel says of its end does not count when its output was lost. Of
 * a reader that left it is told, and may have obeyed: then it does count.
 */
static void judge_output(struct machine *m)
{
	struct exit_report *r = m->report;
	bool ended = r->reason == STOP_EXIT || r->reason == STOP_POWEROFF ||
		     r->reason == STOP_RESET ||
		     (r->reason == STOP_SIGNAL && r->status == SIGPIPE);

	for (unsigned int i = 0; i < m->streams.outs && ended; i++) {
		const struct out_stream *out = &m->streams.out[i];

		if (out->error == EPIPE && !lean_handles_shutdown(m)) {
			r->reason = STOP_SIGNAL;
			r->status = SIGPIPE;
		} else if (out->error && out->error != EPIPE && !out->is_log) {
			r->reason = STOP_IO;
			r->status = (uint32_t)out->error;
			snprintf(r->text, sizeof(r->text),
				 "cannot write the kernel's output: %s",
				 strerror(out->error));
			return;
		}
	}
}

static void flush(struct fullvm *vm)
{
	static const int ours[] = { SIGUSR1, SIGALRM, SIGPIPE };
	struct machine *m = &vm->m;
	struct exit_report *r = m->report;
	uint64_t timeout = m->config->timeout_ns;
	uint64_t deadline = timeout ? m->watch.start_ns + timeout : 0;
	sigset_t blocked = vm->signals;

	/* Whoever sent a signal will not wait for a reader that sleeps. */
	if (r->reason == STOP_SIGNAL)
		deadline = clock_now_ns() + LAST_WORDS_NS;
	/* From here on a signal ends dive at once, as it does any filter. */
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		sigaddset(&blocked, ours[i]);
	pthread_sigmask(SIG_SETMASK, &blocked, NULL);
	streams_drain(&m->streams, deadline);
	watch_end();
	pthread_sigmask(SIG_SETMASK, &vm->signals, NULL);
	judge_output(m);
	r->bytes_out = m->streams.out[0].bytes;
	r->bytes_console = m->streams.out[1].bytes;
	r->bytes_in = m->streams.in.bytes;
	r->out_mid_line = r->bytes_out && m->streams.out[0].last != '\n';
	r->console_mid_line =
		r->bytes_console && m->streams.out[1].last != '\n';
	r->phase_ns[PHASE_OUTPUT] = atomic_load(&m->streams.first_output_ns);
	r->mem = m->mem;
	stamp(r, PHASE_FLUSHED);
}

int fullvm_again(const struct fullvm *first, const struct run_config *config,
		 struct fullvm **ret_vm, struct exit_report *report,
		 struct err *e)
{
	/* Only the CPUs there are: what is zeroed here costs a start time. */
	struct fullvm *vm =
		calloc(1, sizeof(*vm) + config->cpus * sizeof(vm->cpu[0]));
	int rc;

	*ret_vm = NULL;
	if (!vm)
		return err_set(e, -ENOMEM, "no memory for the machine");
	vm->m.config = config;
	vm->m.report = report;
	vm->m.cpu = vm->cpu;
	vm->m.vm = (struct vm){ .kvm = -1, .fd = -1 };
	vm->m.main = pthread_self();
	vm->m.streams.wake_fd = -1;
	vm->m.ram_fd = -1;
	vm->image.fd = -1;
	pthread_mutex_init(&vm->m.lock, NULL);
	pthread_cond_init(&vm->m.space, NULL);
	for (unsigned int i = 0; i < config->cpus; i++) {
		vm->m.cpu[i].machine = &vm->m;
		vm->m.cpu[i].id = i;
		vm->m.cpu[i].fd = -1;
	}
	report->image_fd = -1;
	rc = prepare(vm, first, e);
	if (!rc && config->confine && !first)
		rc = confine(config->mem_size, config->cpus, e);
	if (!rc) {
		block_signals(vm);
		stamp(report, PHASE_CPUS);
		rc = machine_run(&vm->m, e);
		finish(vm);
		flush(vm);
		gdb_last_look(&vm->m);
	}
	if (rc) {
		fullvm_free(vm, false);
		return rc;
	}
	*ret_vm = vm;
	return 0;
}

int fullvm_run(const struct run_config *config, struct fullvm **ret_vm,
	       struct exit_report *report, struct err *e)
{
	return fullvm_again(NULL, config, ret_vm, report, e);
}

int fullvm_core(const struct fullvm *vm, const struct exit_report *report,
		int fd, struct err *e)
{
	return core_write(&vm->m, fd, report, report->cpu, e);
}

void fullvm_free(struct fullvm *vm, bool last)
{
	struct machine *m;

	if (!vm)
		return;
	m = &vm->m;
	devices_free(m); /* a child must not keep their locks on files */
	if (last && m->pc && !m->config->page_size)
		machine_leave_teardown(m);
	gdb_close(m);
	for (unsigned int i = 0; i < m->board.cpus; i++)
		vcpu_destroy(&m->cpu[i], &m->vm);
	vm_close(&m->vm);
	kind_free(m);
	observe_free(m);
	if (m->ram)
		munmap(m->ram, m->ram_size);
	if (m->ram_fd >= 0)
		close(m->ram_fd);
	for (unsigned int i = 0; i < vm->files_open; i++)
		image_close(&vm->files[i]);
	image_close(&vm->image);
	free(vm->cpuid);
	pthread_mutex_destroy(&m->lock);
	pthread_cond_destroy(&m->space);
	free(vm);
}
