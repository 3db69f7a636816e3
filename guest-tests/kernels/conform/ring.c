// SPDX-License-Identifier: ISC
// Sections 8 to 10: rings, doorbells, time.
#include "conform.h"

#include "contract/dive/cpu.h"
#include "contract/dive/note.h"

#define VECTOR 0x50

static volatile uint32_t doorbells;

struct interrupt_frame;

__attribute__((interrupt)) static void
on_doorbell(struct interrupt_frame *frame)
{
	(void)frame;
	dive_apic_write(0xb0, 0); /* EOI */
	doorbells++;
}

/* Doorbells come to VECTOR from now on. */
static void take_doorbells(void)
{
	uintptr_t handler = (uintptr_t)on_doorbell;
	struct table_pointer idt;
	uint64_t *gate;

	__asm__ volatile("sidt %0" : "=m"(idt));
	gate = (uint64_t *)idt.base + VECTOR * 2;
	gate[1] = handler >> 32;
	gate[0] = (handler & 0xffff) | (uint64_t)DIVE_SEL_CODE << 16 |
		  0x8eull << 40 | (handler >> 16 & 0xffff) << 48;
	__atomic_store_n(&dive_control()->irq_vector, VECTOR, __ATOMIC_RELEASE);
}

static void check_header(enum dive_ring_id id, const char *what)
{
	struct dive_range at = dive_links.ring[id];
	const struct dive_ring *ring = (const void *)at.start;

	check(ring->magic == DIVE_RING_MAGIC &&
		      ring->version == DIVE_CONTRACT_VERSION &&
		      ring->header == DIVE_RING_HEADER,
	      "8.1", what);
	check(ring->size >= DIVE_RING_SIZE_MIN &&
		      ring->size <= DIVE_RING_SIZE_MAX &&
		      !(ring->size & (ring->size - 1)) &&
		      ring->size + DIVE_RING_HEADER <= at.size &&
		      ring->write_index - ring->read_index <= ring->size,
	      "8.2", what);
}

/* More than a ring holds, as TAP comments. */
static bool overfill(void)
{
	const struct dive_ring *ring =
		(const void *)dive_links.ring[RING_STDOUT].start;
	char line[256];

	memset(line, '.', sizeof(line));
	line[0] = '#';
	line[sizeof(line) - 1] = '\n';
	for (uint32_t at = 0; at < ring->size * 3 / 2; at += sizeof(line))
		if (dive_write(line, sizeof(line)) != sizeof(line))
			return false;
	return true;
}

void ring_checks(void)
{
	static const char want[] = "conform\n";
	char line[32];
	long size, got;

	check_header(RING_CONSOLE, "header of console");
	check_header(RING_STDIN, "header of stdin");
	check_header(RING_STDOUT, "header of stdout");
	check(overfill(), "8.6", "a full ring is emptied");
	take_doorbells();
	for (size = 0; size < (long)sizeof(line); size += got) {
		got = dive_read(line + size, sizeof(line) - (size_t)size);
		if (got <= 0)
			break;
	}
	check(size == sizeof(want) - 1 && !memcmp(line, want, (size_t)size),
	      "8.7", "stdin delivers what was put in");
	check(dive_read(line, 1) == 0, "8.5", "then it ends");
	check(dive_console_write("# console\n", 10) == 10, "8.8",
	      "the console takes words");
	if (dive_links.doorbell == DOORBELL_POLL)
		check_not("9.2", "doorbell to the host", "the host polls");
	else
		check(size > 0, "9.2", "the host hears the doorbell");
	check(doorbells, "9.3", "the host rings the kernel");
}

/*
 * Counts APIC timer ticks over 10 ms of the TSC. A busy host can stop this CPU
 * between two readings, so the TSC is read on both sides of each.
 */
static bool clocks_agree(const struct dive_boot *boot)
{
	uint64_t outside, inside, ticks;

	dive_apic_write(0x3e0, 0xb);     /* divide by 1 */
	dive_apic_write(0x320, 0x10000); /* masked */
	outside = dive_tsc();
	dive_apic_write(0x380, UINT32_MAX);
	inside = dive_tsc();
	while (dive_tsc() - inside < boot->tsc_khz * 10)
		;
	inside = dive_tsc() - inside;
	ticks = UINT32_MAX - dive_apic_read(0x390);
	outside = dive_tsc() - outside;
	/* From APIC ticks to TSC ticks. */
	ticks = ticks * boot->tsc_khz / (boot->lapic_hz / 1000);
	return ticks > inside - inside / 50 && ticks < outside + outside / 50;
}

void time_checks(const struct dive_boot *boot)
{
	uint64_t before = dive_tsc();

	check(boot->tsc_khz && boot->lapic_hz, "10.1", "both frequencies");
	check(clocks_agree(boot), "10.1",
	      "TSC and APIC timer agree within 2 %");
	check(dive_tsc() > before, "10.2", "time goes on");
}
