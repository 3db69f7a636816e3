// SPDX-License-Identifier: Apache-2.0
// How people call system calls, their commands, and errors.
#include <asm/errno.h>

#include "table.h"

const char *table_name(uint32_t nr)
{
#define CALL(number, name, kind) [number] = #name,
	static const char *const names[CALLS] = {
#include "../../calls.def"
	};
#undef CALL

	return nr < CALLS ? names[nr] : NULL;
}

const char *table_command(uint32_t nr, uint32_t command)
{
#define COMMAND(number, value, name, kind) { number, value, #name },
	static const struct {
		uint32_t nr;
		uint32_t command;
		const char *name;
	} names[] = {
#include "../../commands.def"
	};
#undef COMMAND

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].nr == nr && names[i].command == command)
			return names[i].name;
	return NULL;
}

const char *table_error(int error)
{
#define ERROR(name) [name] = #name
	static const char *const names[] = {
		ERROR(EPERM),      ERROR(ENOENT),  ERROR(EINTR),
		ERROR(EIO),        ERROR(ENXIO),   ERROR(EBADF),
		ERROR(ECHILD),     ERROR(EAGAIN),  ERROR(ENOMEM),
		ERROR(EACCES),     ERROR(EFAULT),  ERROR(EBUSY),
		ERROR(EEXIST),     ERROR(ENODEV),  ERROR(ENOTDIR),
		ERROR(EISDIR),     ERROR(EINVAL),  ERROR(EMFILE),
		ERROR(ENOTTY),     ERROR(EFBIG),   ERROR(ENOSPC),
		ERROR(ESPIPE),     ERROR(EROFS),   ERROR(EPIPE),
		ERROR(ENOSYS),     ERROR(ENODATA), ERROR(EPROTONOSUPPORT),
		ERROR(EOPNOTSUPP), ERROR(ESRCH),   ERROR(ERANGE),
	};
#undef ERROR

	if (error < 0 || (size_t)error >= sizeof(names) / sizeof(*names))
		return NULL;
	return names[error];
}
