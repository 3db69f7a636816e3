// SPDX-License-Identifier: Apache-2.0
// Calls about the CPU, and others that need little.
#include "misc.h"

#include <asm/errno.h>
#include <asm/prctl.h>
#include <asm/unistd.h>
#include <dive/delegate.h>

#include "../cpu.h"
#include "../sched.h"
#include "process.h"
#include "space.h"

#define ADDRESSES_ARE_FIXED 0x0040000u /* ADDR_NO_RANDOMIZE */
#define PERSONALITY_ASK     0xffffffff
#define NODES_MAX           1024 /* bits of a mask of nodes */

int64_t sys_arch_prctl(const uint64_t arg[6], struct frame *frame)
{
	(void)frame;
	switch (arg[0]) {
	case ARCH_SET_FS:
		if (arg[1] >= DIVE_PROGRAM_END)
			return -EPERM;
		thread_set_fs(arg[1]);
		return 0;
	case ARCH_GET_FS:
		return space_write(arg[1], &thread_current()->fs_base,
				   sizeof(uint64_t))
			       ? 0
			       : -EFAULT;
	case ARCH_SET_GS:
	case ARCH_GET_GS:
		/* GS is the kernel's, in whose mode the program runs. */
		return -EPERM;
	default:
		return -EINVAL;
	}
}

/* Addresses are never random here; who asks for that has it. */
int64_t sys_personality(const uint64_t arg[6], struct frame *frame)
{
	uint32_t wanted = (uint32_t)arg[0];

	(void)frame;
	if (wanted != PERSONALITY_ASK && wanted & ~ADDRESSES_ARE_FIXED)
		return -EINVAL;
	return ADDRESSES_ARE_FIXED;
}

/* Restartable sequences need a hook in each switch of threads. */
int64_t sys_rseq(const uint64_t arg[6], struct frame *frame)
{
	(void)arg;
	(void)frame;
	return -ENOSYS;
}

int64_t sys_sched_yield(const uint64_t arg[6], struct frame *frame)
{
	(void)arg;
	(void)frame;
	sched_yield();
	return 0;
}

/* Bit n: CPU n. As many whole words as Linux would copy. */
static size_t cpu_mask(uint64_t mask[DIVE_CPUS_MAX / 64])
{
	for (unsigned int i = 0; i < cpu_count; i++)
		mask[i / 64] |= 1ull << i % 64;
	return (cpu_count + 63) / 64 * sizeof(*mask);
}

int64_t sys_sched_getaffinity(const uint64_t arg[6], struct frame *frame)
{
	uint64_t mask[DIVE_CPUS_MAX / 64] = { 0 };
	size_t size = cpu_mask(mask);
	uint32_t room = (uint32_t)arg[1];

	(void)frame;
	if (room < size || room % sizeof(*mask))
		return -EINVAL;
	return space_write(arg[2], mask, size) ? (int64_t)size : -EFAULT;
}

/* Where threads run is decided by who is idle; a mask is checked only. */
int64_t sys_sched_setaffinity(const uint64_t arg[6], struct frame *frame)
{
	uint64_t mask[DIVE_CPUS_MAX / 64] = { 0 };
	uint64_t wanted[DIVE_CPUS_MAX / 64] = { 0 };
	size_t size = cpu_mask(mask);
	uint32_t given = (uint32_t)arg[1];

	(void)frame;
	if (size > given)
		size = given;
	if (!space_read(wanted, arg[2], size))
		return -EFAULT;
	for (size_t i = 0; i < DIVE_CPUS_MAX / 64; i++)
		if (mask[i] & wanted[i])
			return 0;
	return -EINVAL;
}

int64_t sys_getcpu(const uint64_t arg[6], struct frame *frame)
{
	uint64_t flags = irq_save();
	uint32_t cpu = cpu_this()->index, node = 0;

	irq_restore(flags);
	(void)frame;
	if ((arg[0] && !space_write(arg[0], &cpu, sizeof(cpu))) ||
	    (arg[1] && !space_write(arg[1], &node, sizeof(node))))
		return -EFAULT;
	return 0;
}

/* What is there is in memory; nothing is ever written to a disk. */
int64_t sys_mincore(const uint64_t arg[6], struct frame *frame)
{
	const uint8_t there = 1;
	uint64_t pages = arg[1] / PAGE_SIZE + !!(arg[1] % PAGE_SIZE);

	(void)frame;
	if (arg[0] % PAGE_SIZE)
		return -EINVAL;
	for (uint64_t i = 0; i < pages; i++) {
		if (!space_is_mapped(arg[0] + i * PAGE_SIZE))
			return -ENOMEM;
		if (!space_write(arg[2] + i, &there, sizeof(there)))
			return -EFAULT;
	}
	return 0;
}

/* There is one node, so there is one policy: MPOL_DEFAULT. */
int64_t sys_get_mempolicy(const uint64_t arg[6], struct frame *frame)
{
	const int32_t policy = 0;
	const uint8_t none = 0;

	(void)frame;
	if (arg[0] && !space_write(arg[0], &policy, sizeof(policy)))
		return -EFAULT;
	if (arg[2] > NODES_MAX)
		return -EINVAL;
	for (uint64_t i = 0; arg[1] && i < (arg[2] + 7) / 8; i++)
		if (!space_write(arg[1] + i, &none, sizeof(none)))
			return -EFAULT;
	return 0;
}

/* mlock() and its like, msync(), mbind(): it is so already. */
int64_t sys_nothing(const uint64_t arg[6], struct frame *frame)
{
	(void)arg;
	(void)frame;
	return 0;
}
