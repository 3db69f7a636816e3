// SPDX-License-Identifier: Apache-2.0
// What a run would save if the kernel served a call: arithmetic on counts.
#include <stdlib.h>

#include "cli/advise.h"

double bucket_low(unsigned int bucket)
{
	double power = (double)(UINT64_C(1) << bucket / 2);

	if (bucket < 2)
		return 0;
	return bucket % 2 ? power * 1.5 : power;
}

static double bucket_middle(unsigned int bucket)
{
	if (bucket == DIVE_BUCKETS - 1)
		return bucket_low(bucket);
	return (bucket_low(bucket) + bucket_low(bucket + 1)) / 2;
}

static double bucket_total(const uint32_t *count)
{
	double total = 0;

	for (unsigned int i = 0; i < DIVE_BUCKETS; i++)
		total += count[i];
	return total;
}

/* The bucket that has this part of all times in it or below. */
static unsigned int find_bucket(const uint32_t *count, double part)
{
	double left = part * bucket_total(count);
	unsigned int last = 0;

	for (unsigned int i = 0; i < DIVE_BUCKETS; i++) {
		if (!count[i])
			continue;
		last = i;
		left -= count[i];
		if (left <= 0)
			break;
	}
	return last;
}

double bucket_quantile(const uint32_t *count, double part)
{
	return bucket_middle(find_bucket(count, part));
}

/* What it takes to serve such a call here, as far as this run can tell. */
static double local_cost(const struct report *r, const struct dive_count *c)
{
	double least = 0;

	if (c->local)
		return (double)c->local_cycles / (double)c->local;
	/* Others wait, or change memory: the cheapest tells what is due. */
	for (unsigned int i = 0; i < r->rows; i++) {
		const struct dive_count *other = &r->row[i];
		double cost;

		if (other->how != DIVE_COUNT_SYSCALL || !other->local)
			continue;
		cost = (double)other->local_cycles / (double)other->local;
		if (least == 0 || cost < least)
			least = cost;
	}
	return least;
}

bool advise_can_serve(enum call_kind kind)
{
	return kind == CALL_LOCAL || kind == CALL_MEMORY || kind == CALL_CACHE;
}

static double clamp(double x, double low, double high)
{
	return x < low ? low : x > high ? high : x;
}

static struct saving to_seconds(const struct report *r, double low, double best,
				double high)
{
	struct saving s = { .high = high > 0 ? high / r->tsc_hz : 0 };

	s.low = clamp(low / r->tsc_hz, 0, s.high);
	s.best = clamp(best / r->tsc_hz, s.low, s.high);
	return s;
}

struct saving advise_saving(const struct report *r, const struct dive_count *c)
{
	const double n = (double)c->forwarded;
	double low = n * bucket_low(find_bucket(c->channel, 0.5));
	double sum = (double)c->channel_cycles;
	enum call_kind kind = calls_kind(c);

	if (n == 0 || c->how != DIVE_COUNT_SYSCALL)
		return (struct saving){ 0 };
	if (kind == CALL_BATCH)
		return to_seconds(r, low / 2, sum * 3 / 4, sum);
	if (!advise_can_serve(kind))
		return (struct saving){ 0 };
	if (!calls_waits(c))
		sum += (double)c->linux_cycles;
	return to_seconds(r, low, sum - n * local_cost(r, c), sum);
}

struct times advise_times(const struct report *r)
{
	struct times t = { .all = r->load_s + r->run_s };

	for (unsigned int i = 0; i < r->rows; i++) {
		const struct dive_count *c = &r->row[i];

		t.channel += (double)c->channel_cycles / r->tsc_hz;
		t.linux_s += (double)c->linux_cycles / r->tsc_hz;
		t.local += (double)c->local_cycles / r->tsc_hz;
	}
	t.computed = t.all - t.channel - t.linux_s - t.local;
	if (t.computed < 0)
		t.computed = 0;
	return t;
}

static int compare_advice(const void *a, const void *b)
{
	const struct advice *x = a, *y = b;

	if (x->saving.best != y->saving.best)
		return x->saving.best < y->saving.best ? 1 : -1;
	if (x->row->forwarded != y->row->forwarded)
		return x->row->forwarded < y->row->forwarded ? 1 : -1;
	return x->row < y->row ? -1 : x->row > y->row;
}

unsigned int advise_rank(const struct report *r, struct advice *ret)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < r->rows; i++) {
		const struct dive_count *c = &r->row[i];

		if (c->how != DIVE_COUNT_SYSCALL || !c->forwarded ||
		    !advise_can_serve(calls_kind(c)))
			continue;
		ret[n++] = (struct advice){ c, advise_saving(r, c) };
	}
	qsort(ret, n, sizeof(ret[0]), compare_advice);
	return n;
}
