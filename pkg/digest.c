// SPDX-License-Identifier: Apache-2.0
// The name of a blob: the SHA-256 of its bytes.
#include "pkg/digest.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

bool digest_is(const char *text)
{
	size_t prefix = strlen(DIGEST_PREFIX);

	return strlen(text) == DIGEST_SIZE - 1 &&
	       !strncmp(text, DIGEST_PREFIX, prefix) &&
	       strspn(text + prefix, "0123456789abcdef") ==
		       DIGEST_SIZE - 1 - prefix;
}

static void write_digits(const unsigned char *sum, char *ret)
{
	size_t prefix = strlen(DIGEST_PREFIX);

	memcpy(ret, DIGEST_PREFIX, prefix);
	sodium_bin2hex(ret + prefix, DIGEST_SIZE - prefix, sum,
		       crypto_hash_sha256_BYTES);
}

void digest_of(const void *bytes, size_t size, char *ret)
{
	unsigned char sum[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(sum, bytes, size);
	write_digits(sum, ret);
}

int digest_of_file(int fd, char *ret, uint64_t *ret_size, struct err *e)
{
	unsigned char sum[crypto_hash_sha256_BYTES], bytes[65536];
	crypto_hash_sha256_state state;
	ssize_t n;

	crypto_hash_sha256_init(&state);
	*ret_size = 0;
	while ((n = pread(fd, bytes, sizeof(bytes), (off_t)*ret_size)) > 0) {
		crypto_hash_sha256_update(&state, bytes, (size_t)n);
		*ret_size += (uint64_t)n;
	}
	if (n < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return err_set(e, -errno, "cannot be read: %s",
			       strerror(errno));
	crypto_hash_sha256_final(&state, sum);
	write_digits(sum, ret);
	return 0;
}
