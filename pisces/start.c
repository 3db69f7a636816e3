// SPDX-License-Identifier: Apache-2.0
// INIT, SIPI, and the conversation with the trampoline.
#include "pisces/start.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "contract/stub/stub.h"
#include "pisces/host.h"
#include "pisces/trampoline.h"

#define INIT_NS    10000000u   /* INIT to SIPI: Intel SDM 3A 9.4.4.1 */
#define AGAIN_NS   10000000u   /* to the second SIPI */
#define HERE_NS    2000000000u /* an emulator may be slow */
#define STEP_NS    50000u
#define MEASURE_MS 10u
#define MEASURES   10
#define EXACT      2000u /* one part in so many is exact enough */

static void sleep_ns(uint64_t ns)
{
	struct timespec t = { .tv_sec = (time_t)(ns / NS_PER_S),
			      .tv_nsec = (long)(ns % NS_PER_S) };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static struct trampoline *block(const struct start *s)
{
	return (struct trampoline *)(void *)(s->low + TRAMPOLINE_BLOCK);
}

/* Code, and tables that map it and the local APIC. */
static int fill(struct start *s, struct err *e)
{
	struct gmem_region region = { .gpa = TRAMPOLINE_BASE,
				      .size = TRAMPOLINE_SIZE,
				      .host = s->low };
	int rc;

	memset(s->low, 0, TRAMPOLINE_SIZE);
	/* The linker puts them around one object. */
	/* cppcheck-suppress comparePointers */
	memcpy(s->low, trampoline_blob,
	       (size_t)(trampoline_blob_end - trampoline_blob));
	rc = gmem_add(&s->mem, &region, e);
	if (!rc)
		rc = pagetable_init(&s->tables, &s->mem,
				    TRAMPOLINE_BASE + PAGE_4K,
				    TRAMPOLINE_SIZE - PAGE_4K, e);
	if (!rc)
		rc = pagetable_map(&s->tables, TRAMPOLINE_BASE, TRAMPOLINE_BASE,
				   PAGE_4K, PTE_P | PTE_W, e);
	if (!rc)
		rc = pagetable_map(&s->tables, LAPIC_BASE, LAPIC_BASE, PAGE_4K,
				   PTE_P | PTE_W | PTE_PCD | PTE_PWT | PTE_NX,
				   e);
	if (!rc)
		block(s)->tables = s->tables.root;
	return rc;
}

int start_open(struct start *s, int root, const struct apic *apic,
	       struct err *e)
{
	const struct host_range low = { TRAMPOLINE_BASE, TRAMPOLINE_SIZE };
	int fd = openat(root, "dev/mem", O_RDWR | O_CLOEXEC);
	void *at = MAP_FAILED;
	int rc;

	*s = (struct start){ .apic = apic };
	if (fd >= 0)
		at = mmap(NULL, TRAMPOLINE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_SHARED, fd, TRAMPOLINE_BASE);
	rc = at == MAP_FAILED ? -errno : 0;
	if (fd >= 0)
		close(fd);
	if (rc)
		return err_set(e, -EIO,
			       "/dev/mem cannot be mapped at 0x%x: %s: this "
			       "is for root only, and not while Linux is "
			       "locked down",
			       TRAMPOLINE_BASE, strerror(-rc));
	s->low = at;
	if (host_ram(root, &low) != TRAMPOLINE_SIZE)
		return err_set(e, -ENOMEM,
			       "no memory at 0x%x, where a CPU could start",
			       TRAMPOLINE_BASE);
	return fill(s, e);
}

/* What is there stays: a CPU that was stopped may not know it yet. */
void start_close(struct start *s)
{
	if (s->low)
		munmap(s->low, TRAMPOLINE_SIZE);
	s->low = NULL;
}

/* Until the CPU has written @value. */
static bool wait_for(const uint32_t *at, uint32_t value, uint64_t ns)
{
	uint64_t until = clock_now_ns() + ns;

	while (__atomic_load_n(at, __ATOMIC_ACQUIRE) != value) {
		if (clock_now_ns() >= until)
			return false;
		sleep_ns(STEP_NS);
	}
	return true;
}

/* Until it says that it is there. */
static int wake(const struct start *s, uint32_t apic_id, struct err *e)
{
	const uint32_t *state = &block(s)->state;

	block(s)->state = TRAMPOLINE_NONE;
	apic_send(s->apic, apic_id, APIC_INIT);
	sleep_ns(INIT_NS);
	apic_send(s->apic, apic_id, APIC_STARTUP(TRAMPOLINE_BASE));
	if (wait_for(state, TRAMPOLINE_HERE, AGAIN_NS))
		return 0;
	apic_send(s->apic, apic_id, APIC_STARTUP(TRAMPOLINE_BASE));
	if (wait_for(state, TRAMPOLINE_HERE, HERE_NS))
		return 0;
	apic_send(s->apic, apic_id, APIC_INIT);
	return err_set(e, -EIO,
		       "the CPU with APIC id %" PRIu32 " does not start",
		       apic_id);
}

int start_measure(struct start *s, uint32_t apic_id, uint64_t tsc_khz,
		  uint64_t *ret_hz, struct err *e)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < MEASURES; i++) {
		const struct trampoline *t = block(s);
		uint64_t open, close, took;
		int rc;

		block(s)->cycles = tsc_khz * MEASURE_MS;
		rc = wake(s, apic_id, e);
		apic_send(s->apic, apic_id, APIC_INIT);
		block(s)->cycles = 0;
		if (rc)
			return rc;
		open = t->tsc[1] - t->tsc[0];
		close = t->tsc[3] - t->tsc[2];
		took = t->tsc[2] + close / 2 - t->tsc[0] - open / 2;
		if (took == 0 || open + close >= best)
			continue;
		best = open + close;
		*ret_hz = (uint64_t)((__uint128_t)t->ticks * tsc_khz * 1000 /
				     took);
		if (best < took / EXACT)
			break;
	}
	if (best == UINT64_MAX || *ret_hz == 0)
		return err_set(e, -EIO,
			       "the timer of the CPU with APIC id %" PRIu32
			       " stands still",
			       apic_id);
	return 0;
}

int start_cpu(struct start *s, uint32_t apic_id,
	      const struct entry_state *entry, const struct gmem *mem,
	      struct err *e)
{
	const struct cpu_page *page = gmem_ptr(mem, entry->rdi, sizeof(*page));
	struct stub_header header;
	int rc = gmem_read(mem, entry->rip, &header, sizeof(header));

	if (rc || !page)
		return err_set(e, -EFAULT, "the loader left no stub");
	rc = pagetable_map(&s->tables, entry->rip, entry->rip,
			   round_up(header.size, PAGE_4K), PTE_P, e);
	block(s)->rip = entry->rip + header.bare;
	block(s)->rdi = entry->rdi;
	block(s)->rsi = entry->cr3;
	if (!rc)
		rc = wake(s, apic_id, e);
	if (rc)
		return rc;
	__atomic_store_n(&block(s)->state, TRAMPOLINE_GO, __ATOMIC_RELEASE);
	if (wait_for(&page->start.came, 1, HERE_NS))
		return 0;
	apic_send(s->apic, apic_id, APIC_INIT);
	return err_set(e, -EIO,
		       "the CPU with APIC id %" PRIu32 " does not go on",
		       apic_id);
}
