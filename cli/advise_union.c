// SPDX-License-Identifier: Apache-2.0
// Several programs: which calls make how many of them need Linux for little.
#include <errno.h>
#include <stdlib.h>

#include "cli/advise.h"

static struct want *find_want(struct plan *p, const struct dive_count *c)
{
	for (unsigned int i = 0; i < p->wants; i++)
		if (p->want[i].nr == c->nr && p->want[i].command == c->command)
			return &p->want[i];
	p->want[p->wants] =
		(struct want){ .row = c, .nr = c->nr, .command = c->command };
	return &p->want[p->wants++];
}

static void add_report(struct plan *p, const struct report *r,
		       unsigned int index)
{
	for (unsigned int i = 0; i < r->rows; i++) {
		const struct dive_count *c = &r->row[i];
		struct saving s = advise_saving(r, c);
		struct want *w;

		if (c->how != DIVE_COUNT_SYSCALL || !c->forwarded ||
		    !advise_can_serve(calls_kind(c)))
			continue;
		w = find_want(p, c);
		w->programs |= UINT64_C(1) << index;
		w->forwarded += (double)c->forwarded;
		w->saving.low += s.low;
		w->saving.best += s.best;
		w->saving.high += s.high;
	}
}

/* How many calls a program is away from needing none. */
static unsigned int missing(const struct plan *p, unsigned int index)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < p->wants; i++)
		n += !p->want[i].step && p->want[i].programs >> index & 1;
	return n;
}

static unsigned int count_done(const struct plan *p, unsigned int count)
{
	unsigned int done = 0;

	for (unsigned int i = 0; i < count; i++)
		done += missing(p, i) == 0;
	return done;
}

/* The program that is closest, but not there. @count when all are. */
static unsigned int next_program(const struct plan *p, unsigned int count)
{
	unsigned int best = count, least = 0;

	for (unsigned int i = 0; i < count; i++) {
		unsigned int n = missing(p, i);

		if (n && (best == count || n < least)) {
			best = i;
			least = n;
		}
	}
	return best;
}

/* Of its calls the one that most programs want, then the most worthwhile. */
static struct want *next_want(const struct plan *p, unsigned int program)
{
	struct want *best = NULL;

	for (unsigned int i = 0; i < p->wants; i++) {
		struct want *w = &p->want[i];
		int more;

		if (w->step || !(w->programs >> program & 1))
			continue;
		more = best ? __builtin_popcountll(w->programs) -
				       __builtin_popcountll(best->programs)
			    : 1;
		if (more > 0 ||
		    (more == 0 && w->saving.best > best->saving.best))
			best = w;
	}
	return best;
}

static int compare_wants(const void *a, const void *b)
{
	const struct want *x = a, *y = b;

	return x->step < y->step ? -1 : x->step > y->step;
}

int plan_make(const struct report *r, unsigned int count, struct plan *ret,
	      struct err *e)
{
	unsigned int rows = 0, step = 0, program;

	*ret = (struct plan){ .wants = 0 };
	for (unsigned int i = 0; i < count; i++)
		rows += r[i].rows;
	ret->want = calloc(rows + 1, sizeof(ret->want[0]));
	ret->done = calloc(rows + 1, sizeof(ret->done[0]));
	if (!ret->want || !ret->done) {
		plan_free(ret);
		return err_set(e, -ENOMEM, "no memory for so many calls");
	}
	for (unsigned int i = 0; i < count; i++)
		add_report(ret, &r[i], i);
	ret->done[0] = count_done(ret, count);
	while ((program = next_program(ret, count)) < count) {
		next_want(ret, program)->step = ++step;
		ret->done[step] = count_done(ret, count);
	}
	qsort(ret->want, ret->wants, sizeof(ret->want[0]), compare_wants);
	return 0;
}

void plan_free(struct plan *p)
{
	free(p->want);
	free(p->done);
	*p = (struct plan){ .wants = 0 };
}
