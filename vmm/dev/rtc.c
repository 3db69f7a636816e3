// SPDX-License-Identifier: Apache-2.0
// RTC (Motorola MC146818A) that shows the host's time in UTC; no interrupts.
#include "vmm/dev/rtc.h"

#include <assert.h>
#include <stdbool.h>

#define REG_SECONDS 0x00
#define REG_MINUTES 0x02
#define REG_HOURS   0x04
#define REG_WEEKDAY 0x06
#define REG_DAY     0x07
#define REG_MONTH   0x08
#define REG_YEAR    0x09
#define REG_A       0x0a
#define REG_B       0x0b
#define REG_C       0x0c
#define REG_D       0x0d

#define A_UIP    0x80
#define A_32KHZ  0x26 /* divider on, periodic rate 1024 Hz */
#define B_SET    0x80
#define B_BINARY 0x04
#define B_24H    0x02
#define D_VALID  0x80

#define NS_PER_S 1000000000u
/* Data sheet, figure 9: UIP rises 244 us before an update of 1984 us. */
#define UPDATE_NS (244000u + 1984000u)

#define SECONDS_PER_DAY 86400u

struct date {
	unsigned int year;
	unsigned int month; /* 1 .. 12 */
	unsigned int day;   /* 1 .. 31 */
};

/* Gregorian calendar from days since 1970-01-01, in years from a March. */
static struct date date_from_days(uint64_t days)
{
	uint64_t z = days + 719468; /* since 0000-03-01 */
	uint64_t era = z / 146097;  /* 400 years */
	unsigned int doe = (unsigned int)(z % 146097);
	unsigned int yoe =
		(doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned int mp = (5 * doy + 2) / 153;
	struct date d = {
		.year = (unsigned int)(yoe + era * 400),
		.month = mp < 10 ? mp + 3 : mp - 9,
		.day = doy - (153 * mp + 2) / 5 + 1,
	};

	d.year += d.month <= 2;
	return d;
}

static uint8_t encode(const struct rtc *rtc, unsigned int value)
{
	if (rtc->byte[REG_B] & B_BINARY)
		return (uint8_t)value;
	return (uint8_t)(value / 10 * 16 + value % 10);
}

static uint8_t encode_hour(const struct rtc *rtc, unsigned int hour)
{
	if (rtc->byte[REG_B] & B_24H)
		return encode(rtc, hour);
	return encode(rtc, (hour + 11) % 12 + 1) | (hour >= 12 ? 0x80 : 0);
}

static uint8_t read_clock(const struct rtc *rtc, uint8_t reg)
{
	uint64_t now = rtc->time.realtime_ns(rtc->time.ctx) / NS_PER_S;
	uint64_t days = now / SECONDS_PER_DAY;
	unsigned int s = (unsigned int)(now % SECONDS_PER_DAY);
	struct date d = date_from_days(days);

	switch (reg) {
	case REG_SECONDS:
		return encode(rtc, s % 60);
	case REG_MINUTES:
		return encode(rtc, s / 60 % 60);
	case REG_HOURS:
		return encode_hour(rtc, s / 3600);
	case REG_WEEKDAY: /* 1 = Sunday; 1970-01-01 was a Thursday */
		return encode(rtc, (unsigned int)((days + 4) % 7) + 1);
	case REG_DAY:
		return encode(rtc, d.day);
	case REG_MONTH:
		return encode(rtc, d.month);
	case REG_YEAR:
		return encode(rtc, d.year % 100);
	default:
		return encode(rtc, d.year / 100);
	}
}

/*
 * Pollers wait for the flag to rise, to fall, or both. It is up for 2.2 ms of
 * each second, and once for each look after a second that was missed, so that
 * a poller too slow to hit the window still sees it.
 */
static uint8_t read_a(struct rtc *rtc)
{
	uint64_t now = rtc->time.realtime_ns(rtc->time.ctx);
	uint64_t second = now / NS_PER_S;
	bool updating = now % NS_PER_S >= NS_PER_S - UPDATE_NS;

	if (rtc->byte[REG_B] & B_SET)
		return rtc->byte[REG_A];
	if (updating)
		second++; /* this update counts as seen */
	else
		updating = second != rtc->second;
	rtc->second = second;
	return rtc->byte[REG_A] | (updating ? A_UIP : 0);
}

static uint64_t rtc_read(void *dev, uint64_t offset, unsigned int size)
{
	struct rtc *rtc = dev;

	assert(size == 1);
	if (offset == 0)
		return 0xff; /* the index is write only */
	switch (rtc->index) {
	case REG_SECONDS:
	case REG_MINUTES:
	case REG_HOURS:
	case REG_WEEKDAY:
	case REG_DAY:
	case REG_MONTH:
	case REG_YEAR:
	case RTC_CENTURY:
		return read_clock(rtc, rtc->index);
	case REG_A:
		return read_a(rtc);
	default:
		return rtc->byte[rtc->index];
	}
}

static void rtc_write(void *dev, uint64_t offset, unsigned int size,
		      uint64_t value)
{
	struct rtc *rtc = dev;
	uint8_t byte = (uint8_t)value;

	assert(size == 1);
	if (offset == 0) {
		rtc->index = byte % RTC_BYTES; /* bit 7 masks NMI */
		return;
	}
	switch (rtc->index) {
	case REG_A:
		rtc->byte[REG_A] = byte & (uint8_t)~A_UIP;
		break;
	case REG_C: /* no interrupt is ever pending */
	case REG_D:
		break;
	default:
		rtc->byte[rtc->index] = byte;
		break;
	}
}

/* Two bytes, low first, at most 0xffff. */
static void put16(struct rtc *rtc, unsigned int reg, uint64_t value)
{
	if (value > 0xffff)
		value = 0xffff;
	rtc->byte[reg] = (uint8_t)value;
	rtc->byte[reg + 1] = (uint8_t)(value >> 8);
}

static const struct bus_ops rtc_ops = {
	.read = rtc_read,
	.write = rtc_write,
	.size_max = 1,
};

void rtc_attach(struct rtc *rtc, struct bus *pio, const struct timebase *time,
		uint64_t mem_low, uint64_t mem_high)
{
	uint64_t above_1m = mem_low > 1 << 20 ? mem_low - (1 << 20) : 0;
	uint64_t above_16m = mem_low > 16 << 20 ? mem_low - (16 << 20) : 0;

	*rtc = (struct rtc){ .time = *time };
	rtc->second = time->realtime_ns(time->ctx) / NS_PER_S;
	rtc->byte[REG_A] = A_32KHZ;
	rtc->byte[REG_B] = B_24H;
	rtc->byte[REG_D] = D_VALID;
	/* Sizes where AT and Bochs firmware keep them. */
	put16(rtc, 0x15, 640);
	put16(rtc, 0x17, above_1m < 63 << 20 ? above_1m >> 10 : 63 << 10);
	put16(rtc, 0x30, above_1m < 63 << 20 ? above_1m >> 10 : 63 << 10);
	put16(rtc, 0x34, above_16m >> 16);
	put16(rtc, 0x5b, mem_high >> 16);
	rtc->byte[0x5d] = (uint8_t)(mem_high >> 32);
	bus_add(pio, &(struct bus_range){ "rtc", 0x70, 2, &rtc_ops, rtc });
}
