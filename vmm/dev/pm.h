/* SPDX-License-Identifier: Apache-2.0 */
/* ACPI fixed hardware: PM1 event and control block, PM timer. */
#ifndef VMM_DEV_PM_H
#define VMM_DEV_PM_H

#include <stdint.h>

#include "vmm/bus.h"
#include "vmm/dev/exit.h"
#include "vmm/wire.h"

/* Ports, as the FADT names them; 0x604 is known by heart to many kernels. */
#define PM_BASE       0x600
#define PM_PORTS      12
#define PM_EVENT_PORT (PM_BASE + 0)
#define PM_CNT_PORT   (PM_BASE + 4)
#define PM_TIMER_PORT (PM_BASE + 8)

/**
 * struct pm - the registers
 * @exits: told when the guest goes to sleep
 * @time: drives the timer
 * @enable: PM1 enable; no event ever comes
 * @control: PM1 control without SCI_EN and SLP_EN
 */
struct pm {
	const struct exits *exits;
	struct timebase time;
	uint16_t enable;
	uint16_t control;
};

/**
 * pm_attach() - claim the ports
 * @pm: any content; stays where it is, owned by the caller
 * @pio: I/O ports
 * @exits: borrowed
 * @time: copied
 */
void pm_attach(struct pm *pm, struct bus *pio, const struct exits *exits,
	       const struct timebase *time);

#endif
