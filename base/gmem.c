// SPDX-License-Identifier: Apache-2.0
// Guest-physical memory mapped here.
#include "base/gmem.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

int gmem_add(struct gmem *m, const struct gmem_region *r, struct err *e)
{
	unsigned int at = 0;
	gpa_t end;

	if (r->size == 0 || __builtin_add_overflow(r->gpa, r->size, &end))
		return err_set(e, -EINVAL,
			       "memory at 0x%" PRIx64 " has no valid size",
			       r->gpa);
	if (m->count == GMEM_REGIONS_MAX)
		return err_set(e, -EINVAL, "more than %d memory regions",
			       GMEM_REGIONS_MAX);
	while (at < m->count && m->region[at].gpa < r->gpa)
		at++;
	if ((at > 0 &&
	     m->region[at - 1].gpa + m->region[at - 1].size > r->gpa) ||
	    (at < m->count && m->region[at].gpa < end))
		return err_set(e, -EINVAL,
			       "memory at 0x%" PRIx64
			       " overlaps another region",
			       r->gpa);
	memmove(&m->region[at + 1], &m->region[at],
		(m->count - at) * sizeof(m->region[0]));
	m->region[at] = *r;
	m->count++;
	return 0;
}

/* Does region b continue region a, in the guest and in this process? */
static bool continues(const struct gmem_region *a, const struct gmem_region *b)
{
	return a->gpa + a->size == b->gpa && a->host + a->size == b->host;
}

void *gmem_ptr(const struct gmem *m, gpa_t gpa, uint64_t size)
{
	for (unsigned int i = 0; i < m->count; i++) {
		const struct gmem_region *r = &m->region[i];
		uint64_t room;

		if (gpa < r->gpa || gpa - r->gpa >= r->size)
			continue;
		room = r->size - (gpa - r->gpa);
		while (room < size && i + 1 < m->count &&
		       continues(&m->region[i], &m->region[i + 1]))
			room += m->region[++i].size;
		return room >= size ? r->host + (gpa - r->gpa) : NULL;
	}
	return NULL;
}

int gmem_write(const struct gmem *m, gpa_t gpa, const void *from, uint64_t size)
{
	void *to = gmem_ptr(m, gpa, size);

	if (!to)
		return -EFAULT;
	memcpy(to, from, size);
	return 0;
}

int gmem_read(const struct gmem *m, gpa_t gpa, void *to, uint64_t size)
{
	const void *from = gmem_ptr(m, gpa, size);

	if (!from)
		return -EFAULT;
	memcpy(to, from, size);
	return 0;
}
