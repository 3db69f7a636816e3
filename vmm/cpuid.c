// SPDX-License-Identifier: Apache-2.0
// What CPUID tells the guest (Intel SDM 2A CPUID, AMD APM 3 appendix E).
#include "vmm/cpuid.h"

#include <asm/kvm_para.h>
#include <errno.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#define ENTRIES_MAX 256u

enum reg {
	EAX,
	EBX,
	ECX,
	EDX
};

/* Features that --cpu can take away, and which others go with them. */
static const struct feature {
	const char *name;
	uint32_t leaf;
	uint32_t index;
	enum reg reg;
	uint32_t bits;
} features[] = {
	{ "x2apic", 1, 0, ECX, 1u << 21 },
	{ "tsc-deadline", 1, 0, ECX, 1u << 24 },
	{ "rdrand", 1, 0, ECX, 1u << 30 },
	{ "rdseed", 7, 0, EBX, 1u << 18 },
	{ "pcid", 1, 0, ECX, 1u << 17 },
	{ "invpcid", 7, 0, EBX, 1u << 10 },
	{ "fsgsbase", 7, 0, EBX, 1u << 0 },
	{ "smep", 7, 0, EBX, 1u << 7 },
	{ "smap", 7, 0, EBX, 1u << 20 },
	{ "umip", 7, 0, ECX, 1u << 2 },
	{ "la57", 7, 0, ECX, 1u << 16 },
	{ "pku", 7, 0, ECX, 3u << 3 },
	{ "pku", 0xd, 0, EAX, 1u << 9 },
	{ "avx512", 7, 0, EBX, 0xdc230000u },
	{ "avx512", 7, 0, ECX, 0x5842u },
	{ "avx512", 0xd, 0, EAX, 7u << 5 },
	{ "avx2", 7, 0, EBX, 1u << 5 },
	{ "avx", 1, 0, ECX, 1u << 28 | 1u << 12 | 1u << 29 },
	{ "avx", 7, 0, EBX, 1u << 5 | 0xdc230000u },
	{ "avx", 7, 0, ECX, 0x5e42u },
	{ "avx", 0xd, 0, EAX, 0xe4u },
	/* XSAVE carries AVX, AVX-512 and PKU: none of them stays behind. */
	{ "xsave", 1, 0, ECX, 3u << 26 | 1u << 28 | 1u << 12 | 1u << 29 },
	{ "xsave", 7, 0, EBX, 1u << 5 | 0xdc230000u },
	{ "xsave", 7, 0, ECX, 0x5e5au },
	{ "xsave", 0xd, 0, EAX, ~0u },
	{ "xsave", 0xd, 1, EAX, ~0u },
	{ "pdpe1gb", 0x80000001, 0, EDX, 1u << 26 },
	{ "rdtscp", 0x80000001, 0, EDX, 1u << 27 },
	{ "kvm", 1, 0, ECX, 1u << 31 },
	{ "kvm", 0x40000000, 0, EAX, ~0u },
	{ "kvm", 0x40000000, 0, EBX, ~0u },
	{ "kvm", 0x40000000, 0, ECX, ~0u },
	{ "kvm", 0x40000000, 0, EDX, ~0u },
	{ "kvm", 0x40000001, 0, EAX, ~0u },
};

#define FEATURES (sizeof(features) / sizeof(features[0]))

static uint32_t *entry_reg(struct kvm_cpuid_entry2 *entry, enum reg reg)
{
	switch (reg) {
	case EAX:
		return &entry->eax;
	case EBX:
		return &entry->ebx;
	case ECX:
		return &entry->ecx;
	default:
		return &entry->edx;
	}
}

static void clear_feature(struct kvm_cpuid2 *cpuid, const struct feature *f)
{
	for (unsigned int i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];

		if (entry->function == f->leaf && entry->index == f->index)
			*entry_reg(entry, f->reg) &= ~f->bits;
	}
}

static int unknown_word(const char *word, size_t length, struct err *e)
{
	char known[320] = "";
	size_t used = 0;

	for (size_t i = 0; i < FEATURES; i++) {
		size_t n = strlen(features[i].name);

		if (i && !strcmp(features[i].name, features[i - 1].name))
			continue;
		if (used + n + 3 > sizeof(known))
			break;
		known[used++] = ' ';
		known[used++] = '-';
		memcpy(known + used, features[i].name, n + 1);
		used += n;
	}
	return err_set(e, -EINVAL, "--cpu: '%.*s' is not known; it takes%s",
		       (int)length, word, known);
}

static int apply_mask(struct kvm_cpuid2 *cpuid, const char *mask, struct err *e)
{
	while (*mask) {
		size_t length = strcspn(mask, ",");
		bool found = false;

		for (size_t i = 0; i < FEATURES && mask[0] == '-'; i++) {
			const char *name = features[i].name;

			if (strlen(name) != length - 1 ||
			    memcmp(name, mask + 1, length - 1) != 0)
				continue;
			clear_feature(cpuid, &features[i]);
			found = true;
		}
		if (!found)
			return unknown_word(mask, length, e);
		mask += length + (mask[length] == ',');
	}
	return 0;
}

/* VMX and SVM for the guest are much code in KVM that no kernel here needs. */
static void hide_nesting(struct kvm_cpuid_entry2 *entry)
{
	if (entry->function == 1)
		entry->ecx &= ~(1u << 5);
	else if (entry->function == 0x80000001)
		entry->ecx &= ~(1u << 2);
	else if (entry->function == 0x8000000a)
		entry->eax = entry->ebx = entry->ecx = entry->edx = 0;
}

int cpuid_create(const struct vm *vm, const char *mask, struct kvm_cpuid2 **ret,
		 struct err *e)
{
	struct kvm_cpuid2 *cpuid;
	int rc = 0;

	cpuid = calloc(1, sizeof(*cpuid) +
				  ENTRIES_MAX * sizeof(cpuid->entries[0]));
	if (!cpuid)
		return err_set(e, -ENOMEM, "no memory for CPUID");
	cpuid->nent = ENTRIES_MAX;
	/* syscall: ioctl[1=KVM_GET_SUPPORTED_CPUID] */
	if (ioctl(vm->kvm, KVM_GET_SUPPORTED_CPUID, cpuid))
		rc = err_set(e, -errno, "KVM does not tell its CPUID: %s",
			     strerror(errno));
	for (unsigned int i = 0; !rc && i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];

		hide_nesting(entry);
		/* In KVM's local APIC this always works; KVM leaves it out. */
		if (entry->function == 1)
			entry->ecx |= 1u << 24 | 1u << 31;
		/* Halted with interrupts off is dead here (watch.c). */
		if (entry->function == KVM_CPUID_FEATURES)
			entry->eax &= ~(1u << KVM_FEATURE_PV_UNHALT);
	}
	if (!rc && mask)
		rc = apply_mask(cpuid, mask, e);
	if (rc) {
		free(cpuid);
		return rc;
	}
	*ret = cpuid;
	return 0;
}

static unsigned int bits_for(unsigned int cpus)
{
	unsigned int bits = 0;

	while (1u << bits < cpus)
		bits++;
	return bits;
}

/* Leaf 0xb and 0x1f: one thread per core, all cores in one package. */
static void set_topology(struct kvm_cpuid_entry2 *entry, unsigned int cpu,
			 unsigned int cpus)
{
	static const uint32_t type_of[] = { 1, 2 }; /* SMT, core */

	entry->eax = entry->ebx = 0;
	entry->ecx = entry->index & 0xff;
	entry->edx = cpu;
	if (entry->index > 1)
		return;
	entry->ecx |= type_of[entry->index] << 8;
	entry->ebx = entry->index ? cpus : 1;
	entry->eax = entry->index ? bits_for(cpus) : 0;
}

void cpuid_set_cpu(struct kvm_cpuid2 *cpuid, unsigned int cpu,
		   unsigned int cpus)
{
	for (unsigned int i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];

		switch (entry->function) {
		case 1:
			entry->ebx =
				(entry->ebx & 0xffff) | cpus << 16 | cpu << 24;
			entry->edx = (entry->edx & ~(1u << 28)) |
				     (cpus > 1 ? 1u << 28 : 0);
			break;
		case 4: /* cores per package; caches are not shared */
			entry->eax = (entry->eax & 0x3fff) | (cpus - 1) << 26;
			break;
		case 0xb:
		case 0x1f:
			set_topology(entry, cpu, cpus);
			break;
		case 0x80000008: /* AMD: cores - 1, size of the APIC id */
			entry->ecx = (cpus - 1) | bits_for(cpus) << 12;
			break;
		case 0x8000001e:
			entry->eax = cpu;
			entry->ebx = cpu;
			entry->ecx = 0;
			break;
		default:
			break;
		}
	}
}

bool cpuid_has_x2apic(const struct kvm_cpuid2 *cpuid)
{
	for (unsigned int i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == 1)
			return cpuid->entries[i].ecx & 1u << 21;
	return false;
}

uint64_t cpuid_xcr0(const struct kvm_cpuid2 *cpuid)
{
	uint64_t xcr0 = 0;
	bool has_xsave = false;

	for (unsigned int i = 0; i < cpuid->nent; i++) {
		const struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];

		if (entry->function == 1)
			has_xsave = entry->ecx & 1u << 26;
		else if (entry->function == 0xd && entry->index == 0)
			xcr0 = entry->eax | (uint64_t)entry->edx << 32;
	}
	return has_xsave ? xcr0 : 0;
}

unsigned int cpuid_address_bits(const struct kvm_cpuid2 *cpuid)
{
	for (unsigned int i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == 0x80000008)
			return cpuid->entries[i].eax & 0xff;
	return 36;
}
