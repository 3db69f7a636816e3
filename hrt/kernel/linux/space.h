/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of the program: which ranges it has with which rights, and the
 * pieces of the window behind them. In threads, interrupts on; any number of
 * threads at the same time.
 */
#ifndef MINNOW_LINUX_SPACE_H
#define MINNOW_LINUX_SPACE_H

#include <dive.h>

#include "../page.h"
#include "call.h"

/**
 * space_init() - take the window; once
 * @window: from the contract
 *
 * Return: 0 or -ENOMEM.
 */
int space_init(const struct dive_range *window);

/**
 * space_clear() - forget the program
 *
 * When none of its threads runs any more.
 */
void space_clear(void);

/**
 * space_allows() - may the program use a range in this way
 * @va: any address
 * @size: bytes; 0 is always allowed
 * @rights: PAGE_* that every byte must have
 *
 * When it may, all of it has memory, in the partner too: Linux may use it.
 *
 * Return: true when it may; else the call fails with EFAULT.
 */
bool space_allows(uintptr_t va, size_t size, unsigned int rights);

/**
 * space_string() - may Linux read a string, and how long is it
 * @va: of its first byte
 * @max: bytes to look at
 * @ret_length: written: bytes before the NUL, @max when there is none
 *
 * Return: true when it may; as with space_allows().
 */
bool space_string(uintptr_t va, size_t max, size_t *ret_length);

/**
 * space_read() - copy out of the program's memory
 * @to: in the kernel
 * @va: in the program; must be readable
 * @size: bytes
 *
 * Other threads may unmap it meanwhile.
 *
 * Return: true, or false with nothing said about @to: EFAULT.
 */
bool space_read(void *to, uintptr_t va, size_t size);

/**
 * space_write() - copy into the program's memory
 * @va: in the program; must be writable
 * @from: in the kernel
 * @size: bytes
 *
 * Other threads may unmap it meanwhile.
 *
 * Return: true, or false with a part written: EFAULT.
 */
bool space_write(uintptr_t va, const void *from, size_t size);

/**
 * space_fault() - give memory to what the program touches for the first time
 * @frame: of the page fault
 * @address: that was touched
 *
 * Return: true when the program can go on; false: it may not do that (SIGSEGV).
 */
bool space_fault(const struct frame *frame, uintptr_t address);

/**
 * space_is_mapped() - is there anything at an address
 * @va: any address
 *
 * Return: true when a range has it: si_code is SEGV_ACCERR then.
 */
bool space_is_mapped(uintptr_t va);

/**
 * space_set_brk() - say where the heap begins
 * @va: behind the program, a multiple of PAGE_SIZE
 */
void space_set_brk(uintptr_t va);

call_fn sys_mmap, sys_munmap, sys_mprotect, sys_mremap, sys_madvise, sys_brk;

#endif
