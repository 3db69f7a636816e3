// SPDX-License-Identifier: Apache-2.0
// Mode pisces, top to bottom: image, partition, measure, load, start, serve.
#include "pisces/partition.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/x86.h"
#include "contract/dive/note.h"
#include "loader/protocol.h"
#include "pisces/give.h"
#include "pisces/kernel.h"
#include "pisces/start.h"

#define RING_SIZE    65536u
#define CALIBRATE_NS (NS_PER_S / 50)
#define PAIRS        5

/* One moment on two clocks; the TSC ran on by @open while the other was read. */
struct moment {
	uint64_t tsc;
	uint64_t ns;
	uint64_t open;
};

struct partition {
	struct kernel k;
	struct image image;
	struct image files[LOAD_FILES_MAX];
	unsigned int files_open;
	int root;
	int lock;    /* of the journal; -1 = not held */
	int signals; /* signalfd; -1 = none */
	sigset_t old_mask;
	struct moment begin;
	struct host_taken taken;
	uint32_t apic_id[BOARD_CPUS_MAX];
	struct journal journal;
	struct start start;
	void *memory; /* mapped, or MAP_FAILED */
};

static struct moment now(void)
{
	struct moment best = { .open = UINT64_MAX };

	for (int i = 0; i < PAIRS; i++) {
		uint64_t tsc = __builtin_ia32_rdtsc(), open;
		struct timespec t;

		clock_gettime(CLOCK_MONOTONIC_RAW, &t);
		open = __builtin_ia32_rdtsc() - tsc;
		if (open < best.open)
			best = (struct moment){
				.tsc = tsc + open / 2,
				.ns = (uint64_t)t.tv_sec * NS_PER_S +
				      (uint64_t)t.tv_nsec,
				.open = open,
			};
	}
	return best;
}

static uint64_t tsc_khz(const struct moment *begin)
{
	const struct timespec wait = { .tv_nsec = CALIBRATE_NS };
	struct moment end;

	nanosleep(&wait, NULL);
	end = now();
	return (end.tsc - begin->tsc) * 1000000 / (end.ns - begin->ns);
}

/* What would end us is read, once Linux misses something. */
static int hold_signals(struct partition *p, struct err *e)
{
	static const int wanted[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	sigset_t set, all;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct sigaction old;

		/* Ignored when dive was started (nohup): it stays so. */
		if (sigaction(wanted[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaddset(&set, wanted[i]);
	}
	sigfillset(&all);
	sigdelset(&all, SIGTSTP);
	sigprocmask(SIG_SETMASK, &all, &p->old_mask);
	p->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (p->signals < 0)
		return err_set(e, -errno, "no signalfd: %s", strerror(errno));
	return 0;
}

static void free_signals(struct partition *p)
{
	const struct timespec zero = { .tv_sec = 0 };
	sigset_t pipe;

	if (p->signals < 0)
		return;
	close(p->signals);
	p->signals = -1;
	/* A write() that failed has told already. */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	while (sigtimedwait(&pipe, NULL, &zero) > 0)
		;
	sigprocmask(SIG_SETMASK, &p->old_mask, NULL);
}

static int open_image(struct partition *p, const struct protocol **ret,
		      struct load_request *req, struct err *e)
{
	const struct run_config *c = p->k.config;
	struct probe probe;
	int rc = image_open(&p->image, c->image, e);

	if (rc)
		return rc;
	p->k.report->image_fd = p->image.fd;
	*ret = protocol_choose(&p->image, c->boot, &probe, e);
	if (!*ret)
		return e->code;
	if ((*ret)->machine != MACHINE_LEAN)
		return err_set(e, -ENOEXEC,
			       "%s: --mode pisces runs kernels that keep the "
			       "kernel contract, this one speaks %s",
			       c->image, (*ret)->name);
	p->k.report->protocol = (*ret)->name;
	p->k.report->is_contract = true;
	for (unsigned int i = 0; i < c->initrds && !rc; i++) {
		rc = image_open(&p->files[i], c->initrd[i].path, e);
		if (rc)
			break;
		p->files_open++;
		req->initrd[req->initrds++] =
			(struct load_file){ .image = &p->files[i],
					    .cmdline = "" };
	}
	p->k.report->phase_ns[PHASE_IMAGE] = clock_now_ns();
	return rc;
}

/* In this order: what is written down is given back by whoever comes. */
static int take(struct partition *p, struct err *e)
{
	const struct run_config *c = p->k.config;
	const struct host_range memory = { c->mem_base, c->mem_size };
	struct gmem_region region = { .gpa = 0 };
	int rc;

	if (c->mem_size % PAGE_4K || c->mem_base % DIVE_LOAD_ALIGN)
		return err_set(e, -EINVAL,
			       "--mem: the size must be a multiple of 4K and "
			       "the base one of 2M");
	p->lock = journal_lock(p->root, e);
	rc = p->lock < 0 ? p->lock : give_recover(p->root, NULL, e);
	if (!rc)
		rc = give_choose(p->root, c->cpus, c->pinned ? c->pin : NULL,
				 &memory, &p->taken, e);
	if (!rc)
		rc = journal_create(p->root, &p->taken, &p->journal, e);
	for (unsigned int i = 0; i < p->taken.cpus && !rc; i++)
		rc = host_cpu_set(p->root, p->taken.cpu[i].number, false, e);
	if (!rc)
		rc = give_map(p->root, &p->taken.memory, &p->memory, e);
	if (!rc)
		rc = apic_open(&p->k.apic, p->root, e);
	if (!rc)
		rc = start_open(&p->start, p->root, &p->k.apic, e);
	if (rc)
		return rc;
	memset(p->memory, 0, p->taken.memory.size);
	region.gpa = p->taken.memory.start;
	region.size = p->taken.memory.size;
	region.host = p->memory;
	p->k.report->phase_ns[PHASE_VM] = clock_now_ns();
	return gmem_add(&p->k.mem, &region, e);
}

static int make_board(struct partition *p, struct err *e)
{
	struct board *b = &p->k.board;

	for (unsigned int i = 0; i < p->taken.used; i++)
		p->apic_id[i] = p->taken.cpu[i].apic_id;
	*b = (struct board){
		.mode = "pisces",
		.cpus = p->taken.used,
		.apic_id = p->apic_id,
		.range = { { p->taken.memory.start, p->taken.memory.size,
			     RANGE_RAM } },
		.ranges = 1,
		.tsc_khz = tsc_khz(&p->begin),
		.x2apic = p->k.apic.is_x2,
		.ring_size = RING_SIZE,
	};
	p->k.report->tsc_khz = b->tsc_khz;
	return start_measure(&p->start, p->apic_id[0], b->tsc_khz, &b->lapic_hz,
			     e);
}

/* The first CPU last: the others are parked when it looks for them. */
static int start_all(struct partition *p, const struct loaded *loaded,
		     struct err *e)
{
	int rc = 0;

	p->k.start_ns = clock_now_ns();
	p->k.report->phase_ns[PHASE_CPUS] = p->k.start_ns;
	for (unsigned int i = p->k.board.cpus; i-- > 0 && !rc;) {
		struct entry_state entry = loaded->entry;

		entry.rdi += i * loaded->cpu_stride;
		rc = start_cpu(&p->start, p->apic_id[i], &entry, &p->k.mem, e);
	}
	return rc;
}

static int boot(struct partition *p, struct err *e)
{
	struct exit_report *report = p->k.report;
	struct load_request req = { .initrds = 0 };
	struct loaded loaded = { .slide = 0 };
	const struct protocol *protocol;
	int rc = open_image(p, &protocol, &req, e);

	if (!rc)
		rc = hold_signals(p, e);
	if (!rc)
		rc = take(p, e);
	if (!rc)
		rc = make_board(p, e);
	if (rc)
		return rc;
	req.mem = &p->k.mem;
	req.board = &p->k.board;
	req.cmdline = p->k.config->cmdline;
	rc = protocol->load(&p->image, &req, &loaded, e);
	report->slide = loaded.slide;
	report->virt_base = loaded.virt_base;
	if (!rc)
		rc = contract_plan(&p->k.board, &p->k.area, e);
	if (!rc)
		rc = kernel_attach(&p->k, e);
	report->phase_ns[PHASE_LOADED] = clock_now_ns();
	if (!rc)
		rc = start_all(p, &loaded, e);
	start_close(&p->start);
	if (p->lock >= 0)
		close(p->lock);
	p->lock = -1;
	return rc;
}

static struct partition *create(const struct run_config *config,
				struct exit_report *report)
{
	struct partition *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->k.config = config;
	p->k.report = report;
	p->k.apic.msr = -1;
	p->image.fd = -1;
	p->lock = p->signals = p->journal.fd = -1;
	p->memory = MAP_FAILED;
	p->begin = now();
	report->image_fd = -1;
	report->channel = "";
	return p;
}

int partition_run(const struct run_config *config, struct partition **ret,
		  struct exit_report *report, struct err *e)
{
	struct partition *p = create(config, report);
	int rc;

	*ret = NULL;
	if (!p)
		return err_set(e, -ENOMEM, "no memory for a partition");
	p->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	rc = p->root < 0 ? err_set(e, -errno, "/: %s", strerror(errno))
			 : boot(p, e);
	if (!rc) {
		kernel_serve(&p->k, p->signals);
		/* They are wanted back first; the rest has time. */
		rc = give_cpus(p->root, &p->taken, e);
		free_signals(p);
		kernel_finish(&p->k);
	}
	if (rc) {
		(void)!partition_free(p, NULL);
		return rc;
	}
	*ret = p;
	return 0;
}

int partition_free(struct partition *p, struct err *e)
{
	int rc = 0;

	if (!p)
		return 0;
	start_close(&p->start);
	if (p->memory != MAP_FAILED)
		munmap(p->memory, p->taken.memory.size);
	if (p->journal.fd >= 0)
		rc = give_back(p->root, &p->taken, &p->journal, e);
	if (p->lock >= 0)
		close(p->lock);
	apic_close(&p->k.apic);
	free_signals(p);
	for (unsigned int i = 0; i < p->files_open; i++)
		image_close(&p->files[i]);
	image_close(&p->image);
	if (p->root >= 0)
		close(p->root);
	free(p);
	return rc;
}

int partition_release(unsigned int *ret_count, struct err *e)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int lock = -1, rc;

	rc = root < 0 ? err_set(e, -errno, "/: %s", strerror(errno)) : 0;
	if (!rc)
		rc = lock = journal_lock(root, e);
	if (rc >= 0)
		rc = give_recover(root, ret_count, e);
	if (lock >= 0)
		close(lock);
	if (root >= 0)
		close(root);
	return rc;
}
