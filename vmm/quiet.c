// SPDX-License-Identifier: Apache-2.0
// --pin and --quiet-cpu: keep the host out of the measurement as far as it lets us.
#include <errno.h>
#include <linux/kvm.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vmm/machine.h"

#define WANTED_EXITS                                               \
	(KVM_X86_DISABLE_EXITS_HLT | KVM_X86_DISABLE_EXITS_PAUSE | \
	 KVM_X86_DISABLE_EXITS_MWAIT)

/* A typing error would otherwise measure something else. */
static int try_pins(const struct machine *m, struct err *e)
{
	cpu_set_t before, set;
	int rc = 0;

	if (sched_getaffinity(0, sizeof(before), &before))
		return err_set(e, -errno, "--pin: %s", strerror(errno));
	for (unsigned int i = 0; i < m->config->cpus && !rc; i++) {
		CPU_ZERO(&set);
		CPU_SET(m->pin[i], &set);
		if (sched_setaffinity(0, sizeof(set), &set))
			rc = err_set(e, -errno,
				     "--pin: cannot run on host CPU %u: %s; "
				     "'nproc --all' says how many there are",
				     m->pin[i], strerror(errno));
	}
	if (sched_setaffinity(0, sizeof(before), &before) && !rc)
		return err_set(e, -errno, "--pin: %s", strerror(errno));
	return rc;
}

int quiet_cpus(struct machine *m, struct err *e)
{
	const struct run_config *c = m->config;
	cpu_set_t allowed;
	unsigned int n = 0;

	memcpy(m->pin, c->pin, sizeof(m->pin));
	m->pinned = c->pinned || c->quiet_cpu;
	if (c->pinned)
		return try_pins(m, e);
	if (!c->quiet_cpu)
		return 0;
	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return err_set(e, -errno, "--quiet-cpu: %s", strerror(errno));
	for (unsigned int i = 0; i < CPU_SETSIZE && n < c->cpus; i++)
		if (CPU_ISSET(i, &allowed))
			m->pin[n++] = i;
	if (n < c->cpus)
		return err_set(e, -EINVAL,
			       "--quiet-cpu: %u virtual CPUs need as many host "
			       "CPUs, this process may use %u: give --cpus %u",
			       c->cpus, n, n);
	return 0;
}

/* The NUMA node of the host CPU that runs virtual CPU 0. */
static int bind_memory(const struct machine *m)
{
	unsigned long nodes[16] = { 0 };
	cpu_set_t before, set;
	unsigned int node = 0;
	long rc;

	CPU_ZERO(&set);
	CPU_SET(m->pin[0], &set);
	if (sched_getaffinity(0, sizeof(before), &before) ||
	    sched_setaffinity(0, sizeof(set), &set) || getcpu(NULL, &node) ||
	    node >= sizeof(nodes) * 8)
		return -EINVAL;
	nodes[node / 64] = 1ul << node % 64;
	rc = syscall(SYS_mbind, m->ram, m->ram_size, MPOL_BIND, nodes,
		     sizeof(nodes) * 8, 0);
	if (sched_setaffinity(0, sizeof(before), &before) || rc)
		return -errno;
	return 0;
}

int quiet_memory(struct machine *m, struct err *e)
{
	if (!m->config->quiet_cpu)
		return 0;
	/* A kernel without NUMA has one node and no mbind(). */
	if (bind_memory(m) && errno != ENOSYS)
		return err_set(e, -errno,
			       "--quiet-cpu: cannot bind memory to a NUMA "
			       "node: %s",
			       strerror(errno));
	if (mlock(m->ram, m->ram_size))
		return err_set(e, -errno,
			       "--quiet-cpu: cannot lock memory: %s; raise the "
			       "limit with 'ulimit -l unlimited' or give less "
			       "--mem",
			       strerror(errno));
	return 0;
}

int quiet_vm(struct machine *m, struct err *e)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_X86_DISABLE_EXITS };
	int can;

	if (!m->config->quiet_cpu)
		return 0;
	can = ioctl(m->vm.fd, KVM_CHECK_EXTENSION, cap.cap);
	cap.args[0] = can > 0 ? (uint64_t)can & WANTED_EXITS : 0;
	if (!(cap.args[0] & KVM_X86_DISABLE_EXITS_HLT))
		m->report->quiet_missing = "HLT still leaves the guest: this "
					   "KVM cannot disable that exit";
	else if (!(cap.args[0] & KVM_X86_DISABLE_EXITS_MWAIT))
		m->report->quiet_missing = "MWAIT still leaves the guest: this "
					   "CPU's timer may stop in it";
	if (cap.args[0] && ioctl(m->vm.fd, KVM_ENABLE_CAP, &cap))
		return err_set(e, -errno,
			       "--quiet-cpu: KVM refuses to disable exits: %s",
			       strerror(errno));
	return 0;
}
