// SPDX-License-Identifier: Apache-2.0
// Names and source lines for addresses, from the kernel's own ELF file.
#include "loader/symbols.h"

#include <errno.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/dwarf_line.h"

/* A symbol without a size reaches so far at most. */
#define UNSIZED_REACH UINT64_C(65536)
/* Nobody waits for more than this to be read, or has memory for it. */
#define SECTION_MAX (UINT64_C(256) << 20)

struct symbols {
	int fd;
	Elf *elf;
	struct dwarf_lines lines; /* sections owned by @elf */
	Elf_Data *table;          /* NULL: no symbol table */
	size_t strings;           /* section of the names */
	size_t count;
	size_t phnum;
};

/* Not what libelf would read into gigabytes of memory, or unpack to them. */
static bool is_small(Elf *elf, size_t section)
{
	GElf_Shdr sh;

	return gelf_getshdr(elf_getscn(elf, section), &sh) &&
	       sh.sh_size <= SECTION_MAX && !(sh.sh_flags & SHF_COMPRESSED);
}

/* The symbol table; .symtab, or else what the dynamic linker would use. */
static void find_table(struct symbols *s)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(s->elf, scn))) {
		GElf_Shdr sh;
		Elf_Data *data;
		size_t entry = gelf_fsize(s->elf, ELF_T_SYM, 1, EV_CURRENT);

		if (!gelf_getshdr(scn, &sh) || entry == 0 ||
		    (sh.sh_type != SHT_SYMTAB && sh.sh_type != SHT_DYNSYM) ||
		    !is_small(s->elf, elf_ndxscn(scn)) ||
		    !is_small(s->elf, sh.sh_link))
			continue;
		data = elf_getdata(scn, NULL);
		if (!data || !data->d_buf || data->d_type != ELF_T_SYM)
			continue;
		s->table = data;
		s->strings = sh.sh_link;
		s->count = data->d_size / entry;
		if (sh.sh_type == SHT_SYMTAB)
			return;
	}
}

/* Sections of line numbers; compressed ones are left alone. */
static void find_lines(struct symbols *s)
{
	struct {
		const char *name;
		struct dwarf_bytes *to;
	} wanted[] = {
		{ ".debug_line", &s->lines.line },
		{ ".debug_str", &s->lines.str },
		{ ".debug_line_str", &s->lines.line_str },
	};
	Elf_Scn *scn = NULL;
	size_t names;

	if (elf_getshdrstrndx(s->elf, &names) != 0 || !is_small(s->elf, names))
		return;
	while ((scn = elf_nextscn(s->elf, scn))) {
		GElf_Shdr sh;
		const char *name;
		Elf_Data *data;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_PROGBITS ||
		    !is_small(s->elf, elf_ndxscn(scn)))
			continue;
		name = elf_strptr(s->elf, names, sh.sh_name);
		for (size_t i = 0; name && i < 3; i++) {
			if (strcmp(name, wanted[i].name) != 0)
				continue;
			data = elf_rawdata(scn, NULL);
			if (data && data->d_buf)
				*wanted[i].to =
					(struct dwarf_bytes){ data->d_buf,
							      data->d_size };
		}
	}
}

/* Only linked files for little-endian machines have addresses to look up. */
static bool is_linked(Elf *elf)
{
	GElf_Ehdr eh;

	return gelf_getehdr(elf, &eh) && eh.e_type != ET_REL &&
	       eh.e_ident[EI_DATA] == ELFDATA2LSB;
}

int symbols_open(struct symbols **ret, int fd, const char *name, struct err *e)
{
	struct symbols *s = calloc(1, sizeof(*s));
	int r;

	if (!s) {
		close(fd);
		return err_set(e, -ENOMEM, "no memory for symbols");
	}
	s->fd = fd;
	/* syscall: fcntl[1=F_GETFD], newfstatat[3=AT_EMPTY_PATH], pread64 */
	elf_version(EV_CURRENT);
	s->elf = elf_begin(s->fd, ELF_C_READ, NULL);
	if (!s->elf || elf_kind(s->elf) != ELF_K_ELF) {
		r = err_set(e, -ENOEXEC, "%s: no symbols: not an ELF file",
			    name);
		goto fail;
	}
	if (elf_getphdrnum(s->elf, &s->phnum) != 0)
		s->phnum = 0;
	if (is_linked(s->elf)) {
		find_table(s);
		find_lines(s);
	}
	if (!s->table && !s->lines.line.at) {
		r = err_set(
			e, -ENOEXEC,
			"%s: no symbols: it is stripped; keep the file the linker wrote",
			name);
		goto fail;
	}
	*ret = s;
	return 0;
fail:
	symbols_close(s);
	return r;
}

void symbols_close(struct symbols *s)
{
	if (!s)
		return;
	dwarf_line_free(&s->lines);
	elf_end(s->elf);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

/* The PT_LOAD segment that covers an address, virtual or physical. */
static bool find_segment(const struct symbols *s, uint64_t addr, bool physical,
			 GElf_Phdr *ret)
{
	for (size_t i = 0; i < s->phnum; i++) {
		uint64_t start;

		if (!gelf_getphdr(s->elf, (int)i, ret) ||
		    ret->p_type != PT_LOAD)
			continue;
		start = physical ? ret->p_paddr : ret->p_vaddr;
		if (addr >= start && addr - start < ret->p_memsz)
			return true;
	}
	return false;
}

bool symbols_has(const struct symbols *s, uint64_t addr)
{
	GElf_Phdr ph;

	return find_segment(s, addr, false, &ph);
}

bool symbols_link_address(const struct symbols *s, uint64_t paddr,
			  uint64_t *ret)
{
	GElf_Phdr ph;

	return find_segment(s, paddr, true, &ph) &&
	       !__builtin_add_overflow(ph.p_vaddr, paddr - ph.p_paddr, ret);
}

/* Does symbol a describe addr better than b, which also covers it? */
static bool is_better(const GElf_Sym *a, const GElf_Sym *b)
{
	if (a->st_value != b->st_value)
		return a->st_value > b->st_value;
	if ((a->st_size == 0) != (b->st_size == 0))
		return a->st_size != 0;
	return GELF_ST_BIND(a->st_info) == STB_GLOBAL &&
	       GELF_ST_BIND(b->st_info) != STB_GLOBAL;
}

static void find_name(struct symbols *s, uint64_t addr,
		      struct symbol_place *ret)
{
	GElf_Sym best = { 0 };
	uint64_t nearest = 0;
	const char *name;
	bool found = false;

	for (size_t i = 1; i < s->count && i < INT32_MAX; i++) {
		GElf_Sym sym;
		unsigned int type;

		if (!gelf_getsym(s->table, (int)i, &sym))
			break;
		type = GELF_ST_TYPE(sym.st_info);
		if (sym.st_shndx == SHN_UNDEF || sym.st_shndx == SHN_ABS ||
		    (type != STT_FUNC && type != STT_OBJECT &&
		     type != STT_NOTYPE) ||
		    addr < sym.st_value)
			continue;
		if (sym.st_value > nearest)
			nearest = sym.st_value;
		if (addr - sym.st_value >=
		    (sym.st_size ? sym.st_size : UNSIZED_REACH))
			continue;
		if (!found || is_better(&sym, &best))
			best = sym;
		found = true;
	}
	/* A symbol without a size ends where the next one begins. */
	if (best.st_size == 0 && nearest > best.st_value)
		return;
	name = found ? elf_strptr(s->elf, s->strings, best.st_name) : NULL;
	if (!name || !*name)
		return;
	snprintf(ret->name, sizeof(ret->name), "%s", name);
	ret->offset = addr - best.st_value;
}

bool symbols_find(struct symbols *s, uint64_t addr, struct symbol_place *ret)
{
	struct dwarf_place p;

	memset(ret, 0, sizeof(*ret));
	if (s->table)
		find_name(s, addr, ret);
	/* Functions that the linker dropped have lines near address 0. */
	if (symbols_has(s, addr) && dwarf_line_find(&s->lines, addr, &p)) {
		memcpy(ret->file, p.file, sizeof(ret->file));
		ret->line = p.line;
	}
	return ret->name[0] || ret->file[0];
}
