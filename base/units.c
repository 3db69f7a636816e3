// SPDX-License-Identifier: Apache-2.0
// What people write: sizes, numbers, durations, CPU lists.
#include "base/units.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define NSEC_PER_SEC 1000000000u

/* Host CPU numbers beyond this are a typing error (Linux: NR_CPUS <= 8192). */
#define CPU_NUMBER_MAX 65535u

static int digit_of(char c, unsigned int radix)
{
	int d = -1;

	if (c >= '0' && c <= '9')
		d = c - '0';
	else if (c >= 'a' && c <= 'f')
		d = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		d = c - 'A' + 10;
	return d < (int)radix ? d : -1;
}

/*
 * Digits at *text, which moves behind them. Decimal, or hexadecimal behind
 * 0x; a leading 0 does not mean octal. False: no digit, or too large.
 */
static bool scan_number(const char **text, uint64_t *ret)
{
	const char *p = *text;
	unsigned int radix = 10;
	uint64_t value = 0;
	int d;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		radix = 16;
		p += 2;
	}
	if (digit_of(*p, radix) < 0)
		return false;
	for (; (d = digit_of(*p, radix)) >= 0; p++)
		if (__builtin_mul_overflow(value, radix, &value) ||
		    __builtin_add_overflow(value, (unsigned int)d, &value))
			return false;
	*text = p;
	*ret = value;
	return true;
}

/* Bytes at *text, which moves behind them. */
static bool scan_size(const char **text, uint64_t *ret)
{
	static const char suffixes[] = "kKmMgGtT";
	const char *suffix;
	uint64_t factor;

	if (!scan_number(text, ret))
		return false;
	suffix = **text ? strchr(suffixes, **text) : NULL;
	if (!suffix)
		return true;
	++*text;
	factor = UINT64_C(1) << (10 * ((suffix - suffixes) / 2 + 1));
	return !__builtin_mul_overflow(*ret, factor, ret);
}

int units_number(const char *text, uint64_t max, uint64_t *ret, struct err *e)
{
	const char *p = text;
	uint64_t value;

	if (!scan_number(&p, &value) || *p)
		return err_set(e, -EINVAL,
			       "'%s' is not a number; write 16 or 0x10", text);
	if (value > max)
		return err_set(e, -EINVAL,
			       "%s is too large; the largest is %" PRIu64, text,
			       max);
	*ret = value;
	return 0;
}

int units_size(const char *text, uint64_t *ret, struct err *e)
{
	const char *p = text;
	uint64_t value;

	if (!scan_size(&p, &value) || *p)
		return err_set(e, -EINVAL,
			       "'%s' is not a size; write 64K, 256M or 1G",
			       text);
	*ret = value;
	return 0;
}

int units_size_at(const char *text, uint64_t *ret_size, uint64_t *ret_base,
		  struct err *e)
{
	const char *p = text;
	uint64_t size;
	uint64_t base = 0;
	uint64_t end;

	if (!scan_size(&p, &size) ||
	    (*p == '@' && (++p, !scan_size(&p, &base))) || *p)
		return err_set(
			e, -EINVAL,
			"'%s' is not SIZE[@BASE]; write 256M or 256M@0x60000000",
			text);
	if (size == 0)
		return err_set(e, -EINVAL, "%s is no memory at all; write 256M",
			       text);
	if (__builtin_add_overflow(size, base, &end))
		return err_set(e, -EINVAL, "%s ends beyond 64-bit addresses",
			       text);
	*ret_size = size;
	*ret_base = base;
	return 0;
}

int units_seconds(const char *text, uint64_t *ret_ns, struct err *e)
{
	const char *p = text;
	uint64_t seconds = 0;
	uint64_t ns = 0;
	uint64_t scale = NSEC_PER_SEC;
	bool any = false;
	bool fits = true;

	for (; *p >= '0' && *p <= '9'; p++, any = true)
		fits = fits &&
		       !__builtin_mul_overflow(seconds, 10u, &seconds) &&
		       !__builtin_add_overflow(
			       seconds, (unsigned int)(*p - '0'), &seconds);
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++, any = true) {
			scale /= 10;
			ns += scale * (unsigned int)(*p - '0');
		}
	if (!any || *p)
		return err_set(
			e, -EINVAL,
			"'%s' is not a number of seconds; write 5 or 0.25",
			text);
	if (!fits || __builtin_mul_overflow(seconds, NSEC_PER_SEC, &seconds) ||
	    __builtin_add_overflow(seconds, ns, &ns))
		return err_set(e, -EINVAL,
			       "%s seconds are too many (more than 584 years)",
			       text);
	*ret_ns = ns;
	return 0;
}

static int cpu_list_add(const char *text, unsigned int *list, unsigned int at,
			uint64_t cpu, struct err *e)
{
	for (unsigned int i = 0; i < at; i++)
		if (list[i] == cpu)
			return err_set(e, -EINVAL,
				       "'%s' names CPU %" PRIu64 " twice", text,
				       cpu);
	list[at] = (unsigned int)cpu;
	return 0;
}

int units_cpu_list(const char *text, unsigned int *list, unsigned int max,
		   unsigned int *ret_count, struct err *e)
{
	const char *p = text;
	unsigned int count = 0;

	do {
		uint64_t first;
		uint64_t last;

		if (!scan_number(&p, &first))
			goto malformed;
		last = first;
		if (*p == '-' && (++p, !scan_number(&p, &last)))
			goto malformed;
		if (last < first || last > CPU_NUMBER_MAX)
			goto malformed;
		for (uint64_t cpu = first; cpu <= last; cpu++) {
			int ret;

			if (count == max)
				return err_set(e, -EINVAL,
					       "'%s' names more than %u CPUs",
					       text, max);
			ret = cpu_list_add(text, list, count, cpu, e);
			if (ret < 0)
				return ret;
			count++;
		}
	} while (*p++ == ',');
	if (p[-1] != '\0')
		goto malformed;
	*ret_count = count;
	return 0;
malformed:
	return err_set(e, -EINVAL,
		       "'%s' is not a list of CPUs; write 2 or 0-3,8", text);
}
