/* SPDX-License-Identifier: Apache-2.0 */
/* Real-time clock and CMOS memory. */
#ifndef VMM_DEV_RTC_H
#define VMM_DEV_RTC_H

#include <stdint.h>

#include "vmm/bus.h"
#include "vmm/wire.h"

#define RTC_BYTES   128
#define RTC_CENTURY 0x32 /* the FADT says so, too */

/**
 * struct rtc - state (Motorola MC146818A data sheet, and what PC firmware
 * keeps in the bytes behind the clock)
 * @time: the clock; it cannot be set
 * @index: selected byte
 * @byte: memory; the bytes of the clock are not used
 * @second: second at the last look at the update flag
 */
struct rtc {
	struct timebase time;
	uint8_t index;
	uint8_t byte[RTC_BYTES];
	uint64_t second;
};

/**
 * rtc_attach() - claim ports 0x70 and 0x71
 * @rtc: any content; stays where it is, owned by the caller
 * @pio: I/O ports
 * @time: copied
 * @mem_low: bytes of RAM below 4 GiB, from 0
 * @mem_high: bytes of RAM above 4 GiB
 */
void rtc_attach(struct rtc *rtc, struct bus *pio, const struct timebase *time,
		uint64_t mem_low, uint64_t mem_high);

#endif
