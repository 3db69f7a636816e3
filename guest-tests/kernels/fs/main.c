// SPDX-License-Identifier: ISC
// Uses a shared directory, as its arguments say:
//   cat NAME             prints a file
//   write NAME WORDS     makes a file of one line
// Speaks FUSE 7.31 over virtio-fs (virtio 1.2, 5.11), no more.
#include <contract/guest/virtio.h>
#include <dive.h>

#define ID_FS    26
#define REQUESTS 1u /* queue; 0 is for what cannot wait */
#define ROOT     1u
#define TRUNCATE 01000u
#define WRITABLE 01u
#define BYTES    4096u

/* Linux include/uapi/linux/fuse.h */
enum {
	FUSE_LOOKUP = 1,
	FUSE_OPEN = 14,
	FUSE_READ = 15,
	FUSE_WRITE = 16,
	FUSE_INIT = 26,
	FUSE_CREATE = 35,
};

struct question {
	uint32_t size;
	uint32_t op;
	uint64_t unique;
	uint64_t node;
	uint32_t uid;
	uint32_t gid;
	uint32_t pid;
	uint32_t padding;
	uint8_t body[64 + BYTES];
};

struct answer {
	uint32_t size;
	int32_t error;
	uint64_t unique;
	uint8_t body[BYTES];
};

struct init {
	uint32_t major;
	uint32_t minor;
	uint32_t readahead;
	uint32_t flags;
};

struct open {
	uint32_t flags;
	uint32_t open_flags;
};

struct create {
	uint32_t flags;
	uint32_t mode;
	uint32_t umask;
	uint32_t open_flags;
};

struct transfer {
	uint64_t handle;
	uint64_t offset;
	uint32_t size;
	uint32_t transfer_flags;
	uint64_t lock_owner;
	uint32_t flags;
	uint32_t padding;
};

#define ENTRY_SIZE 128u /* struct fuse_entry_out; begins with the node */

static struct dive_virtio share;
static struct dive_virtq queue;
static struct question question;
static struct answer answer;

/* Asks about @node, with what is in question.body; bytes of the answer's. */
static uint32_t ask(uint32_t op, uint64_t node, size_t size, const char *what)
{
	question.size = (uint32_t)(offsetof(struct question, body) + size);
	question.op = op;
	question.unique++;
	question.node = node;
	queue.desc[0] =
		(struct dive_virtq_desc){ (uintptr_t)&question, question.size,
					  DIVE_VIRTIO_DESC_NEXT, 1 };
	queue.desc[1] =
		(struct dive_virtq_desc){ (uintptr_t)&answer, sizeof(answer),
					  DIVE_VIRTIO_DESC_WRITE, 0 };
	dive_virtio_offer(&share, REQUESTS, &queue, 0);
	dive_virtio_wait(&share, &queue);
	if (answer.error) {
		dive_log("%s: error %d\n", what, -answer.error);
		dive_exit(1);
	}
	return answer.size - (uint32_t)offsetof(struct answer, body);
}

static uint64_t read_u64(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* Arguments of a request, then a name. */
static size_t put(const void *args, size_t size, const char *name,
		  size_t length)
{
	if (size)
		memcpy(question.body, args, size);
	memcpy(question.body + size, name, length);
	question.body[size + length] = '\0';
	return size + length + 1;
}

static int cat(const char *name, size_t length)
{
	const struct open how = { .flags = 0 };
	struct transfer t = { .size = BYTES };
	uint64_t node;
	uint32_t n;

	ask(FUSE_LOOKUP, ROOT, put(NULL, 0, name, length), "look up");
	node = read_u64(answer.body);
	memcpy(question.body, &how, sizeof(how));
	ask(FUSE_OPEN, node, sizeof(how), "open");
	t.handle = read_u64(answer.body);
	do {
		memcpy(question.body, &t, sizeof(t));
		n = ask(FUSE_READ, node, sizeof(t), "read");
		dive_write(answer.body, n);
		t.offset += n;
	} while (n);
	return 0;
}

static int write_line(const char *name, size_t length, const char *words)
{
	const struct create how = { .flags = TRUNCATE | WRITABLE,
				    .mode = 0100644 };
	struct transfer t = { .size = (uint32_t)strlen(words) + 1 };
	uint64_t node;

	if (t.size > BYTES)
		dive_panic("a line has at most %u bytes", BYTES - 1);
	ask(FUSE_CREATE, ROOT, put(&how, sizeof(how), name, length), "create");
	node = read_u64(answer.body);
	t.handle = read_u64(answer.body + ENTRY_SIZE);
	memcpy(question.body, &t, sizeof(t));
	memcpy(question.body + sizeof(t), words, t.size - 1);
	question.body[sizeof(t) + t.size - 1] = '\n';
	ask(FUSE_WRITE, node, sizeof(t) + t.size, "write");
	return 0;
}

/* The word at *@args, which then points behind it. */
static size_t word(const char **args)
{
	size_t length = 0;

	while ((*args)[length] && (*args)[length] != ' ')
		length++;
	*args += length + ((*args)[length] == ' ');
	return length;
}

int dive_main(const struct dive_boot *boot)
{
	const struct init init = { .major = 7, .minor = 31 };
	const char *verb = boot->args, *name = verb;
	size_t verb_length = word(&name), length;
	const char *rest = name;

	length = word(&rest);
	if (!dive_virtio_find(&share, boot->fdt, ID_FS))
		dive_panic("no directory; give one with dive --share DIR");
	if (!dive_virtio_begin(&share, 0))
		dive_panic("the device wants other features");
	dive_virtio_add_queue(&share, REQUESTS, &queue);
	dive_virtio_start(&share);
	memcpy(question.body, &init, sizeof(init));
	ask(FUSE_INIT, 0, sizeof(init), "init");
	if (length && length < 64 && verb_length == 3 &&
	    memcmp(verb, "cat", 3) == 0)
		return cat(name, length);
	if (length && length < 64 && verb_length == 5 &&
	    memcmp(verb, "write", 5) == 0)
		return write_line(name, length, rest);
	dive_panic("write: cat NAME, or write NAME WORDS");
}
