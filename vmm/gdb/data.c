// SPDX-License-Identifier: Apache-2.0
// The commands of gdb that look at and change registers, memory and points.
#include <errno.h>

#include "vmm/gdb/session.h"

/* Bytes of memory that fit into an answer. */
#define READ_MAX (GDB_PACKET_MAX / 2 - 8)

static int get_regs(const struct gdb *g, struct gdb_regs *ret)
{
	return gdb_cpu_get(&g->m->cpu[g->current], gdb_cpu_known(g), ret);
}

void gdb_on_get_regs(struct gdb *g, struct gdb_args *a)
{
	struct gdb_regs regs;
	size_t offset, size;
	int rc = get_regs(g, &regs);

	(void)a;
	if (rc) {
		gdb_say_result(g, rc);
		return;
	}
	gdb_out_begin(&g->out);
	for (unsigned int i = 0; gdb_regs_find(g->width, i, &offset, &size);
	     i++)
		gdb_out_hex(&g->out, (const uint8_t *)&regs + offset, size);
	gdb_finish(g);
}

void gdb_on_set_regs(struct gdb *g, struct gdb_args *a)
{
	struct gdb_regs regs;
	size_t offset, size;
	int rc = get_regs(g, &regs);

	for (unsigned int i = 0;
	     !rc && gdb_regs_find(g->width, i, &offset, &size); i++)
		if (!gdb_args_hex(a, (uint8_t *)&regs + offset, size))
			rc = -EINVAL;
	gdb_say_result(g, rc ? rc : gdb_cpu_set(g, &regs));
}

void gdb_on_get_reg(struct gdb *g, struct gdb_args *a)
{
	struct gdb_regs regs;
	size_t offset, size;
	uint64_t number;

	if (!gdb_args_number(a, &number) ||
	    !gdb_regs_find(g->width, number, &offset, &size) ||
	    get_regs(g, &regs)) {
		gdb_say_result(g, -EINVAL);
		return;
	}
	gdb_out_begin(&g->out);
	gdb_out_hex(&g->out, (const uint8_t *)&regs + offset, size);
	gdb_finish(g);
}

void gdb_on_set_reg(struct gdb *g, struct gdb_args *a)
{
	struct gdb_regs regs;
	size_t offset, size;
	uint64_t number;

	if (!gdb_args_number(a, &number) || !gdb_args_word(a, "=") ||
	    !gdb_regs_find(g->width, number, &offset, &size) ||
	    get_regs(g, &regs) ||
	    !gdb_args_hex(a, (uint8_t *)&regs + offset, size)) {
		gdb_say_result(g, -EINVAL);
		return;
	}
	gdb_say_result(g, gdb_cpu_set(g, &regs));
}

void gdb_on_read(struct gdb *g, struct gdb_args *a)
{
	uint8_t bytes[READ_MAX];
	struct cpu_regs regs;
	uint64_t size;
	size_t done;
	gva_t va;
	int rc;

	if (!gdb_args_range(a, &va, &size)) {
		gdb_say_result(g, -EINVAL);
		return;
	}
	rc = gdb_cpu_walk_regs(g, &regs);
	if (size > sizeof(bytes))
		size = sizeof(bytes);
	done = rc ? 0
		  : gdb_points_read(&g->points, &g->m->mem, &regs, va, bytes,
				    size);
	if (!done && size) {
		gdb_say_result(g, rc ? rc : -EFAULT);
		return;
	}
	gdb_out_begin(&g->out);
	gdb_out_hex(&g->out, bytes, done);
	gdb_finish(g);
}

void gdb_on_write(struct gdb *g, struct gdb_args *a)
{
	uint8_t bytes[GDB_PACKET_MAX / 2];
	struct cpu_regs regs;
	uint64_t size;
	gva_t va;
	int rc;

	if (!gdb_args_range(a, &va, &size) || size > sizeof(bytes) ||
	    !gdb_args_word(a, ":") || !gdb_args_hex(a, bytes, size)) {
		gdb_say_result(g, -EINVAL);
		return;
	}
	rc = gdb_cpu_walk_regs(g, &regs);
	gdb_say_result(g, rc ? rc
			     : gdb_points_write(&g->points, &g->m->mem, &regs,
						va, bytes, size));
}

/* "type,address,kind" */
static bool take_point(struct gdb_args *a, enum gdb_point *type, gva_t *va,
		       uint64_t *size)
{
	uint64_t number;

	if (!gdb_args_number(a, &number) || number > GDB_POINT_ACCESS ||
	    !gdb_args_word(a, ",") || !gdb_args_range(a, va, size))
		return false;
	*type = (enum gdb_point)number;
	return true;
}

void gdb_on_insert(struct gdb *g, struct gdb_args *a)
{
	struct cpu_regs regs;
	enum gdb_point type;
	uint64_t size;
	gva_t va;
	int rc;

	if (!take_point(a, &type, &va, &size)) {
		gdb_say_result(g, -EINVAL);
		return;
	}
	rc = gdb_cpu_walk_regs(g, &regs);
	gdb_say_result(g, rc ? rc
			     : gdb_points_insert(&g->points, &g->m->mem, &regs,
						 type, va, size));
}

void gdb_on_remove(struct gdb *g, struct gdb_args *a)
{
	enum gdb_point type;
	uint64_t size;
	gva_t va;

	if (!take_point(a, &type, &va, &size)) {
		gdb_say_result(g, -EINVAL);
		return;
	}
	gdb_points_remove(&g->points, &g->m->mem, type, va, size);
	gdb_say_result(g, 0);
}
