// SPDX-License-Identifier: ISC
// Hostile: fills the counts of a program with what nobody can have counted: noise
// when its argument is a number, which is the seed, else the largest numbers.
#include <dive.h>
#include <dive/delegate.h>

static uint64_t seed;

static uint64_t dice(void)
{
	if (!seed)
		return UINT64_MAX;
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

int dive_main(const struct dive_boot *boot)
{
	uint8_t *area =
		(uint8_t *)(uintptr_t)boot->window.start + DIVE_DELEGATE_AREA;
	struct dive_delegate *d = (void *)area;
	struct dive_count *c = (void *)(area + DIVE_DELEGATE_COUNTS);
	uint64_t *words = (void *)c;

	for (const char *s = boot->args; *s >= '0' && *s <= '9'; s++)
		seed = seed * 10 + (uint64_t)(*s - '0');
	if (boot->window.size < DIVE_DELEGATE_MEMORY)
		dive_panic("no window");
	d->magic = DIVE_DELEGATE_MAGIC;
	d->kernel_run = 1;
	d->channels = (uint32_t)dice();
	d->call_spins = dice();
	d->partner_faults = dice();
	for (unsigned int i = 0; i < DIVE_COUNTS_MAX * sizeof(*c) / 8; i++)
		words[i] = dice();
	/* Half of them such that they are taken. */
	for (unsigned int i = 0; i < DIVE_COUNTS_MAX; i += 2) {
		c[i].how = 1 + i / 2 % 3;
		c[i].nr &= 511;
		c[i].policy = 2;
	}
	return 0;
}
