/* SPDX-License-Identifier: ISC */
/* Integer types and static assertions that every user of the contract has. */
#ifndef DIVE_TYPES_H
#define DIVE_TYPES_H

#ifndef __ASSEMBLER__

#ifdef __KERNEL__
#include <linux/stddef.h>
#include <linux/types.h>
#else
#include <stddef.h>
#include <stdint.h>
#endif

#ifdef __cplusplus
#define DIVE_STATIC_ASSERT(cond, text) static_assert(cond, text)
#else
#define DIVE_STATIC_ASSERT(cond, text) _Static_assert(cond, text)
#endif

#endif /* __ASSEMBLER__ */

#endif
