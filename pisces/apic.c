// SPDX-License-Identifier: Apache-2.0
// The interrupt command register, in both modes of the local APIC.
#include "pisces/apic.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/x86.h"
#include "pisces/host.h"

#define MSR_APIC_BASE    0x1b
#define APIC_BASE_X2APIC 0x400
#define MSR_X2APIC_ICR   0x830
#define ICR_LOW          (0x300 / 4)
#define ICR_HIGH         (0x310 / 4)
#define ICR_BUSY         (1u << 12)
#define TRIES_MAX        1000000

static bool has_x2apic(int root)
{
	char *text = host_file(root, "proc/cpuinfo");
	bool has = text && strstr(text, " x2apic");

	free(text);
	return has;
}

/* The driver runs RDMSR and WRMSR on that CPU. */
static int open_msr(struct apic *a, int root, unsigned int cpu, struct err *e)
{
	uint64_t base;
	char path[32];

	snprintf(path, sizeof(path), "dev/cpu/%u/msr", cpu);
	a->msr = openat(root, path, O_RDWR | O_CLOEXEC);
	if (a->msr < 0 ||
	    pread(a->msr, &base, sizeof(base), MSR_APIC_BASE) != sizeof(base))
		return err_set(e, -EIO,
			       "/%s: %s: this machine has an x2APIC, which is "
			       "reached there: modprobe msr; Linux must not be "
			       "locked down",
			       path, strerror(errno));
	a->is_x2 = base & APIC_BASE_X2APIC;
	return 0;
}

static int map_page(struct apic *a, int root, unsigned int cpu, struct err *e)
{
	cpu_set_t here;
	void *page = MAP_FAILED;
	int fd = openat(root, "dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	int rc;

	if (fd >= 0)
		page = mmap(NULL, PAGE_4K, PROT_READ | PROT_WRITE, MAP_SHARED,
			    fd, LAPIC_BASE);
	rc = page == MAP_FAILED ? -errno : 0;
	if (fd >= 0)
		close(fd);
	if (rc)
		return err_set(e, -EIO,
			       "the local APIC cannot be mapped from "
			       "/dev/mem: %s: boot Linux with iomem=relaxed; "
			       "it must not be locked down",
			       strerror(-rc));
	a->page = page;
	CPU_ZERO(&here);
	CPU_SET(cpu, &here);
	if (sched_setaffinity(0, sizeof(here), &here))
		return err_set(e, -errno, "dive cannot stay on CPU %u: %s", cpu,
			       strerror(errno));
	return 0;
}

int apic_open(struct apic *a, int root, struct err *e)
{
	int cpu = sched_getcpu();
	int rc = 0;

	*a = (struct apic){ .msr = -1 };
	if (cpu < 0)
		return err_set(e, -errno, "no number of the CPU: %s",
			       strerror(errno));
	if (has_x2apic(root))
		rc = open_msr(a, root, (unsigned int)cpu, e);
	if (rc || a->is_x2)
		return rc;
	return map_page(a, root, (unsigned int)cpu, e);
}

void apic_close(struct apic *a)
{
	if (a->page)
		munmap((void *)(uintptr_t)a->page, PAGE_4K);
	if (a->msr >= 0)
		close(a->msr);
	*a = (struct apic){ .msr = -1 };
}

static void wait_idle(const struct apic *a)
{
	for (int i = 0; i < TRIES_MAX && a->page[ICR_LOW] & ICR_BUSY; i++)
		__builtin_ia32_pause();
}

void apic_send(const struct apic *a, uint32_t apic_id, uint32_t what)
{
	uint64_t both = (uint64_t)apic_id << 32 | what;
	uint32_t high = apic_id << 24;

	/* What was written comes before the interrupt (SDM vol. 3, 11.12.3). */
	__builtin_ia32_mfence();
	if (a->is_x2) {
		(void)!pwrite(a->msr, &both, sizeof(both), MSR_X2APIC_ICR);
		return;
	}
	if (!a->page)
		return;
	for (int i = 0; i < TRIES_MAX; i++) {
		wait_idle(a);
		a->page[ICR_HIGH] = high;
		if (a->page[ICR_HIGH] == high)
			break;
	}
	a->page[ICR_LOW] = what;
	wait_idle(a);
}
