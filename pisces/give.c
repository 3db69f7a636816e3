// SPDX-License-Identifier: Apache-2.0
// What is taken, and that all of it comes back.
#include "pisces/give.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/x86.h"
#include "pisces/apic.h"

static bool overlap(const struct host_range *a, const struct host_range *b)
{
	return a->start < b->start + b->size && b->start < a->start + a->size;
}

/* Another partition that lies in the way. */
static bool find_owner(int root, const struct host_range *range,
		       struct host_range *ret)
{
	struct journal j = { .fd = -1, .name = "" };
	struct host_taken other;
	pid_t owner;

	while (journal_next(root, j.name, &j, &other, &owner)) {
		journal_close(&j);
		*ret = other.memory;
		if (overlap(&other.memory, range))
			return true;
	}
	return false;
}

static bool fits(int root, const struct host_range *in,
		 const struct host_range *wanted, struct host_range *ret)
{
	uint64_t end = in->start + in->size;
	struct host_range other;

	*ret = *wanted;
	if (!wanted->start)
		ret->start = round_up(in->start, PAGE_2M);
	while (ret->start >= in->start && ret->start < end &&
	       ret->size <= end - ret->start) {
		if (!find_owner(root, ret, &other))
			return host_ram(root, ret) == 0;
		if (wanted->start)
			return false;
		ret->start = round_up(other.start + other.size, PAGE_2M);
	}
	return false;
}

static int choose_memory(int root, const struct host_range *wanted,
			 struct host_range *ret, struct err *e)
{
	struct host_range in[HOST_RANGES_MAX];
	unsigned int count = host_reserved(root, in);
	uint64_t at;

	for (unsigned int i = 0; i < count; i++)
		if (fits(root, &in[i], wanted, ret))
			return 0;
	at = host_advise(root, wanted->size);
	return err_set(e, -ENOMEM,
		       "%s memory of %" PRIu64 "K that Linux was started "
		       "without: boot it with memmap=%" PRIu64 "K$0x%" PRIx64
		       " (in a file of GRUB's \\$ instead of $)",
		       count ? "no free" : "there is no", wanted->size >> 10,
		       wanted->size >> 10, wanted->start ? wanted->start : at);
}

int give_choose(int root, unsigned int wanted, const unsigned int *named,
		const struct host_range *memory, struct host_taken *ret,
		struct err *e)
{
	int rc = host_choose_cpus(root, wanted, named, ret, e);

	return rc ? rc : choose_memory(root, memory, &ret->memory, e);
}

int give_map(int root, const struct host_range *range, void **ret,
	     struct err *e)
{
	int fd = openat(root, "dev/mem", O_RDWR | O_CLOEXEC);
	int rc = 0;

	*ret = MAP_FAILED;
	if (fd >= 0)
		*ret = mmap(NULL, range->size, PROT_READ | PROT_WRITE,
			    MAP_SHARED, fd, (off_t)range->start);
	if (*ret == MAP_FAILED)
		rc = err_set(e, -EIO,
			     "/dev/mem cannot be mapped at 0x%" PRIx64
			     ": %s: this is for root only, and not while "
			     "Linux is locked down",
			     range->start, strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

int give_cpus(int root, const struct host_taken *taken, struct err *e)
{
	struct apic apic = { .msr = -1 };
	bool is_open = false;
	int rc = 0;

	for (unsigned int i = 0; i < taken->cpus && !rc; i++) {
		if (host_cpu_is_online(root, taken->cpu[i].number))
			continue;
		if (!is_open)
			rc = apic_open(&apic, root, e);
		is_open = true;
		if (!rc)
			apic_send(&apic, taken->cpu[i].apic_id, APIC_INIT);
	}
	apic_close(&apic);
	for (unsigned int i = 0; i < taken->cpus && is_open; i++) {
		unsigned int cpu = taken->cpu[i].number;

		if (!host_cpu_is_online(root, cpu) &&
		    host_cpu_set(root, cpu, true, rc ? NULL : e) && !rc)
			rc = -EIO;
	}
	return rc;
}

int give_back(int root, const struct host_taken *taken, struct journal *j,
	      struct err *e)
{
	int rc = give_cpus(root, taken, e);
	void *at;

	if (!rc && taken->memory.size && host_ram(root, &taken->memory) == 0)
		rc = give_map(root, &taken->memory, &at, e);
	else
		at = MAP_FAILED;
	if (rc) {
		journal_close(j);
		return rc;
	}
	if (at != MAP_FAILED) {
		memset(at, 0, taken->memory.size);
		munmap(at, taken->memory.size);
	}
	journal_remove(root, j);
	return 0;
}

int give_recover(int root, unsigned int *ret_count, struct err *e)
{
	struct journal j = { .fd = -1, .name = "" };
	struct host_taken taken;
	unsigned int count = 0;
	pid_t owner;
	int rc = 0;

	while (!rc && journal_next(root, j.name, &j, &taken, &owner)) {
		if (owner) {
			journal_close(&j);
			continue;
		}
		rc = give_back(root, &taken, &j, e);
		count += rc == 0;
	}
	if (ret_count)
		*ret_count = count;
	return rc;
}
