// SPDX-License-Identifier: Apache-2.0
// What a program's calls have cost, taken out of the window and checked.
#include "cli/counts.h"

#include <errno.h>
#include <stdbool.h>

static uint64_t limited(uint64_t n)
{
	return n < COUNTS_MAX ? n : COUNTS_MAX;
}

int counts_read(const struct gmem *mem, gpa_t area, struct counts *ret)
{
	struct dive_delegate d;

	if (gmem_read(mem, area, &d, sizeof(d)))
		return -EFAULT;
	if (d.magic != DIVE_DELEGATE_MAGIC || d.kernel_run == 0)
		return -ENODATA;
	*ret = (struct counts){
		.partner_wakes = limited(d.partner_wakes),
		.partner_faults = limited(d.partner_faults),
		.call_wakes = limited(d.call_wakes),
		.call_spins = limited(d.call_spins),
		.channels = d.channels < DIVE_CHANNELS_MAX ? d.channels
							   : DIVE_CHANNELS_MAX,
	};
	return 0;
}

static int check_row(struct dive_count *c)
{
	uint64_t *const numbers[] = { &c->forwarded,      &c->local,
				      &c->refused,        &c->failed,
				      &c->channel_cycles, &c->linux_cycles,
				      &c->local_cycles };

	if (c->how == DIVE_COUNT_FREE)
		return -ENODATA;
	if (c->how > DIVE_COUNT_MAP || c->policy > 2 ||
	    (c->how == DIVE_COUNT_SYSCALL && c->nr >= COUNTS_CALLS))
		return -EINVAL;
	if (c->how != DIVE_COUNT_SYSCALL)
		c->nr = c->command = 0;
	for (unsigned int i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		*numbers[i] = limited(*numbers[i]);
	return 0;
}

int counts_row(const struct gmem *mem, gpa_t area, unsigned int index,
	       struct dive_count *ret)
{
	gpa_t at = area + DIVE_DELEGATE_COUNTS + index * sizeof(*ret);

	if (gmem_read(mem, at, ret, sizeof(*ret)))
		return -EFAULT;
	return check_row(ret);
}

/* Pairs of bucket and count: most are empty. */
static void put_buckets(struct json *j, const char *name, const uint32_t *count)
{
	json_open(j, name, '[');
	for (unsigned int i = 0; i < DIVE_BUCKETS; i++) {
		if (!count[i])
			continue;
		json_open(j, NULL, '[');
		json_number(j, NULL, i);
		json_number(j, NULL, count[i]);
		json_close(j, ']');
	}
	json_close(j, ']');
}

static void put_row(struct json *j, const struct dive_count *c)
{
	static const char *const how[] = { [DIVE_COUNT_SYSCALL] = "syscall",
					   [DIVE_COUNT_FAULT] = "fault",
					   [DIVE_COUNT_MAP] = "map" };

	json_open(j, NULL, '{');
	json_string(j, "how", how[c->how]);
	json_number(j, "nr", c->nr);
	json_number(j, "command", c->command);
	json_number(j, "policy", c->policy);
	json_number(j, "forwarded", c->forwarded);
	json_number(j, "local", c->local);
	json_number(j, "refused", c->refused);
	json_number(j, "failed", c->failed);
	json_number(j, "channel_cycles", c->channel_cycles);
	json_number(j, "linux_cycles", c->linux_cycles);
	json_number(j, "local_cycles", c->local_cycles);
	put_buckets(j, "channel", c->channel);
	put_buckets(j, "service", c->service);
	json_close(j, '}');
}

void counts_json(struct json *j, const struct gmem *mem, gpa_t area)
{
	uint64_t bad = 0;
	struct dive_count row;
	struct counts c;

	if (counts_read(mem, area, &c))
		return;
	json_number(j, "partner_wakes", c.partner_wakes);
	json_number(j, "partner_faults", c.partner_faults);
	json_number(j, "call_wakes", c.call_wakes);
	json_number(j, "call_spins", c.call_spins);
	json_number(j, "channels", c.channels);
	json_open(j, "counts", '[');
	for (unsigned int i = 0; i < DIVE_COUNTS_MAX; i++) {
		int rc = counts_row(mem, area, i, &row);

		if (rc == 0)
			put_row(j, &row);
		bad += rc == -EINVAL;
	}
	json_close(j, ']');
	json_number(j, "bad", bad);
}
