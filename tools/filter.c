// SPDX-License-Identifier: Apache-2.0
// Writes the seccomp filter of a confined dive: at build time, so that dive has
// no libseccomp in it and a start costs one system call.
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/kvm.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/vhost.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "vmm/confine.h"

/* All that clone() can make. */
#define CLONE_NAMESPACES                                             \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | \
	 CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

struct rule {
	const char *name;
	int nr;
	unsigned int conditions;
	struct scmp_arg_cmp condition;
};

#define ALLOW(name) { #name, SCMP_SYS(name), 0, { 0, 0, 0, 0 } },
#define ALLOW_IF(name, arg, mask, value) \
	{ #name, SCMP_SYS(name), 1,      \
	  SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, mask, value) },

static const struct rule rules[] = {
#include "syscalls.inc"
};

static int add_rules(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *r = &rules[i];
		int rc = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, r->nr,
						r->conditions, &r->condition);

		if (rc == 0)
			continue;
		fprintf(stderr, "%s: %s\n", r->name, strerror(-rc));
		return rc;
	}
	/* glibc takes it for an old kernel, and clone() shows its flags. */
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
				SCMP_SYS(clone3), 0);
}

/*
 * Linux tries a new filter with every number, so that it need not run it for
 * those that are always allowed (kernel/seccomp.c, seccomp_is_const_allow()):
 * 20 to 40 us of each start, for nothing, as KVM_RUN is not one of them. It
 * gives up at a load of anything but the number.
 */
static int skip_trial(void)
{
	const struct sock_filter load = BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args));

	return write(STDOUT_FILENO, &load, sizeof(load)) != sizeof(load);
}

int main(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	/* A tree: installing takes the kernel half as long as for a list. */
	if (!filter || seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2) ||
	    add_rules(filter) || skip_trial() ||
	    seccomp_export_bpf(filter, STDOUT_FILENO)) {
		fputs("no filter made\n", stderr);
		return 1;
	}
	seccomp_release(filter);
	return 0;
}
