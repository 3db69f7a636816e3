// SPDX-License-Identifier: Apache-2.0
// The floor: the fewest KVM calls that run one guest instruction and exit.
//
//   floor [exit|hang|exits|class] [lean|pc] [MiB] [FD]
//
// exit: OUT, the end.  hang: jump to itself.  exits: LOOPS times OUT first.
// class: count LOOPS down first, and print what kind of machine this is: bed
// (QEMU's TCG), nested (guest kernel code is emulated), hardware (all others).
// lean: split irqchip, as for contract kernels.  pc: PIC, IOAPIC and PIT.
// FD gets one line of JSON with the time before KVM_RUN, as dive --status-fd.
#include <cpuid.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"

#define CPUID_MAX 256u
#define LOOPS     2000u
#define PML4      0x1000u
#define PDPT      0x2000u
#define PD        0x3000u
#define CODE      0x4000u

struct floor {
	int kvm;
	int vm;
	int cpu;
	uint8_t *ram;
	uint64_t size;
	struct kvm_run *run;
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(125);
}

/* Memory before any interrupt chip: the other order costs 5 ms and more. */
static void create(struct floor *f, bool pc)
{
	struct kvm_enable_cap split = { .cap = KVM_CAP_SPLIT_IRQCHIP };
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };
	struct kvm_userspace_memory_region slot = { .memory_size = f->size };

	f->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	must(f->kvm >= 0, "/dev/kvm");
	f->vm = ioctl(f->kvm, KVM_CREATE_VM, 0);
	must(f->vm >= 0, "KVM_CREATE_VM");
	f->ram = mmap(NULL, f->size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	must(f->ram != MAP_FAILED, "memory");
	slot.userspace_addr = (uintptr_t)f->ram;
	must(!ioctl(f->vm, KVM_SET_USER_MEMORY_REGION, &slot), "memory slot");
	if (!pc) {
		must(!ioctl(f->vm, KVM_ENABLE_CAP, &split), "split irqchip");
		return;
	}
	must(!ioctl(f->vm, KVM_CREATE_IRQCHIP, 0), "irqchip");
	must(!ioctl(f->vm, KVM_CREATE_PIT2, &pit), "PIT");
}

static void create_cpu(struct floor *f)
{
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entry[CPUID_MAX];
	} cpuid = { .head.nent = CPUID_MAX };
	int size = ioctl(f->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	must(size > 0, "KVM_GET_VCPU_MMAP_SIZE");
	f->cpu = ioctl(f->vm, KVM_CREATE_VCPU, 0);
	must(f->cpu >= 0, "KVM_CREATE_VCPU");
	f->run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      f->cpu, 0);
	must(f->run != MAP_FAILED, "vcpu");
	must(!ioctl(f->kvm, KVM_GET_SUPPORTED_CPUID, &cpuid), "CPUID");
	must(!ioctl(f->cpu, KVM_SET_CPUID2, &cpuid), "KVM_SET_CPUID2");
}

static void load(struct floor *f, const char *what)
{
	static const uint8_t out_hlt[] = { 0xe6, 0xf4, 0xf4 };
	static const uint8_t jump_self[] = { 0xeb, 0xfe };
	static const uint8_t loop[] = { 0xff, 0xc9, 0x75, 0xfc, 0xe6, 0xf4 };
	static const uint8_t out_loop[] = { 0xe6, 0xf5, 0xff, 0xc9,
					    0x75, 0xfa, 0xe6, 0xf4 };
	const uint64_t pdpt = PDPT | 3, pd = PD | 3, page_2m = 0x83;
	const uint8_t *code = out_hlt;
	size_t size = sizeof(out_hlt);

	if (!strcmp(what, "hang")) {
		code = jump_self;
		size = sizeof(jump_self);
	} else if (!strcmp(what, "class")) {
		code = loop;
		size = sizeof(loop);
	} else if (!strcmp(what, "exits")) {
		code = out_loop;
		size = sizeof(out_loop);
	}
	memcpy(f->ram + PML4, &pdpt, sizeof(pdpt));
	memcpy(f->ram + PDPT, &pd, sizeof(pd));
	memcpy(f->ram + PD, &page_2m, sizeof(page_2m));
	memcpy(f->ram + CODE, code, size);
}

/* 64-bit long mode; taken over by the first KVM_RUN. */
static void set_state(struct floor *f)
{
	struct kvm_segment data = { .limit = 0xffffffff,
				    .selector = 16,
				    .type = 3,
				    .present = 1,
				    .db = 1,
				    .s = 1,
				    .g = 1 };
	struct kvm_segment code = data;

	code.selector = 8;
	code.type = 11;
	code.db = 0;
	code.l = 1;
	f->run->s.regs.regs =
		(struct kvm_regs){ .rip = CODE, .rcx = LOOPS, .rflags = 2 };
	f->run->s.regs.sregs = (struct kvm_sregs){
		.cs = code,
		.ds = data,
		.es = data,
		.fs = data,
		.gs = data,
		.ss = data,
		.tr = { .type = 11, .present = 1, .limit = 0x67 },
		.ldt = { .type = 2, .present = 1 },
		.cr0 = 0x80000011,
		.cr3 = PML4,
		.cr4 = 0x20,
		.efer = 0x500,
		.apic_base = 0xfee00900,
	};
	f->run->kvm_dirty_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
}

/* Emulation takes 100 ns and more an instruction, the bed a few. */
static const char *machine_class(uint64_t loop_ns)
{
	unsigned int eax, name[3] = { 0 };

	__cpuid(0x40000000, eax, name[0], name[1], name[2]);
	if (!memcmp(name, "TCGTCGTCGTCG", sizeof(name)))
		return "bed";
	return loop_ns > LOOPS * 100ull ? "nested" : "hardware";
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "exit";
	bool pc = argc > 2 && !strcmp(argv[2], "pc");
	uint64_t mib = argc > 3 ? strtoul(argv[3], NULL, 10) : 256;
	int fd = argc > 4 ? (int)strtol(argv[4], NULL, 10) : -1;
	uint64_t start = clock_now_ns(), ready, stopped;
	struct floor f = { .size = mib << 20 };

	create(&f, pc);
	create_cpu(&f);
	load(&f, what);
	set_state(&f);
	ready = clock_now_ns();
	do
		must(!ioctl(f.cpu, KVM_RUN, 0) &&
			     f.run->exit_reason == KVM_EXIT_IO,
		     "KVM_RUN");
	while (f.run->io.port != 0xf4);
	stopped = clock_now_ns();
	if (!strcmp(what, "class"))
		puts(machine_class(stopped - ready));
	if (fd >= 0)
		dprintf(fd,
			"{\"start_ns\":%" PRIu64
			",\"phases_ns\":{\"cpus\":%" PRIu64
			"},\"marks_ns\":{\"1\":%" PRIu64 ",\"2\":%" PRIu64
			"}}\n",
			start, ready - start, ready - start, stopped - start);
	return 0;
}
