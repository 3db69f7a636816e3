// SPDX-License-Identifier: Apache-2.0
// Keeps out of the static dive what its libraries bring and it never uses.
//
// The archives come in whole objects: pthread_create() of glibc refers to one
// pointer of the DNS resolver (64 KiB), libelf's decompression shares a file
// with its compression (36 KiB of zlib). A definition here is taken first. Weak:
// it gives way where an archive's own is needed after all. Hidden: in a dynamic
// link it is nobody else's.

#define TRIM __attribute__((weak, visibility("hidden")))

/* "Stream error", what zlib says of a stream that was never opened. */
#define STREAM_ERROR (-2)

/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
TRIM __thread void *__libc_resp;

/*
 * Where the program lies, for dlopen(): a system call of each start. A failure
 * is (char *)-1.
 */
/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
const char *_dl_get_origin(void);

/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
TRIM const char *_dl_get_origin(void)
{
	return (const char *)-1;
}

int deflate(void *stream, int flush);
int deflateInit_(void *stream, int level, const char *version, int size);
int deflateReset(void *stream);
int deflateEnd(void *stream);

TRIM int deflate(void *stream, int flush)
{
	(void)stream;
	(void)flush;
	return STREAM_ERROR;
}

TRIM int deflateInit_(void *stream, int level, const char *version, int size)
{
	(void)stream;
	(void)level;
	(void)version;
	(void)size;
	return STREAM_ERROR;
}

TRIM int deflateReset(void *stream)
{
	(void)stream;
	return STREAM_ERROR;
}

TRIM int deflateEnd(void *stream)
{
	(void)stream;
	return STREAM_ERROR;
}
