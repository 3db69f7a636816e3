// SPDX-License-Identifier: ISC
// A multiboot1 kernel that knows no ACPI: it finds its CPUs in the MP table
// (MultiProcessor Specification 1.4) and starts them itself, as xv6 does.
#include <stddef.h>
#include <stdint.h>

#define COM1       0x3f8
#define VGA        ((volatile uint16_t *)0xb8000)
#define TRAMPOLINE 0x7000u
#define PATIENCE   300000u
#define CPUS_MAX   64

/* Local APIC registers, Intel SDM 3A 11.4. */
#define LAPIC_ID     0x020
#define LAPIC_SVR    0x0f0
#define LAPIC_ICR    0x300
#define LAPIC_ICR_HI 0x310
#define ICR_INIT     0x00004500u /* INIT, asserted */
#define ICR_DEASSERT 0x00008500u
#define ICR_STARTUP  0x00004600u
#define ICR_PENDING  0x00001000u

struct floating { /* MP 4.1 */
	uint8_t signature[4];
	uint32_t table;
	uint8_t length;
	uint8_t revision;
	uint8_t checksum;
	uint8_t feature[5];
};

struct table { /* MP 4.2 */
	uint8_t signature[4];
	uint16_t length;
	uint8_t revision;
	uint8_t checksum;
	uint8_t product[20];
	uint32_t oem;
	uint16_t oem_length;
	uint16_t entries;
	uint32_t lapic;
	uint16_t extended_length;
	uint8_t extended_checksum;
	uint8_t reserved;
};

struct processor { /* MP 4.3.1 */
	uint8_t type;
	uint8_t apicid;
	uint8_t version;
	uint8_t flags; /* 1 usable, 2 the first */
	uint32_t signature;
	uint32_t feature;
	uint32_t reserved[2];
};

extern const uint8_t trampoline[], trampoline_end[];
uint32_t other_stack;
void kernel(const uint32_t *info);
void kernel_other(void);

static uint8_t stacks[CPUS_MAX + 1][1024] __attribute__((aligned(16)));
static volatile uint32_t arrived;
static volatile uint8_t *lapic;
static unsigned int column;

static void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* On the serial line and, white on blue, on the first line of the screen. */
static void put(const char *text)
{
	for (; *text; text++) {
		while (!(inb(COM1 + 5) & 0x20))
			;
		outb(COM1, (uint8_t)*text);
		if (*text != '\n' && column < 80)
			VGA[column++] = (uint16_t)(0x1f00 | (uint8_t)*text);
	}
}

static void put_number(uint32_t value)
{
	char digit[2] = { (char)('0' + value % 10), 0 };

	if (value >= 10)
		put_number(value / 10);
	put(digit);
}

static void stop(uint8_t status)
{
	put("\n");
	outb(0xf4, status);
}

static void __attribute__((noreturn)) fail(const char *why)
{
	put(why);
	stop(1);
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* A word of the BIOS data area; the compiler takes low addresses for NULL. */
static volatile uint16_t *bda(uintptr_t offset)
{
	uintptr_t at = 0x400;

	__asm__("" : "+r"(at));
	return (volatile uint16_t *)(at + offset);
}

static uint8_t sum_of(const void *bytes, size_t count)
{
	const uint8_t *b = bytes;
	uint8_t sum = 0;

	while (count--)
		sum = (uint8_t)(sum + *b++);
	return sum;
}

static int is_text(const uint8_t *at, const char *text)
{
	for (size_t i = 0; i < 4; i++)
		if (at[i] != (uint8_t)text[i])
			return 0;
	return 1;
}

static const struct floating *search(uintptr_t from, size_t size)
{
	for (uintptr_t at = from; at < from + size; at += 16) {
		const struct floating *f = (const struct floating *)at;

		if (is_text(f->signature, "_MP_") && sum_of(f, sizeof(*f)) == 0)
			return f;
	}
	return NULL;
}

/* MP 4: the extended BIOS data area, the end of base memory, the BIOS. */
static const struct table *find_table(void)
{
	uintptr_t ebda = (uintptr_t)*bda(0x0e) << 4;
	uintptr_t base_end = (uintptr_t)*bda(0x13) << 10;
	const struct floating *f = NULL;
	const struct table *t;

	if (ebda)
		f = search(ebda, 1024);
	if (!f && base_end)
		f = search(base_end - 1024, 1024);
	if (!f)
		f = search(0xf0000, 0x10000);
	if (!f)
		fail("no MP table");
	t = (const struct table *)(uintptr_t)f->table;
	if (!is_text(t->signature, "PCMP") || sum_of(t, t->length) != 0)
		fail("the MP table is damaged");
	return t;
}

static uint32_t lapic_read(unsigned int reg)
{
	return *(volatile uint32_t *)(lapic + reg);
}

static void lapic_write(unsigned int reg, uint32_t value)
{
	*(volatile uint32_t *)(lapic + reg) = value;
}

static void send(uint8_t apicid, uint32_t icr)
{
	lapic_write(LAPIC_ICR_HI, (uint32_t)apicid << 24);
	lapic_write(LAPIC_ICR, icr);
	while (lapic_read(LAPIC_ICR) & ICR_PENDING)
		;
}

/* MP B.4: INIT, then start-up at the page of the trampoline, twice. */
static void start_cpu(uint8_t apicid, uint32_t number)
{
	if (number >= CPUS_MAX)
		fail(": too many CPUs");
	other_stack = (uint32_t)(uintptr_t)stacks[number + 1];
	outb(0x70, 0xf); /* shutdown code: jump by 40:67 */
	outb(0x71, 0xa);
	*bda(0x67) = 0;
	*bda(0x69) = TRAMPOLINE >> 4;
	send(apicid, ICR_INIT);
	send(apicid, ICR_DEASSERT);
	for (unsigned int i = 0; i < 2; i++)
		send(apicid, ICR_STARTUP | TRAMPOLINE >> 12);
	for (unsigned int i = 0; arrived != number; i++) {
		if (i == PATIENCE)
			fail("a CPU did not start");
		inb(0x80); /* about a microsecond on a PC */
	}
}

static void copy_trampoline(void)
{
	volatile uint8_t *to = (volatile uint8_t *)(uintptr_t)TRAMPOLINE;

	size_t size = (uintptr_t)trampoline_end - (uintptr_t)trampoline;

	for (size_t i = 0; i < size; i++)
		to[i] = trampoline[i];
}

/* Multiboot 3.3: flag 2 says that there is a command line. */
static int shall_wait(const uint32_t *info)
{
	const char *word = info[0] & 4 ? (const char *)(uintptr_t)info[4] : "";

	while (*word && *word != ' ')
		word++;
	return *word && is_text((const uint8_t *)word + 1, "wait");
}

void kernel(const uint32_t *info)
{
	const struct table *t = find_table();
	const uint8_t *at = (const uint8_t *)(t + 1);
	const uint8_t *end = (const uint8_t *)t + t->length;
	uint32_t cpus = 0, ioapics = 0;

	lapic = (volatile uint8_t *)(uintptr_t)t->lapic;
	lapic_write(LAPIC_SVR, 0x1ff);
	copy_trampoline();
	put("CPUs");
	while (at < end) {
		const struct processor *p = (const struct processor *)at;

		ioapics += p->type == 2;
		if (p->type == 0 && p->flags & 1) {
			put(" ");
			put_number(p->apicid);
			if (!(p->flags & 2))
				start_cpu(p->apicid, ++cpus);
		}
		at += p->type == 0 ? sizeof(*p) : 8;
	}
	if (ioapics != 1 || lapic_read(LAPIC_ID) >> 24 != 0)
		fail(": strange APICs");
	put(" run");
	while (shall_wait(info))
		__asm__ volatile("pause");
	stop(0);
}

/* Another CPU, with the stack that it was given. */
void kernel_other(void)
{
	__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
}
