// SPDX-License-Identifier: ISC
// Hostile: does to both queues of a shared directory what no driver should, and
// says nonsense in FUSE. After each trick, and a reset, a request must have an
// answer: a file system's, or that there is none any more. With an argument, a
// letter, only one trick.
#include <contract/guest/virtio.h>
#include <dive.h>

#define ID_FS       26
#define PATIENCE_US 15000000
#define NOWHERE     0x7ffffffff000ull
#define INDIRECT    4u
#define RING        (1u << 28) /* indirect tables */
#define FUSE_INIT   26u
#define EIO         5

enum {
	URGENT,
	REQUEST,
	QUEUES
};

/* Linux uapi, fuse.h: protocol 7.31 */
struct question {
	uint32_t size;
	uint32_t opcode;
	uint64_t unique;
	uint64_t node;
	uint32_t uid;
	uint32_t gid;
	uint32_t pid;
	uint32_t padding;
	uint32_t init[4]; /* major, minor, readahead, flags */
};

struct answer {
	uint32_t size;
	int32_t error;
	uint64_t unique;
	uint8_t rest[240];
};

static struct dive_virtio fs;
static struct dive_virtq queue[QUEUES];
static struct dive_virtq_desc table[64];
static struct question question;
static struct answer answer;
static uint8_t buffer[65536];
static uint64_t unique;
static bool refused;

#define NEXT  DIVE_VIRTIO_DESC_NEXT
#define WRITE DIVE_VIRTIO_DESC_WRITE

static void begin(void)
{
	fs.regs[DIVE_VIRTIO_STATUS] = 0; /* before its rings become zero */
	memset(queue, 0, sizeof(queue));
	if (!dive_virtio_begin(&fs, RING) && !dive_virtio_begin(&fs, 0))
		dive_panic("the device wants other features");
	for (uint32_t i = 0; i < QUEUES; i++)
		dive_virtio_add_queue(&fs, i, &queue[i]);
	dive_virtio_start(&fs);
}

/* A request as it should be, in descriptors 0 and 1. */
static void ask(uint32_t q, uint32_t opcode)
{
	unique++;
	question = (struct question){
		.size = sizeof(question),
		.opcode = opcode,
		.unique = unique,
		.node = 1,
		.init = { 7, 31, 65536, 0 },
	};
	answer = (struct answer){ .unique = 0 };
	queue[q].desc[0] =
		(struct dive_virtq_desc){ (uintptr_t)&question,
					  sizeof(question), NEXT, 1 };
	queue[q].desc[1] = (struct dive_virtq_desc){ (uintptr_t)&answer,
						     sizeof(answer), WRITE, 0 };
	dive_virtio_offer(&fs, q, &queue[q], 0);
}

static bool still_answers(void)
{
	uint64_t until = dive_now_us() + PATIENCE_US;

	begin();
	ask(REQUEST, FUSE_INIT);
	while (__atomic_load_n(&queue[REQUEST].used_index, __ATOMIC_ACQUIRE) !=
	       1)
		if (dive_now_us() > until)
			return false;
	refused = answer.error == -EIO;
	return answer.unique == unique && (answer.error == 0 || refused);
}

/* Let the device, and its daemon, have a look. */
static void wait_a_little(void)
{
	uint64_t until = dive_now_us() + 20000;

	while (dive_now_us() < until)
		dive_pause();
}

static void offer_both(uint64_t address, uint32_t size, uint16_t flags)
{
	for (uint32_t i = 0; i < QUEUES; i++) {
		queue[i].desc[0] =
			(struct dive_virtq_desc){ address, size, flags, 0 };
		dive_virtio_offer(&fs, i, &queue[i], 0);
	}
}

static void nothing(void)
{
}

/* Requests of every kind there is, and of kinds there are not. */
static void every_opcode(void)
{
	for (uint32_t op = 0; op < 64; op++) {
		ask(REQUEST, op < 60 ? op : op * 0x1234567);
		wait_a_little();
		begin();
	}
}

static void wrong_sizes(void)
{
	static const uint32_t sizes[] = { 0, 1, 39, 40, 65536, UINT32_MAX };

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		ask(REQUEST, FUSE_INIT);
		question.size = sizes[i];
		queue[REQUEST].desc[1].size = i * 4;
		begin();
	}
}

/* FORGET a million, INTERRUPT what is not there: on the urgent queue. */
static void urgent(void)
{
	for (uint32_t i = 0; i < 64; i++) {
		ask(URGENT, i % 2 ? 2 : 36);
		queue[URGENT].desc[0].flags = i % 4 < 2 ? NEXT : 0;
	}
}

static void twice(void)
{
	for (int i = 0; i < 8; i++)
		ask(REQUEST, FUSE_INIT);
}

static void empty(void)
{
	offer_both((uintptr_t)buffer, 0, 0);
}

static void short_one(void)
{
	offer_both((uintptr_t)buffer, 1, 0);
}

static void only_writable(void)
{
	offer_both((uintptr_t)buffer, sizeof(buffer), WRITE);
}

static void endless(void)
{
	offer_both((uintptr_t)buffer, 64, NEXT);
}

static void table_in_itself(void)
{
	for (uint32_t i = 0; i < 64; i++)
		table[i] =
			(struct dive_virtq_desc){ (uintptr_t)table,
						  sizeof(table), INDIRECT, 0 };
	offer_both((uintptr_t)table, sizeof(table), INDIRECT);
}

static void odd_table(void)
{
	offer_both((uintptr_t)table, 17, INDIRECT);
}

static void nowhere(void)
{
	offer_both(NOWHERE, 64, 0);
}

static void wrap(void)
{
	offer_both(~0ull, 2, WRITE);
}

static void huge(void)
{
	offer_both((uintptr_t)buffer, ~0u, WRITE);
}

static void numbers_that_are_not(void)
{
	dive_virtio_offer(&fs, URGENT, &queue[URGENT], 0xffff);
	dive_virtio_offer(&fs, REQUEST, &queue[REQUEST],
			  DIVE_VIRTIO_QUEUE_SIZE);
}

static void jump(void)
{
	for (uint32_t i = 0; i < QUEUES; i++) {
		__atomic_store_n(&queue[i].avail_index, 0x8000,
				 __ATOMIC_SEQ_CST);
		fs.regs[DIVE_VIRTIO_QUEUE_NOTIFY] = i;
	}
}

/* The rings themselves as buffers. */
static void rings(void)
{
	for (uint32_t i = 0; i < QUEUES; i++) {
		queue[i].desc[0] =
			(struct dive_virtq_desc){ (uintptr_t)&question,
						  sizeof(question), NEXT, 1 };
		queue[i].desc[1] =
			(struct dive_virtq_desc){ (uintptr_t)&queue[i],
						  sizeof(queue[i]), WRITE, 0 };
		dive_virtio_offer(&fs, i, &queue[i], 0);
	}
}

static void take_back(void)
{
	for (uint32_t i = 0; i < QUEUES; i++) {
		ask(i, FUSE_INIT);
		fs.regs[DIVE_VIRTIO_QUEUE_SEL] = i;
		fs.regs[DIVE_VIRTIO_QUEUE_READY] = 0;
		fs.regs[DIVE_VIRTIO_QUEUE_NUM] = 4;
		fs.regs[DIVE_VIRTIO_QUEUE_READY] = 1;
		ask(i, FUSE_INIT);
	}
}

/* The queues are gone while the daemon works on them. */
static void reset_under_way(void)
{
	for (int i = 0; i < 20; i++) {
		ask(REQUEST, FUSE_INIT);
		ask(URGENT, FUSE_INIT);
		begin();
	}
}

static void every_register(void)
{
	static const uint32_t values[] = { 0, 1, 0x80, 0x7fffffff, UINT32_MAX };

	for (unsigned int reg = 0; reg < 0x60; reg++)
		for (unsigned int i = 0; i < 5; i++) {
			fs.regs[DIVE_VIRTIO_STATUS] = 0xf;
			fs.regs[reg] = values[i];
		}
}

int dive_main(const struct dive_boot *boot)
{
	static const struct {
		const char *name;
		void (*play)(void);
	} tricks[] = {
		{ "nothing", nothing },
		{ "every opcode", every_opcode },
		{ "wrong sizes", wrong_sizes },
		{ "urgent", urgent },
		{ "twice", twice },
		{ "reset under way", reset_under_way },
		{ "every register", every_register },
		{ "take back", take_back },
		{ "numbers that are not", numbers_that_are_not },
		{ "jump", jump },
		{ "empty", empty },
		{ "short", short_one },
		{ "only writable", only_writable },
		{ "endless", endless },
		{ "table in itself", table_in_itself },
		{ "odd table", odd_table },
		{ "nowhere", nowhere },
		{ "wrap", wrap },
		{ "huge", huge },
		{ "rings", rings },
	};
	bool before = false;
	int bad = 0;

	if (!dive_virtio_find(&fs, boot->fdt, ID_FS))
		dive_panic("there is no shared directory: give --share");
	for (size_t i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++) {
		if (*boot->args && *boot->args != (char)('a' + i))
			continue;
		begin();
		tricks[i].play();
		wait_a_little();
		if (!still_answers()) {
			dive_printf("no answer after %s: error %d\n",
				    tricks[i].name, answer.error);
			bad++;
		}
		if (refused && !before)
			dive_printf("refused after %s\n", tricks[i].name);
		before = refused;
	}
	dive_printf("%zu tricks\n", sizeof(tricks) / sizeof(tricks[0]));
	return bad;
}
