// SPDX-License-Identifier: Apache-2.0
// ACPI PM1 registers and PM timer (ACPI 6.5, 4.8.3): enough to power off.
#include "vmm/dev/pm.h"

#include <string.h>

#define PM_ENABLE  2 /* offsets; status (0) is always 0 */
#define PM_CONTROL 4
#define PM_TIMER   8

#define CNT_SCI_EN 0x0001
#define CNT_SLP_EN 0x2000

#define PM_TIMER_HZ 3579545u
#define NS_PER_S    1000000000u

/* 32 bits wide; wraps every 20 minutes without an interrupt. */
static uint32_t timer_ticks(const struct pm *pm)
{
	uint64_t ns = pm->time.monotonic_ns(pm->time.ctx);

	return (uint32_t)(ns / NS_PER_S * PM_TIMER_HZ +
			  ns % NS_PER_S * PM_TIMER_HZ / NS_PER_S);
}

static uint64_t pm_read(void *dev, uint64_t offset, unsigned int size)
{
	const struct pm *pm = dev;
	uint16_t control = pm->control | CNT_SCI_EN;
	uint32_t ticks = timer_ticks(pm);
	uint8_t reg[PM_PORTS] = { 0 };
	uint64_t value = 0;

	memcpy(reg + PM_ENABLE, &pm->enable, sizeof(pm->enable));
	memcpy(reg + PM_CONTROL, &control, sizeof(control));
	memcpy(reg + PM_TIMER, &ticks, sizeof(ticks));
	memcpy(&value, reg + offset, size);
	return value;
}

static uint16_t merge(uint16_t reg, unsigned int byte, uint8_t value)
{
	unsigned int shift = 8 * byte;

	return (uint16_t)((reg & ~(0xff << shift)) | value << shift);
}

static void pm_write(void *dev, uint64_t offset, unsigned int size,
		     uint64_t value)
{
	struct pm *pm = dev;
	uint16_t control = pm->control;

	for (unsigned int i = 0; i < size; i++) {
		uint8_t byte = (uint8_t)(value >> (8 * i));

		switch (offset + i) {
		case PM_ENABLE:
		case PM_ENABLE + 1:
			pm->enable =
				merge(pm->enable,
				      (unsigned int)(offset + i) & 1, byte);
			break;
		case PM_CONTROL:
		case PM_CONTROL + 1:
			control = merge(control, (unsigned int)(offset + i) & 1,
					byte);
			break;
		default:
			break;
		}
	}
	pm->control = control & (uint16_t) ~(CNT_SCI_EN | CNT_SLP_EN);
	exits_fire(pm->exits, EXIT_ACPI_S5, control);
}

static const struct bus_ops pm_ops = {
	.read = pm_read,
	.write = pm_write,
	.size_max = 4,
};

void pm_attach(struct pm *pm, struct bus *pio, const struct exits *exits,
	       const struct timebase *time)
{
	*pm = (struct pm){ .exits = exits, .time = *time };
	bus_add(pio, &(struct bus_range){
			     .name = "acpi",
			     .base = PM_BASE,
			     .size = PM_PORTS,
			     .ops = &pm_ops,
			     .dev = pm,
		     });
}
