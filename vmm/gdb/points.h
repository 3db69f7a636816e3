/* SPDX-License-Identifier: Apache-2.0 */
/* Breakpoints, watchpoints and the memory that gdb sees; knows no KVM. */
#ifndef VMM_GDB_POINTS_H
#define VMM_GDB_POINTS_H

#include "base/pagewalk.h"

#define GDB_SOFT_MAX 256u
#define GDB_HARD_MAX 4u

/* As in the Z packets. */
enum gdb_point {
	GDB_POINT_SOFT,
	GDB_POINT_HARD,
	GDB_POINT_WRITE,
	GDB_POINT_READ,
	GDB_POINT_ACCESS,
};

/**
 * struct gdb_soft - an INT3 in guest memory
 * @va: linear address
 * @gpa: where that was when it was written
 * @saved: the byte that belongs there
 */
struct gdb_soft {
	gva_t va;
	gpa_t gpa;
	uint8_t saved;
};

/**
 * struct gdb_hard - a debug register
 * @used: in use
 * @type: never GDB_POINT_SOFT
 * @va: linear address
 * @size: bytes: 1, 2, 4 or 8
 */
struct gdb_hard {
	bool used;
	enum gdb_point type;
	gva_t va;
	uint8_t size;
};

/**
 * struct gdb_points - all of them; zeroed before use
 * @softs: entries of @soft
 * @soft: software breakpoints
 * @hard: DR0 .. DR3
 */
struct gdb_points {
	unsigned int softs;
	struct gdb_soft soft[GDB_SOFT_MAX];
	struct gdb_hard hard[GDB_HARD_MAX];
};

/**
 * gdb_points_insert() - set a point
 * @p: points
 * @mem: guest memory, written for GDB_POINT_SOFT
 * @regs: whose page tables translate @va
 * @type: kind
 * @va: linear address
 * @size: bytes watched; ignored for breakpoints
 *
 * Setting a point twice is setting it once.
 *
 * Return: 0; -EFAULT where no memory is; -ENOSPC; -EINVAL for a size that the
 * CPU cannot watch.
 */
int must_check gdb_points_insert(struct gdb_points *p, const struct gmem *mem,
				 const struct cpu_regs *regs,
				 enum gdb_point type, gva_t va, uint64_t size);

/**
 * gdb_points_remove() - take a point back; no harm when there is none
 * @p: points
 * @mem: guest memory
 * @type: as inserted
 * @va: as inserted
 * @size: as inserted
 */
void gdb_points_remove(struct gdb_points *p, const struct gmem *mem,
		       enum gdb_point type, gva_t va, uint64_t size);

/**
 * gdb_points_clear() - take all points back
 * @p: points
 * @mem: guest memory
 */
void gdb_points_clear(struct gdb_points *p, const struct gmem *mem);

/**
 * gdb_points_soft_at() - is a software breakpoint of ours here
 * @p: points
 * @va: linear address
 *
 * Return: true when there is.
 */
bool gdb_points_soft_at(const struct gdb_points *p, gva_t va);

/**
 * gdb_points_dr7() - value of DR7 for the debug registers in use
 * @p: points
 *
 * Return: 0 when none is (Intel SDM 3B 18.2.4).
 */
uint64_t gdb_points_dr7(const struct gdb_points *p);

/**
 * gdb_points_read() - copy memory as the kernel put it there
 * @p: points; their INT3s are not seen
 * @mem: guest memory
 * @regs: whose page tables translate @va
 * @va: first byte
 * @to: destination
 * @size: bytes
 *
 * Return: bytes copied, fewer than @size when a page is not mapped memory.
 */
size_t gdb_points_read(const struct gdb_points *p, const struct gmem *mem,
		       const struct cpu_regs *regs, gva_t va, void *to,
		       size_t size);

/**
 * gdb_points_write() - change memory, also where the kernel may not
 * @p: points; their INT3s stay
 * @mem: guest memory
 * @regs: whose page tables translate @va
 * @va: first byte
 * @from: source
 * @size: bytes
 *
 * Return: 0; -EFAULT, then the pages before the first bad one are written.
 */
int must_check gdb_points_write(struct gdb_points *p, const struct gmem *mem,
				const struct cpu_regs *regs, gva_t va,
				const void *from, size_t size);

#endif
