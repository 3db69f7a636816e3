// SPDX-License-Identifier: Apache-2.0
// Breakpoints, watchpoints and the memory that gdb sees.
#include "vmm/gdb/points.h"

#include <errno.h>
#include <string.h>

#define INT3 0xcc
#define PAGE 4096u

static uint8_t *byte_at(const struct gmem *mem, gpa_t gpa)
{
	return gmem_ptr(mem, gpa, 1);
}

static int insert_soft(struct gdb_points *p, const struct gmem *mem,
		       const struct cpu_regs *regs, gva_t va)
{
	struct gdb_soft *s = &p->soft[p->softs];
	struct walk w;
	uint8_t *byte;

	if (gdb_points_soft_at(p, va))
		return 0;
	if (p->softs == GDB_SOFT_MAX)
		return -ENOSPC;
	pagewalk(mem, regs, va, &w);
	byte = w.end == WALK_MAPPED ? byte_at(mem, w.gpa) : NULL;
	if (!byte)
		return -EFAULT;
	*s = (struct gdb_soft){ .va = va, .gpa = w.gpa, .saved = *byte };
	/* A second address of the same byte: it is there already. */
	for (unsigned int i = 0; i < p->softs; i++)
		if (p->soft[i].gpa == w.gpa)
			s->saved = p->soft[i].saved;
	p->softs++;
	*byte = INT3;
	return 0;
}

static void remove_soft(struct gdb_points *p, const struct gmem *mem, gva_t va)
{
	for (unsigned int i = 0; i < p->softs; i++) {
		struct gdb_soft s = p->soft[i];
		bool shared = false;
		uint8_t *byte = byte_at(mem, s.gpa);

		if (s.va != va)
			continue;
		p->soft[i] = p->soft[--p->softs];
		for (unsigned int k = 0; k < p->softs; k++)
			shared = shared || p->soft[k].gpa == s.gpa;
		/* The kernel may have put other code there since. */
		if (byte && !shared && *byte == INT3)
			*byte = s.saved;
		return;
	}
}

static bool is_same(const struct gdb_hard *h, enum gdb_point type, gva_t va,
		    uint64_t size)
{
	return h->used && h->type == type && h->va == va && h->size == size;
}

static int insert_hard(struct gdb_points *p, enum gdb_point type, gva_t va,
		       uint64_t size)
{
	if (size != 1 && size != 2 && size != 4 && size != 8)
		return -EINVAL;
	if (va % size)
		return -EINVAL;
	for (unsigned int i = 0; i < GDB_HARD_MAX; i++)
		if (is_same(&p->hard[i], type, va, size))
			return 0;
	for (unsigned int i = 0; i < GDB_HARD_MAX; i++) {
		if (p->hard[i].used)
			continue;
		p->hard[i] = (struct gdb_hard){ .used = true,
						.type = type,
						.va = va,
						.size = (uint8_t)size };
		return 0;
	}
	return -ENOSPC;
}

int gdb_points_insert(struct gdb_points *p, const struct gmem *mem,
		      const struct cpu_regs *regs, enum gdb_point type,
		      gva_t va, uint64_t size)
{
	if (type == GDB_POINT_SOFT)
		return insert_soft(p, mem, regs, va);
	return insert_hard(p, type, va, type == GDB_POINT_HARD ? 1 : size);
}

void gdb_points_remove(struct gdb_points *p, const struct gmem *mem,
		       enum gdb_point type, gva_t va, uint64_t size)
{
	if (type == GDB_POINT_SOFT) {
		remove_soft(p, mem, va);
		return;
	}
	if (type == GDB_POINT_HARD)
		size = 1;
	for (unsigned int i = 0; i < GDB_HARD_MAX; i++)
		if (is_same(&p->hard[i], type, va, size))
			p->hard[i].used = false;
}

void gdb_points_clear(struct gdb_points *p, const struct gmem *mem)
{
	while (p->softs)
		remove_soft(p, mem, p->soft[0].va);
	for (unsigned int i = 0; i < GDB_HARD_MAX; i++)
		p->hard[i].used = false;
}

bool gdb_points_soft_at(const struct gdb_points *p, gva_t va)
{
	for (unsigned int i = 0; i < p->softs; i++)
		if (p->soft[i].va == va)
			return true;
	return false;
}

uint64_t gdb_points_dr7(const struct gdb_points *p)
{
	/* R/W: 0 execute, 1 write, 3 access; there is no read alone. */
	static const uint8_t kind[] = { [GDB_POINT_HARD] = 0,
					[GDB_POINT_WRITE] = 1,
					[GDB_POINT_READ] = 3,
					[GDB_POINT_ACCESS] = 3 };
	static const uint8_t length[] = { [1] = 0, [2] = 1, [4] = 3, [8] = 2 };
	uint64_t dr7 = 0;

	for (unsigned int i = 0; i < GDB_HARD_MAX; i++) {
		const struct gdb_hard *h = &p->hard[i];

		if (!h->used)
			continue;
		dr7 |= UINT64_C(2) << (2 * i) | 0x700; /* G, GE, LE, bit 10 */
		dr7 |= (uint64_t)(kind[h->type] | length[h->size] << 2)
		       << (16 + 4 * i);
	}
	return dr7;
}

size_t gdb_points_read(const struct gdb_points *p, const struct gmem *mem,
		       const struct cpu_regs *regs, gva_t va, void *to,
		       size_t size)
{
	size_t done = 0;

	while (done < size) {
		uint8_t *at = (uint8_t *)to + done;
		size_t part = PAGE - ((va + done) & (PAGE - 1));
		struct walk w;

		if (part > size - done)
			part = size - done;
		pagewalk(mem, regs, va + done, &w);
		if (w.end != WALK_MAPPED || gmem_read(mem, w.gpa, at, part) < 0)
			break;
		for (unsigned int i = 0; i < p->softs; i++) {
			uint64_t offset = p->soft[i].gpa - w.gpa;

			if (offset < part && at[offset] == INT3)
				at[offset] = p->soft[i].saved;
		}
		done += part;
	}
	return done;
}

/* What lies below our INT3s is changed, the INT3s stay. */
static void write_part(struct gdb_points *p, gpa_t gpa, uint8_t *to,
		       const uint8_t *from, size_t size)
{
	memcpy(to, from, size);
	for (unsigned int i = 0; i < p->softs; i++) {
		uint64_t offset = p->soft[i].gpa - gpa;

		if (offset >= size)
			continue;
		p->soft[i].saved = from[offset];
		to[offset] = INT3;
	}
}

int gdb_points_write(struct gdb_points *p, const struct gmem *mem,
		     const struct cpu_regs *regs, gva_t va, const void *from,
		     size_t size)
{
	for (size_t done = 0; done < size;) {
		size_t part = PAGE - ((va + done) & (PAGE - 1));
		struct walk w;
		uint8_t *to;

		if (part > size - done)
			part = size - done;
		pagewalk(mem, regs, va + done, &w);
		to = w.end == WALK_MAPPED ? gmem_ptr(mem, w.gpa, part) : NULL;
		if (!to)
			return -EFAULT;
		write_part(p, w.gpa, to, (const uint8_t *)from + done, part);
		done += part;
	}
	return 0;
}
