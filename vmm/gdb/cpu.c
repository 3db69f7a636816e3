// SPDX-License-Identifier: Apache-2.0
// The KVM side of the gdb stub: registers and debug control of a stopped CPU.
#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/user.h>

#include "vmm/gdb/session.h"

#define CONTROL_BLOCK_IRQ 0x00100000u /* KVM_GUESTDBG_BLOCKIRQ, Linux 5.15 */

/* From the encoding order of cpu_regs.gpr to that of gdb. */
static const uint8_t encoding[16] = { 0, 3, 1,  2,  6,  7,  5,  4,
				      8, 9, 10, 11, 12, 13, 14, 15 };

struct state {
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_xsave fpu; /* KVM_GET_FPU forgets MXCSR */
};

static const struct vcpu *current(const struct gdb *g)
{
	return &g->m->cpu[g->current];
}

static int get_state(const struct vcpu *cpu, struct state *s)
{
	/* syscall: ioctl[1=KVM_GET_REGS], ioctl[1=KVM_GET_SREGS] */
	/* syscall: ioctl[1=KVM_GET_XSAVE] */
	if (ioctl(cpu->fd, KVM_GET_REGS, &s->regs) ||
	    ioctl(cpu->fd, KVM_GET_SREGS, &s->sregs) ||
	    ioctl(cpu->fd, KVM_GET_XSAVE, &s->fpu))
		return -errno;
	return 0;
}

void gdb_cpu_settle(const struct vcpu *cpu)
{
	if (!cpu->run->kvm_dirty_regs)
		return;
	cpu->run->immediate_exit = 1;
	(void)ioctl(cpu->fd, KVM_RUN, 0);
}

const struct exit_report *gdb_cpu_known(const struct gdb *g)
{
	return g->state == GDB_LOOKING ? g->m->report : NULL;
}

const struct cpu_regs *gdb_cpu_reported(const struct exit_report *known,
					const struct vcpu *cpu)
{
	bool panic = known && known->crash.valid && known->crash.panic;

	return known && known->cpu == cpu->id && !panic ? &known->regs : NULL;
}

int gdb_cpu_paging(const struct vcpu *cpu, const struct exit_report *known,
		   struct cpu_regs *ret)
{
	const struct cpu_regs *regs = gdb_cpu_reported(known, cpu);

	if (!regs)
		return vcpu_regs(cpu, ret);
	*ret = *regs;
	return 0;
}

int gdb_cpu_walk_regs(const struct gdb *g, struct cpu_regs *ret)
{
	return gdb_cpu_paging(current(g), gdb_cpu_known(g), ret);
}

/* The abridged tag word of FXSAVE to the full one: 3 = empty, 0 = valid. */
static uint32_t full_tags(uint8_t abridged)
{
	uint32_t tags = 0;

	for (unsigned int i = 0; i < 8; i++)
		tags |= (abridged & 1u << i ? 0u : 3u) << (2 * i);
	return tags;
}

static void fpu_to_gdb(const struct kvm_xsave *area, struct gdb_regs *to)
{
	struct user_fpregs_struct from;

	memcpy(&from, area->region, sizeof(from));
	to->fctrl[0] = from.cwd;
	to->fctrl[1] = from.swd;
	to->fctrl[2] = full_tags((uint8_t)from.ftw);
	to->fctrl[3] = (uint32_t)(from.rip >> 32);
	to->fctrl[4] = (uint32_t)from.rip;
	to->fctrl[5] = (uint32_t)(from.rdp >> 32);
	to->fctrl[6] = (uint32_t)from.rdp;
	to->fctrl[7] = from.fop;
	for (unsigned int i = 0; i < 8; i++)
		memcpy(to->st[i], &from.st_space[4 * i], sizeof(to->st[i]));
	memcpy(to->xmm, from.xmm_space, sizeof(to->xmm));
	to->mxcsr = from.mxcsr;
}

static void fpu_from_gdb(const struct gdb_regs *from, struct kvm_xsave *area)
{
	struct user_fpregs_struct to;

	memcpy(&to, area->region, sizeof(to));
	for (unsigned int i = 0; i < 8; i++)
		memcpy(&to.st_space[4 * i], from->st[i], sizeof(from->st[i]));
	to.cwd = (uint16_t)from->fctrl[0];
	to.swd = (uint16_t)from->fctrl[1];
	to.ftw = gdb_regs_abridged(from->fctrl[2]);
	to.rip = (uint64_t)from->fctrl[3] << 32 | from->fctrl[4];
	to.rdp = (uint64_t)from->fctrl[5] << 32 | from->fctrl[6];
	to.fop = (uint16_t)from->fctrl[7];
	memcpy(to.xmm_space, from->xmm, sizeof(from->xmm));
	to.mxcsr = from->mxcsr;
	if (memcmp(&to, area->region, sizeof(to)) == 0)
		return;
	memcpy(area->region, &to, sizeof(to));
	/* Neither x87 nor SSE is in its initial state now. */
	area->region[sizeof(to) / sizeof(area->region[0])] |= 3;
}

/* KVM's order is gdb's but for these two. */
static void swap_stack(uint64_t *gpr)
{
	uint64_t rsp = gpr[6];

	gpr[6] = gpr[7];
	gpr[7] = rsp;
}

static void state_to_gdb(const struct state *s, struct gdb_regs *to)
{
	const struct kvm_sregs *sr = &s->sregs;
	const uint32_t seg[6] = { sr->cs.selector, sr->ss.selector,
				  sr->ds.selector, sr->es.selector,
				  sr->fs.selector, sr->gs.selector };
	const uint64_t cr[6] = { sr->cr0, sr->cr2, sr->cr3,
				 sr->cr4, sr->cr8, sr->efer };
	uint64_t gpr[16];

	memcpy(gpr, &s->regs, sizeof(gpr));
	swap_stack(gpr);
	memcpy(to->gpr, gpr, sizeof(gpr));
	to->rip = s->regs.rip;
	to->eflags = (uint32_t)s->regs.rflags;
	memcpy(to->seg, seg, sizeof(seg));
	fpu_to_gdb(&s->fpu, to);
	to->base[0] = sr->fs.base;
	to->base[1] = sr->gs.base;
	memcpy(to->cr, cr, sizeof(cr));
}

static void report_to_gdb(const struct cpu_regs *from, struct gdb_regs *to)
{
	for (unsigned int i = 0; i < 16; i++)
		to->gpr[i] = from->gpr[encoding[i]];
	to->rip = from->rip;
	to->eflags = (uint32_t)from->rflags;
	to->seg[0] = from->cs;
	to->seg[1] = from->ss;
	to->cr[0] = from->cr0;
	to->cr[1] = from->cr2;
	to->cr[2] = from->cr3;
	to->cr[3] = from->cr4;
	to->cr[5] = from->efer;
}

int gdb_cpu_get(const struct vcpu *cpu, const struct exit_report *known,
		struct gdb_regs *ret)
{
	struct state s;
	int rc = get_state(cpu, &s);

	if (rc)
		return rc;
	state_to_gdb(&s, ret);
	if (gdb_cpu_reported(known, cpu))
		report_to_gdb(&known->regs, ret);
	return 0;
}

/* A selector alone changes; base and rights stay, as they do in a CPU. */
static void sregs_from_gdb(const struct gdb_regs *from, struct kvm_sregs *to)
{
	struct kvm_segment *const seg[6] = { &to->cs, &to->ss, &to->ds,
					     &to->es, &to->fs, &to->gs };

	for (unsigned int i = 0; i < 6; i++)
		seg[i]->selector = (uint16_t)from->seg[i];
	to->fs.base = from->base[0];
	to->gs.base = from->base[1];
	to->cr0 = from->cr[0];
	to->cr2 = from->cr[1];
	to->cr3 = from->cr[2];
	to->cr4 = from->cr[3];
	to->cr8 = from->cr[4];
	to->efer = from->cr[5];
}

int gdb_cpu_set(const struct gdb *g, const struct gdb_regs *from)
{
	const struct vcpu *cpu = current(g);
	struct state old, s;
	int rc = get_state(cpu, &old);
	uint64_t gpr[16];

	if (g->state == GDB_LOOKING)
		return -EPERM;
	if (rc)
		return rc;
	s = old;
	memcpy(gpr, from->gpr, sizeof(gpr));
	swap_stack(gpr);
	memcpy(&s.regs, gpr, sizeof(gpr));
	s.regs.rip = from->rip;
	s.regs.rflags = from->eflags;
	sregs_from_gdb(from, &s.sregs);
	fpu_from_gdb(from, &s.fpu);
	/* What did not change is not written: KVM checks it anew. */
	if (memcmp(&old.sregs, &s.sregs, sizeof(s.sregs)) != 0 &&
	    ioctl(cpu->fd, KVM_SET_SREGS, &s.sregs))
		return -errno;
	if (memcmp(&old.fpu, &s.fpu, sizeof(s.fpu)) != 0 &&
	    ioctl(cpu->fd, KVM_SET_XSAVE, &s.fpu))
		return -errno;
	/* syscall: ioctl[1=KVM_SET_REGS], ioctl[1=KVM_SET_SREGS] */
	/* syscall: ioctl[1=KVM_SET_XSAVE] */
	return ioctl(cpu->fd, KVM_SET_REGS, &s.regs) ? -errno : 0;
}

static struct kvm_guest_debug control_of(const struct gdb *g, bool step)
{
	struct kvm_guest_debug d = { .control = 0 };

	if (g->points.softs)
		d.control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP;
	if (step)
		d.control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP;
	d.arch.debugreg[7] = gdb_points_dr7(&g->points);
	if (d.arch.debugreg[7])
		d.control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP;
	for (unsigned int i = 0; i < GDB_HARD_MAX; i++)
		d.arch.debugreg[i] = g->points.hard[i].va;
	return d;
}

void gdb_cpu_arm(struct gdb *g, const struct vcpu *cpu, bool step)
{
	struct kvm_guest_debug d = control_of(g, step);

	g->cpu[cpu->id].stepping = step;
	/* A step is of the program: its interrupts wait, where KVM can. */
	if (step) {
		d.control |= CONTROL_BLOCK_IRQ;
		if (ioctl(cpu->fd, KVM_SET_GUEST_DEBUG, &d) == 0)
			return;
		d.control &= ~CONTROL_BLOCK_IRQ;
	}
	/* KVM refuses only bits it does not know; these it has always known. */
	(void)ioctl(cpu->fd, KVM_SET_GUEST_DEBUG, &d);
}

void gdb_cpu_inject(struct gdb *g, const struct vcpu *cpu, bool breakpoint)
{
	struct kvm_guest_debug d = control_of(g, g->cpu[cpu->id].stepping);

	d.control |=
		KVM_GUESTDBG_ENABLE |
		(breakpoint ? KVM_GUESTDBG_INJECT_BP : KVM_GUESTDBG_INJECT_DB);
	(void)ioctl(cpu->fd, KVM_SET_GUEST_DEBUG, &d);
}
