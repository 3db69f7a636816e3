// SPDX-License-Identifier: Apache-2.0
// Memory and life of the machine.
#include "vmm/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/huge.h"
#include "base/x86.h"
#include "vmm/window.h"

#define MIB ((uint64_t)1 << 20)

static int map_flags(uint64_t page_size)
{
	/* Huge pages are reserved here: missing ones must not be a SIGBUS. */
	if (page_size)
		return MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB |
		       __builtin_ctzll(page_size) << MAP_HUGE_SHIFT;
	return MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
}

/*
 * Memory that daemons map, too. Sealed: who shortens shared memory kills those
 * who use it. Linux beside a kernel starts twice as fast with large pages.
 */
static int share_ram(struct machine *m)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	uint64_t page_size = m->config->page_size;
	unsigned int huge = 0;

	if (m->config->role != RUN_ALONE && !page_size) {
		m->ram_fd = huge_file("dive-ram", m->ram_size);
		return m->ram_fd < 0 ? m->ram_fd : 0;
	}
	if (page_size)
		huge = MFD_HUGETLB | (unsigned int)__builtin_ctzll(page_size)
					     << MAP_HUGE_SHIFT;
	m->ram_fd = memfd_create("dive-ram",
				 MFD_CLOEXEC | MFD_ALLOW_SEALING | huge);
	if (m->ram_fd < 0 || ftruncate(m->ram_fd, (off_t)m->ram_size) ||
	    fcntl(m->ram_fd, F_ADD_SEALS, seals))
		return -errno;
	return 0;
}

static int map_ram(struct machine *m, uint64_t size, struct err *e)
{
	uint64_t page = m->config->page_size ? m->config->page_size : PAGE_4K;
	int flags = map_flags(m->config->page_size);

	m->ram_size = round_up(size, page);
	if (m->config->shares) {
		int rc = share_ram(m);

		if (rc)
			return err_set(e, rc,
				       "no shared memory for --share: %s",
				       strerror(-rc));
		flags = MAP_SHARED;
	}
	/* Four system calls more are too many for a kernel that runs alone. */
	m->ram = m->config->page_size || m->config->role == RUN_ALONE
			 ? mmap(NULL, m->ram_size, PROT_READ | PROT_WRITE,
				flags, m->ram_fd, 0)
			 : huge_map(m->ram_size, flags, m->ram_fd);
	if (m->ram != MAP_FAILED) {
		/*
		 * With a child that shares it every page would be copied, and
		 * this machine runs on when the other one starts a child.
		 */
		if (m->config->role != RUN_ALONE)
			(void)madvise(m->ram, m->ram_size, MADV_DONTFORK);
		return 0;
	}
	m->ram = NULL;
	if (m->config->page_size)
		return err_set(e, -errno,
			       "no %" PRIu64 " huge pages of %" PRIu64
			       " MiB: reserve them with 'sysctl "
			       "vm.nr_hugepages=%" PRIu64 "'",
			       m->ram_size / page, page / MIB,
			       m->ram_size / page);
	return err_set(e, -errno, "cannot map %" PRIu64 " MiB of memory: %s",
		       size / MIB, strerror(errno));
}

static int add_region(struct machine *m, gpa_t gpa, uint64_t size,
		      uint64_t offset, bool readonly, struct err *e)
{
	struct gmem_region r = { .gpa = gpa,
				 .size = size,
				 .host = (uint8_t *)m->ram + offset,
				 .readonly = readonly };

	return gmem_add(&m->mem, &r, e);
}

/*
 * RAM of the PC starts at 0 and has no hole below 3 GiB: the legacy hole is
 * memory too (VGA text, tables). What is not RAM above that is not mapped.
 */
static int map_pc(struct machine *m, struct err *e)
{
	const struct board *b = &m->board;
	uint64_t offset = 0;
	int rc = 0;

	for (unsigned int i = 0; i < b->ranges && !rc; i++) {
		const struct board_range *r = &b->range[i];
		bool legacy = r->gpa < MIB;

		if (r->type != RANGE_RAM && !legacy)
			continue;
		rc = add_region(m, r->gpa, r->size, offset, false, e);
		offset += r->size;
	}
	return rc;
}

/* The end of the range with Diver's area is read-only: stub and FDT. */
static int map_lean(struct machine *m, struct err *e)
{
	const struct board *b = &m->board;
	uint64_t offset = 0;
	int rc = contract_plan(b, &m->lean.area, e);

	for (unsigned int i = 0; i < b->ranges && !rc; i++) {
		const struct board_range *r = &b->range[i];
		gpa_t readonly = m->lean.area.readonly;
		uint64_t writable = r->size;

		if (r->type != RANGE_RAM)
			continue;
		if (readonly >= r->gpa && readonly - r->gpa < r->size)
			writable = readonly - r->gpa;
		rc = add_region(m, r->gpa, writable, offset, false, e);
		if (!rc && writable < r->size)
			rc = add_region(m, readonly, r->size - writable,
					offset + writable, true, e);
		offset += r->size;
	}
	return rc;
}

/* KVM wants as few slots as possible: join what is contiguous and alike. */
static void merge_regions(struct gmem *mem)
{
	unsigned int kept = 0;

	for (unsigned int i = 1; i < mem->count; i++) {
		struct gmem_region *a = &mem->region[kept];
		const struct gmem_region *b = &mem->region[i];

		if (a->gpa + a->size == b->gpa &&
		    a->host + a->size == b->host && a->readonly == b->readonly)
			a->size += b->size;
		else
			mem->region[++kept] = *b;
	}
	mem->count = kept + 1;
}

int machine_map_ram(struct machine *m, struct err *e)
{
	int rc = map_ram(m, m->config->mem_size, e);

	if (!rc)
		rc = m->kind == MACHINE_LEAN ? map_lean(m, e) : map_pc(m, e);
	if (rc)
		return rc;
	merge_regions(&m->mem);
	return window_map(m, e);
}

static void kick(struct machine *m)
{
	pthread_t self = pthread_self();

	if (!pthread_equal(m->main, self))
		pthread_kill(m->main, RUN_KICK);
	for (unsigned int i = 1; i < m->board.cpus; i++)
		if (m->cpu[i].has_thread &&
		    !pthread_equal(m->cpu[i].thread, self))
			pthread_kill(m->cpu[i].thread, RUN_KICK);
}

void machine_stop_locked(struct machine *m, const struct vcpu *cpu,
			 enum stop_reason reason, uint32_t status,
			 const char *channel)
{
	if (m->report->reason == STOP_NONE) {
		m->report->reason = reason;
		m->report->status = status;
		m->report->channel = channel;
		m->report->cpu = cpu ? cpu->id : 0;
	}
	atomic_store(&m->stopping, true);
	kick(m);
}

void machine_stop(struct machine *m, const struct vcpu *cpu,
		  enum stop_reason reason, uint32_t status, const char *channel)
{
	pthread_mutex_lock(&m->lock);
	machine_stop_locked(m, cpu, reason, status, channel);
	pthread_mutex_unlock(&m->lock);
}

void machine_start_io(struct machine *m)
{
	struct err e;
	int rc;

	if (streams_running(&m->streams) || atomic_load(&m->stopping))
		return;
	rc = streams_start(&m->streams, &e);
	if (rc == 0)
		return;
	snprintf(m->report->text, sizeof(m->report->text), "%.*s",
		 (int)sizeof(m->report->text) - 1, e.msg);
	machine_stop_locked(m, NULL, STOP_IO, (uint32_t)-rc, "");
}
