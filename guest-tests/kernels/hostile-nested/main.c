// SPDX-License-Identifier: ISC
// Hostile: looks for a way to be a hypervisor itself, a large target in KVM.
#include <dive.h>

#define VMX      (1u << 5)
#define SVM      (1u << 2)
#define LEAF_SVM 0x8000000au

struct cpuid {
	uint32_t a, b, c, d;
};

static struct cpuid cpuid(uint32_t leaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid"
			 : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
			 : "a"(leaf), "c"(0));
	return r;
}

int dive_main(const struct dive_boot *boot)
{
	struct cpuid svm = { 0 };

	(void)boot;
	if (cpuid(0x80000000).a >= LEAF_SVM)
		svm = cpuid(LEAF_SVM);
	if (cpuid(1).c & VMX || cpuid(0x80000001).c & SVM ||
	    (svm.a | svm.b | svm.d) != 0)
		return 1;
	dive_printf("no hypervisor\n");
	return 0;
}
