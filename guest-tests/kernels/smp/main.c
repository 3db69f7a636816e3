// SPDX-License-Identifier: ISC
// Starts every CPU and lets each add its share to a common sum.
#include <dive.h>

#define SHARE 1000

static uint32_t apicids[DIVE_CPUS_MAX];
static uint32_t total, done;

static void work(void *arg)
{
	*(uint32_t *)arg = dive_apicid();
	for (int i = 0; i < SHARE; i++)
		__atomic_fetch_add(&total, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&done, 1, __ATOMIC_RELEASE);
}

int dive_main(const struct dive_boot *boot)
{
	for (unsigned int i = 1; i < boot->cpu_count; i++)
		if (!dive_cpu_start(i, work, &apicids[i]))
			dive_panic("cpu %u does not start", i);
	work(&apicids[0]);
	while (__atomic_load_n(&done, __ATOMIC_ACQUIRE) < boot->cpu_count)
		dive_pause();
	for (unsigned int i = 0; i < boot->cpu_count; i++) {
		if (apicids[i] != boot->cpu[i].apicid)
			dive_panic("cpu %u has APIC id %u, not %u", i,
				   apicids[i], boot->cpu[i].apicid);
		dive_log("cpu %u: APIC id %u\n", i, apicids[i]);
	}
	dive_printf("%u cpus, sum %u\n", boot->cpu_count, total);
	return total != boot->cpu_count * SHARE;
}
