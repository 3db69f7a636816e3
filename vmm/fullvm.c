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
#include "vmm/window.h"

struct fullvm {
	struct machine m;
	struct image image;
	struct image files[LOAD_FILES_MAX * 2];
	unsigned int files_open;
	struct kvm_cpuid2 *cpuid;
	bool is_shed;
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
	report->tsc_khz = vm->m.board.tsc_khz;
	rc = load(vm, p, &req, e);
	if (!rc)
		rc = kind_wait(&vm->m, e);
	stamp(report, PHASE_LOADED);
	return rc;
}

static struct fullvm *create(const struct run_config *config,
			     struct exit_report *report)
{
	/* Only the CPUs there are: what is zeroed here costs a start time. */
	struct fullvm *vm =
		calloc(1, sizeof(*vm) + config->cpus * sizeof(vm->cpu[0]));

	if (!vm)
		return NULL;
	vm->m.config = config;
	vm->m.report = report;
	vm->m.cpu = vm->cpu;
	vm->m.vm = (struct vm){ .kvm = -1, .fd = -1 };
	vm->m.seat = &vm->m;
	vm->m.tty.raw = config->program != NULL;
	vm->m.tty.out_fd = config->out_fd;
	vm->m.main = pthread_self();
	vm->m.watch.own_timer = -1;
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
	return vm;
}

int fullvm_prepare(const struct fullvm *first, const struct run_config *config,
		   struct fullvm **ret_vm, struct exit_report *report,
		   struct err *e)
{
	struct fullvm *vm = create(config, report);
	int rc;

	*ret_vm = NULL;
	if (!vm)
		return err_set(e, -ENOMEM, "no memory for the machine");
	rc = prepare(vm, first, e);
	if (rc)
		fullvm_free(vm, false);
	else
		*ret_vm = vm;
	return rc;
}

void fullvm_seat(struct fullvm *vm, struct fullvm *other)
{
	vm->m.seat = &other->m;
}

int fullvm_enter(struct fullvm *vm, struct err *e)
{
	struct machine *m = &vm->m;
	int rc;

	/* Who stops the machine from now on finds this thread. */
	pthread_mutex_lock(&m->lock);
	m->main = pthread_self();
	pthread_mutex_unlock(&m->lock);
	stamp(m->report, PHASE_CPUS);
	rc = machine_run(m, e);
	machine_finish(m);
	return rc;
}

void fullvm_stop(struct fullvm *vm, enum stop_reason reason)
{
	machine_stop(&vm->m, NULL, reason, 0, "");
}

void fullvm_ring(struct fullvm *vm)
{
	window_rung(&vm->m);
}

void fullvm_tell(struct fullvm *vm)
{
	pthread_mutex_lock(&vm->m.lock);
	if (streams_running(&vm->m.streams))
		streams_wake(&vm->m.streams);
	pthread_mutex_unlock(&vm->m.lock);
}

void fullvm_flush(struct fullvm *vm, const sigset_t *signals)
{
	machine_flush(&vm->m, signals);
	gdb_last_look(&vm->m);
}

int fullvm_again(const struct fullvm *first, const struct run_config *config,
		 struct fullvm **ret_vm, struct exit_report *report,
		 struct err *e)
{
	sigset_t all, signals;
	int rc = fullvm_prepare(first, config, ret_vm, report, e);

	if (!rc && config->confine && !first)
		rc = confine(config->mem_size, config->cpus, e);
	if (!rc) {
		/* KVM_RUN takes them one by one (vcpu.c), nothing else does. */
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &signals);
		rc = fullvm_enter(*ret_vm, e);
		fullvm_flush(*ret_vm, &signals);
	}
	if (rc) {
		fullvm_free(*ret_vm, false);
		*ret_vm = NULL;
	}
	return rc;
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

void fullvm_shed(struct fullvm *vm)
{
	struct machine *m = &vm->m;

	gdb_close(m);
	devices_free(m);
	for (unsigned int i = 0; i < m->board.cpus; i++)
		vcpu_destroy(&m->cpu[i], &m->vm);
	vm_end(&m->vm);
	kind_free(m);
	observe_free(m);
	if (m->ram)
		munmap(m->ram, m->ram_size);
	if (m->ram_fd >= 0)
		close(m->ram_fd);
	free(vm->cpuid);
	vm->is_shed = true;
}

void fullvm_free(struct fullvm *vm, bool last)
{
	struct machine *m;

	if (!vm)
		return;
	m = &vm->m;
	devices_free(m); /* a child must not keep their locks on files */
	if (last && !vm->is_shed && m->pc && !m->config->page_size)
		machine_leave_teardown(m);
	if (!vm->is_shed)
		fullvm_shed(vm);
	vm_close(&m->vm);
	for (unsigned int i = 0; i < vm->files_open; i++)
		image_close(&vm->files[i]);
	image_close(&vm->image);
	pthread_mutex_destroy(&m->lock);
	pthread_cond_destroy(&m->space);
	free(vm);
}
