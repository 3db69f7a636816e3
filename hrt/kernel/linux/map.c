// SPDX-License-Identifier: Apache-2.0
// The mapping calls, as Linux has them: arguments and errors.
#include "map.h"

#include <asm/errno.h>
#include <asm/unistd.h>
#include <linux/mman.h>

#include "channel.h"
#include "process.h"
#include "range.h"

#define MAP_KINDS  (MAP_SHARED | MAP_PRIVATE)
#define PROT_KNOWN (PROT_READ | PROT_WRITE | PROT_EXEC)

static bool round_up(uint64_t size, size_t *ret_size)
{
	uint64_t end;

	if (__builtin_add_overflow(size, PAGE_SIZE - 1, &end))
		return false;
	*ret_size = end & ~(PAGE_SIZE - 1);
	return true;
}

/* The CPU reads what it may write or execute. */
uint32_t map_rights(uint64_t prot)
{
	uint32_t rights = 0;

	if (prot & (PROT_READ | PROT_WRITE | PROT_EXEC))
		rights |= PAGE_READ;
	if (prot & PROT_WRITE)
		rights |= PAGE_WRITE;
	if (prot & PROT_EXEC)
		rights |= PAGE_EXEC;
	return rights;
}

/* Linux's words for what cannot be mapped. */
static int64_t file_error(int64_t error)
{
	switch (error) {
	case -ESPIPE:
	case -EISDIR:
	case -EINVAL:
	case -ENXIO:
		return -ENODEV;
	default:
		return error;
	}
}

int64_t map_copy(int fd, uint64_t offset, uintptr_t va, size_t size)
{
	size_t done = 0;

	if (!space_allows(va, size, 0))
		return -ENOMEM;
	while (done < size) {
		uint64_t arg[6] = { (uint64_t)fd, va + done, size - done,
				    offset + done };
		int64_t got = call_linux_surely(__NR_pread64, arg);

		if (got < 0 || (uint64_t)got > size - done)
			return file_error(got < 0 ? got : -EIO);
		/* Behind the end of the file it stays zero. */
		if (!got)
			break;
		done += (size_t)got;
	}
	return 0;
}

static int64_t map_file(const struct space_request *request, int fd,
			uint64_t offset)
{
	int64_t va = space_map(request), ret;

	if (va < 0)
		return va;
	ret = map_copy(fd, offset, (uintptr_t)va, request->size);
	if (ret && space_unmap((uintptr_t)va, request->size))
		ret = -ENOMEM;
	return ret ? ret : va;
}

int64_t sys_mmap(const uint64_t arg[6], struct frame *frame)
{
	uint64_t flags = arg[3], kind = flags & MAP_TYPE;
	struct space_request r = {
		.va = arg[0],
		.rights = map_rights(arg[2]),
		.is_fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE),
		.may_replace = !(flags & MAP_FIXED_NOREPLACE),
		.is_low = flags & MAP_32BIT,
		.is_reserve = flags & MAP_NORESERVE,
	};

	(void)frame;
	if (!kind || kind & ~(uint64_t)MAP_KINDS || !arg[1])
		return -EINVAL;
	if (!round_up(arg[1], &r.size) || flags & MAP_HUGETLB)
		return -ENOMEM;
	if (r.va % PAGE_SIZE) {
		if (r.is_fixed)
			return -EINVAL;
		r.va &= ~(PAGE_SIZE - 1);
	}
	r.flags = r.is_reserve ? VMA_RESERVE : 0;
	if (flags & MAP_ANONYMOUS)
		return space_map(&r);
	if (arg[5] % PAGE_SIZE)
		return -EINVAL;
	if ((int)arg[4] < 0)
		return -EBADF;
	r.flags |= VMA_FILE;
	if (kind != MAP_PRIVATE) {
		/* Nobody would write it back. */
		if (arg[2] & PROT_WRITE)
			return -ENODEV;
		r.flags |= VMA_SHARED_FILE;
	}
	return map_file(&r, (int)arg[4], arg[5]);
}

int64_t sys_munmap(const uint64_t arg[6], struct frame *frame)
{
	size_t size;

	(void)frame;
	if (arg[0] % PAGE_SIZE || !arg[1] || !round_up(arg[1], &size))
		return -EINVAL;
	return space_unmap(arg[0], size);
}

int64_t sys_mprotect(const uint64_t arg[6], struct frame *frame)
{
	size_t size;

	(void)frame;
	if (arg[0] % PAGE_SIZE || arg[2] & ~(uint64_t)PROT_KNOWN)
		return -EINVAL;
	if (!arg[1])
		return 0;
	if (!round_up(arg[1], &size))
		return -ENOMEM;
	return space_protect(arg[0], size, map_rights(arg[2]));
}

int64_t sys_mremap(const uint64_t arg[6], struct frame *frame)
{
	bool may_move = arg[3] & MREMAP_MAYMOVE,
	     is_fixed = arg[3] & MREMAP_FIXED;
	uintptr_t from = arg[0], to = is_fixed ? arg[4] : 0;
	size_t old_size, new_size;
	int ret;

	(void)frame;
	/* MREMAP_DONTUNMAP and a second view of shared memory are refused. */
	if (arg[3] & ~(uint64_t)(MREMAP_MAYMOVE | MREMAP_FIXED) ||
	    (is_fixed && !may_move) || from % PAGE_SIZE || to % PAGE_SIZE ||
	    !round_up(arg[1], &old_size) || !round_up(arg[2], &new_size) ||
	    !old_size || !new_size)
		return -EINVAL;
	if (is_fixed && (!to || (to < from + old_size && from < to + new_size)))
		return -EINVAL;
	if (!space_is_mapped(from))
		return -EFAULT;
	if (new_size < old_size) {
		ret = space_unmap(from + new_size, old_size - new_size);
		if (ret)
			return ret;
		old_size = new_size;
	}
	if (!is_fixed && new_size == old_size)
		return (int64_t)from;
	return space_move(from, old_size, new_size, to, may_move);
}

static int64_t populate(uintptr_t va, size_t size, uint32_t rights)
{
	if (!space_is_mapped(va))
		return -ENOMEM;
	return space_allows(va, size, rights) ? 0 : -EFAULT;
}

int64_t sys_madvise(const uint64_t arg[6], struct frame *frame)
{
	size_t size;

	(void)frame;
	if (arg[0] % PAGE_SIZE || !round_up(arg[1], &size))
		return -EINVAL;
	if (!size)
		return 0;
	switch (arg[2]) {
	case MADV_DONTNEED:
		return space_zero(arg[0], size);
	case MADV_POPULATE_READ:
		return populate(arg[0], size, PAGE_READ);
	case MADV_POPULATE_WRITE:
		return populate(arg[0], size, PAGE_WRITE);
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_FREE:
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_COLD:
	case MADV_PAGEOUT:
		/* Nothing that a program could notice. */
		return space_is_mapped(arg[0]) ? 0 : -ENOMEM;
	default:
		return -EINVAL;
	}
}
