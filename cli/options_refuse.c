// SPDX-License-Identifier: Apache-2.0
// What is said of a command line that cannot be obeyed.
#include <errno.h>
#include <string.h>

#include "base/units.h"
#include "cli/options.h"

/* The option of this name, or else one that begins so, or else NULL. */
static const struct option_row *find_row(const char *name, size_t len)
{
	const struct option_row *guess = NULL;

	for (const struct option_row *row = options_table(); row->name; row++) {
		if (len == 0 || strncmp(row->name, name, len) != 0)
			continue;
		if (!row->name[len])
			return row;
		if (!guess)
			guess = row;
	}
	return guess;
}

int options_refuse(const char *word, struct err *e)
{
	size_t len = strncmp(word, "--", 2) == 0 ? strcspn(word + 2, "=") : 0;
	const struct option_row *row = find_row(word + 2, len);

	if (!row)
		return err_set(e, -EINVAL, "unknown option %s; see dive --help",
			       word);
	if (row->name[len])
		return err_set(
			e, -EINVAL,
			"unknown option %s; did you mean --%s? See dive --help",
			word, row->name);
	if (row->arg)
		return err_set(e, -EINVAL,
			       "--%s needs a value; see dive --help",
			       row->name);
	return err_set(e, -EINVAL, "--%s takes no value; see dive --help",
		       row->name);
}

int options_number(char *arg, unsigned int min, unsigned int max,
		   unsigned int *ret, struct err *e)
{
	uint64_t n;
	int r = units_number(arg, max, &n, e);

	if (r < 0)
		return r;
	if (n < min)
		return err_set(e, -EINVAL,
			       "%s is too small; the smallest is %u", arg, min);
	*ret = (unsigned int)n;
	return 0;
}

int options_check(struct options *o, struct err *e)
{
	if (o->quiet || o->json || o->run.gdb)
		o->run.hello_ns = 0;
	if (!o->run.image)
		return err_set(
			e, -EINVAL,
			"no kernel given; write dive KERNEL, or see dive --help");
	if (o->run.pinned && o->pins < o->run.cpus)
		return err_set(
			e, -EINVAL,
			"--pin names %u of %u virtual CPUs; name a CPU of the host for each",
			o->pins, o->run.cpus);
	if (o->repeat && o->status_fd >= 0)
		return err_set(
			e, -EINVAL,
			"--status-fd does not go with --repeat; use --json");
	if (o->run.gdb_wait && !o->run.gdb)
		return err_set(e, -EINVAL,
			       "--gdb-wait goes with --gdb only; write "
			       "--gdb tcp::1234 --gdb-wait");
	if (o->repeat && (o->run.gdb || o->core))
		return err_set(e, -EINVAL,
			       "--gdb and --core do not go with --repeat; give "
			       "them to an ordinary run");
	if (o->trace_file && !o->run.trace)
		return err_set(e, -EINVAL,
			       "--trace-file goes with --trace only; write "
			       "--trace exits --trace-file FILE");
	if (o->repeat && (o->run.trace || o->stats || o->timing_svg))
		return err_set(e, -EINVAL,
			       "--trace, --stats and --timing-svg do not go "
			       "with --repeat; give them to an ordinary run");
	if (o->warmup && !o->repeat)
		return err_set(e, -EINVAL,
			       "--warmup goes with --repeat N only");
	if (options_check_pisces(o, e) < 0)
		return e->code;
	return options_check_split(o, e);
}
