/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of the architecture that several files need (Intel SDM 3A). */
#ifndef BASE_X86_H
#define BASE_X86_H

#include <stdint.h>

/* Control registers, 2.5 */
#define CR0_PE      (UINT64_C(1) << 0)
#define CR0_EM      (UINT64_C(1) << 2)
#define CR0_TS      (UINT64_C(1) << 3)
#define CR0_ET      (UINT64_C(1) << 4)
#define CR0_NE      (UINT64_C(1) << 5)
#define CR0_WP      (UINT64_C(1) << 16)
#define CR0_PG      (UINT64_C(1) << 31)
#define CR4_PSE     (UINT64_C(1) << 4)
#define CR4_PAE     (UINT64_C(1) << 5)
#define CR4_OSFXSR  (UINT64_C(1) << 9)
#define CR4_OSXMMEX (UINT64_C(1) << 10)
#define CR4_LA57    (UINT64_C(1) << 12)
#define CR4_OSXSAVE (UINT64_C(1) << 18)

/* IA32_EFER, 2.2.1 */
#define EFER_LME (UINT64_C(1) << 8)
#define EFER_LMA (UINT64_C(1) << 10)
#define EFER_NXE (UINT64_C(1) << 11)

/* Entries of page tables, 4.5; addresses end at 52 bits at the latest */
#define PTE_P    (UINT64_C(1) << 0)
#define PTE_W    (UINT64_C(1) << 1)
#define PTE_U    (UINT64_C(1) << 2)
#define PTE_PWT  (UINT64_C(1) << 3)
#define PTE_PCD  (UINT64_C(1) << 4)
#define PTE_A    (UINT64_C(1) << 5)
#define PTE_D    (UINT64_C(1) << 6)
#define PTE_PS   (UINT64_C(1) << 7)
#define PTE_NX   (UINT64_C(1) << 63)
#define PTE_ADDR UINT64_C(0x000ffffffffff000)

#define PAGE_4K UINT64_C(0x1000)
#define PAGE_2M UINT64_C(0x200000)

/* Registers in encoding order */
#define GPR_RSP 4
#define GPR_RBP 5

/* Local APIC, 10.4.1 */
#define LAPIC_BASE 0xfee00000u

/**
 * round_down() - to a multiple
 * @value: any
 * @align: power of two
 *
 * Return: the largest multiple that is not above @value.
 */
static inline uint64_t round_down(uint64_t value, uint64_t align)
{
	return value & ~(align - 1);
}

/**
 * round_up() - to a multiple
 * @value: any
 * @align: power of two
 *
 * Return: the smallest multiple that is not below @value; 0 when it is 2^64.
 */
static inline uint64_t round_up(uint64_t value, uint64_t align)
{
	return round_down(value + align - 1, align);
}

#endif
