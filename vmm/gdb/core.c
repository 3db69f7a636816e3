// SPDX-License-Identifier: Apache-2.0
// An ELF core of a stopped machine, for gdb (ELF gABI 5, Linux's notes).
#include "vmm/gdb/core.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/user.h>
#include <unistd.h>

#include "base/x86.h"
#include "vmm/gdb/core_map.h"
#include "vmm/gdb/regs.h"

/* What gdb reads of one CPU, as Linux writes it of one thread. */
struct cpu_notes {
	Elf64_Nhdr status_head;
	char status_name[8];
	struct elf_prstatus status;
	Elf64_Nhdr fp_head;
	char fp_name[8];
	struct user_fpregs_struct fp;
} __attribute__((packed)); /* notes are aligned to 4 bytes only */

static void fill_registers(const struct gdb_regs *from,
			   struct user_regs_struct *to)
{
	*to = (struct user_regs_struct){
		.rax = from->gpr[0],
		.rbx = from->gpr[1],
		.rcx = from->gpr[2],
		.rdx = from->gpr[3],
		.rsi = from->gpr[4],
		.rdi = from->gpr[5],
		.rbp = from->gpr[6],
		.rsp = from->gpr[7],
		.r8 = from->gpr[8],
		.r9 = from->gpr[9],
		.r10 = from->gpr[10],
		.r11 = from->gpr[11],
		.r12 = from->gpr[12],
		.r13 = from->gpr[13],
		.r14 = from->gpr[14],
		.r15 = from->gpr[15],
		.orig_rax = ~0ull, /* not in a system call */
		.rip = from->rip,
		.eflags = from->eflags,
		.cs = from->seg[0],
		.ss = from->seg[1],
		.ds = from->seg[2],
		.es = from->seg[3],
		.fs = from->seg[4],
		.gs = from->seg[5],
		.fs_base = from->base[0],
		.gs_base = from->base[1],
	};
}

static void fill_fp(const struct gdb_regs *from, struct user_fpregs_struct *to)
{
	uint8_t *st;

	*to = (struct user_fpregs_struct){
		.cwd = (uint16_t)from->fctrl[0],
		.swd = (uint16_t)from->fctrl[1],
		.ftw = gdb_regs_abridged(from->fctrl[2]),
		.fop = (uint16_t)from->fctrl[7],
		.rip = (uint64_t)from->fctrl[3] << 32 | from->fctrl[4],
		.rdp = (uint64_t)from->fctrl[5] << 32 | from->fctrl[6],
		.mxcsr = from->mxcsr,
	};
	st = (uint8_t *)to->st_space;
	for (unsigned int i = 0; i < 8; i++)
		memcpy(st + 16 * (size_t)i, from->st[i], sizeof(from->st[i]));
	memcpy(to->xmm_space, from->xmm, sizeof(from->xmm));
}

static int fill_cpu(const struct vcpu *cpu, const struct exit_report *known,
		    struct cpu_notes *to)
{
	struct elf_prstatus status = { .pr_pid = (pid_t)cpu->id + 1,
				       .pr_fpvalid = 1 };
	struct user_regs_struct regs;
	struct user_fpregs_struct fp;
	struct gdb_regs from;
	int rc = gdb_cpu_get(cpu, known, &from);

	if (rc)
		return rc;
	if (known && known->cpu == cpu->id)
		status.pr_cursig = SIGABRT;
	fill_registers(&from, &regs);
	memcpy(&status.pr_reg, &regs, sizeof(regs));
	fill_fp(&from, &fp);
	*to = (struct cpu_notes){
		.status_head = { 5, sizeof(status), NT_PRSTATUS },
		.status_name = "CORE",
		.status = status,
		.fp_head = { 5, sizeof(fp), NT_FPREGSET },
		.fp_name = "CORE",
		.fp = fp,
	};
	return 0;
}

static int write_at(int fd, const void *from, size_t size, uint64_t offset)
{
	const char *bytes = from;

	while (size) {
		/* syscall: pwrite64 */
		ssize_t n = pwrite(fd, bytes, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		bytes += n;
		size -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

static bool is_zero(const uint8_t *page)
{
	return page[0] == 0 && memcmp(page, page + 1, PAGE_4K - 1) == 0;
}

/* Pages of zeros stay holes in the file. */
static int write_region(int fd, const struct gmem_region *r, uint64_t offset)
{
	uint64_t from = 0;
	int rc = 0;

	/* Regions consist of whole pages: KVM takes no others. */
	while (from < r->size && !rc) {
		uint64_t to = from;

		while (to < r->size && !is_zero(r->host + to))
			to += PAGE_4K;
		rc = write_at(fd, r->host + from, to - from, offset + from);
		from = to + PAGE_4K;
	}
	return rc;
}

static int write_notes(const struct machine *m, int fd,
		       const struct exit_report *known, unsigned int first,
		       uint64_t offset)
{
	int rc = 0;

	for (unsigned int i = 0; i < m->board.cpus && !rc; i++) {
		/* gdb shows the thread of the first note. */
		unsigned int id = i == 0 ? first : i <= first ? i - 1 : i;
		struct cpu_notes notes;

		rc = fill_cpu(&m->cpu[id], known, &notes);
		if (!rc)
			rc = write_at(fd, &notes, sizeof(notes),
				      offset + i * sizeof(notes));
	}
	return rc;
}

/* Headers, notes, then all of RAM from @ram on. */
static int write_headers(const struct machine *m, int fd, struct core_map *map,
			 uint64_t notes, uint64_t ram)
{
	Elf64_Ehdr head = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			     ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(head),
		.e_ehsize = sizeof(head),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (Elf64_Half)(map->loads + 1),
	};
	Elf64_Phdr note = {
		.p_type = PT_NOTE,
		.p_offset = notes,
		.p_filesz = m->board.cpus * sizeof(struct cpu_notes),
		.p_align = 4,
	};
	int rc = write_at(fd, &head, sizeof(head), 0);

	for (size_t i = 0; i < map->loads; i++)
		map->load[i].p_offset += ram;
	if (!rc)
		rc = write_at(fd, &note, sizeof(note), sizeof(head));
	if (!rc)
		rc = write_at(fd, map->load, map->loads * sizeof(map->load[0]),
			      sizeof(head) + sizeof(note));
	return rc;
}

static int write_all(const struct machine *m, int fd,
		     const struct exit_report *known, unsigned int first,
		     struct core_map *map)
{
	uint64_t notes =
		sizeof(Elf64_Ehdr) + (map->loads + 1) * sizeof(Elf64_Phdr);
	uint64_t ram = round_up(
		notes + m->board.cpus * sizeof(struct cpu_notes), PAGE_4K);
	uint64_t end = ram;
	int rc;

	for (unsigned int i = 0; i < m->mem.count; i++)
		end += m->mem.region[i].size;
	/* Emptied first: what was in it must not show in the holes. */
	if (ftruncate(fd, 0) || ftruncate(fd, (off_t)end))
		return -errno;
	rc = write_headers(m, fd, map, notes, ram);
	if (!rc)
		rc = write_notes(m, fd, known, first, notes);
	for (unsigned int i = 0; i < m->mem.count && !rc; i++) {
		rc = write_region(fd, &m->mem.region[i], ram);
		ram += m->mem.region[i].size;
	}
	return rc;
}

int core_write(const struct machine *m, int fd, const struct exit_report *known,
	       unsigned int first, struct err *e)
{
	struct core_map map = { .load = NULL };
	struct cpu_regs regs;
	int rc = gdb_cpu_paging(&m->cpu[first], known, &regs);

	if (!rc)
		rc = core_map_make(&map, &m->mem, &regs);
	if (!rc)
		rc = write_all(m, fd, known, first, &map);
	free(map.load);
	if (rc)
		return err_set(e, rc, "cannot write the core: %s",
			       strerror(-rc));
	return map.full;
}
