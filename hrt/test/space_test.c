// SPDX-License-Identifier: Apache-2.0
// Unit tests of the memory of Minnow's program: what it has been given is
// compared with a simple model, and with what the page tables say.
#include "hrt/test/space_rig.h"

/* What a page should be; rights -1: there is none. */
struct model {
	int rights;
	uint8_t value;
};

static struct model model[PAGES];

static int set_up(void **state)
{
	size_t size = DIVE_DELEGATE_MEMORY + PIECES * DIVE_PIECE;

	(void)state;
	boot.window.start = (uintptr_t)aligned_alloc(DIVE_PIECE, size);
	boot.window.size = size;
	if (!boot.window.start)
		return -1;
	/* What is there when the kernel is booted again. */
	memset((void *)boot.window.start, 0xaa, size);
	channel_area()->kernel_boot = 2;
	boot.memory_count = 1;
	boot.memory[0] = (struct dive_range){ 4ull << 30, 64 << 20 };
	for (size_t i = 0; i < PAGES; i++)
		model[i].rights = -1;
	return space_init(&boot.window);
}

static int tear_down(void **state)
{
	(void)state;
	free((void *)boot.window.start);
	free(space_list.vma);
	free(pieces);
	free(heads);
	space_list = (struct vma_list){ 0 };
	return 0;
}

static void model_set(uintptr_t va, size_t size, int rights)
{
	for (size_t i = page_of(va); i < page_of(va) + size / PAGE_SIZE; i++)
		model[i] = (struct model){ rights, 0 };
}

static bool model_is(uintptr_t va, size_t size, bool mapped)
{
	for (size_t i = page_of(va); i < page_of(va) + size / PAGE_SIZE; i++)
		if ((model[i].rights >= 0) != mapped)
			return false;
	return true;
}

/* One page: the list, the tables, the contents. */
static void check_page(size_t i)
{
	uintptr_t va = FIRST + i * PAGE_SIZE;
	const struct vma *v = vma_at(&space_list, va);
	const struct piece *piece = piece_at(va);
	uint8_t value[2];

	if (model[i].rights < 0) {
		assert_null(v);
		assert_int_equal(entries[i].pa, 0);
		assert_false(space_read(value, va, 1));
		return;
	}
	assert_non_null(v);
	assert_int_equal(v->rights, model[i].rights);
	if (!piece) {
		assert_int_equal(entries[i].pa, 0);
		assert_int_equal(model[i].value, 0);
		return;
	}
	assert_int_equal(entries[i].pa, (uintptr_t)piece_memory(piece, va));
	assert_int_equal(entries[i].rights, model[i].rights);
	memcpy(value, piece_memory(piece, va), 1);
	memcpy(value + 1, piece_memory(piece, va + PAGE_SIZE - 1), 1);
	assert_int_equal(value[0], model[i].value);
	assert_int_equal(value[1], model[i].value);
}

static void check_list(void)
{
	for (size_t i = 1; i < space_list.count; i++) {
		const struct vma *a = &space_list.vma[i - 1], *b = a + 1;

		assert_true(a->start < a->end && a->end <= b->start);
		assert_false(is_like(a, b));
	}
}

static void check_all(void)
{
	uint64_t used = 0;

	check_list();
	for (size_t i = 0; i < PAGES; i++)
		check_page(i);
	for (size_t s = 0; s < SLOTS; s++) {
		uintptr_t va = FIRST + s * DIVE_PIECE;
		const struct piece *piece = piece_at(va);

		used += piece != NULL;
		/* A piece without any range is free again. */
		assert_true(!piece || !model_is(va, DIVE_PIECE, false));
		assert_true(!piece || !piece->is_shared || is_shared[s]);
	}
	assert_int_equal(used + piece_free_count(), PIECES);
}

/* --- what is tried ----------------------------------------------------------- */

static uint64_t seed;

static uint64_t random_below(uint64_t limit)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (seed >> 33) % limit;
}

static uint32_t random_rights(void)
{
	static const uint32_t rights[] = { 0, PAGE_READ, PAGE_READ | PAGE_WRITE,
					   PAGE_READ | PAGE_WRITE,
					   PAGE_READ | PAGE_EXEC };

	return rights[random_below(sizeof(rights) / sizeof(rights[0]))];
}

/* Often up to the ends of pieces, where the cases are. */
static void random_range(uintptr_t *va, size_t *size)
{
	size_t first, pages;

	if (random_below(3)) {
		first = random_below(PAGES);
		pages = 1 + random_below(random_below(2) ? 20 : 1200);
	} else {
		first = random_below(SLOTS) * IN_SLOT;
		pages = (1 + random_below(3)) * IN_SLOT;
	}
	if (pages > PAGES - first)
		pages = PAGES - first;
	*va = FIRST + first * PAGE_SIZE;
	*size = pages * PAGE_SIZE;
}

static void try_map(uintptr_t va, size_t size)
{
	struct space_request r = { .va = va,
				   .size = size,
				   .rights = random_rights(),
				   .is_fixed = true,
				   .may_replace = random_below(2) };
	bool is_free = model_is(va, size, false);
	int64_t ret = space_map(&r);

	if (ret == -ENOMEM) {
		/* What was there may be gone, as in Linux. */
		assert_true(r.rights & PAGE_WRITE);
		if (r.may_replace)
			model_set(va, size, -1);
		return;
	}
	if (!is_free && !r.may_replace) {
		assert_int_equal(ret, -EEXIST);
		return;
	}
	assert_int_equal(ret, va);
	model_set(va, size, (int)r.rights);
}

static void try_protect(uintptr_t va, size_t size)
{
	uint32_t rights = random_rights();
	int ret = space_protect(va, size, rights);

	if (!model_is(va, size, true)) {
		assert_int_equal(ret, -ENOMEM);
		return;
	}
	if (ret) {
		assert_int_equal(ret, -ENOMEM);
		assert_true(rights & PAGE_WRITE);
		return;
	}
	for (size_t i = page_of(va); i < page_of(va) + size / PAGE_SIZE; i++)
		model[i].rights = (int)rights;
}

static void try_zero(uintptr_t va, size_t size)
{
	int ret = space_zero(va, size);

	if (!model_is(va, size, true)) {
		assert_int_equal(ret, -ENOMEM);
		return;
	}
	assert_int_equal(ret, 0);
	for (size_t i = page_of(va); i < page_of(va) + size / PAGE_SIZE; i++)
		model[i].value = 0;
}

static void fill(uintptr_t va, uint8_t value)
{
	uint8_t bytes[PAGE_SIZE];
	size_t i = page_of(va);
	bool may = model[i].rights >= 0 && model[i].rights & PAGE_WRITE;

	memset(bytes, value, sizeof(bytes));
	if (space_write(va, bytes, sizeof(bytes))) {
		assert_true(may);
		model[i].value = value;
	} else if (may) {
		assert_int_equal(piece_free_count(), 0);
	}
}

static void try_touch(uintptr_t va, size_t size)
{
	struct frame frame = { .error = FAULT_WRITE };
	size_t i = page_of(va);
	bool may = model[i].rights >= 0 && model[i].rights & PAGE_WRITE;

	for (size_t at = 0; at < size; at += 37 * PAGE_SIZE)
		fill(va + at, (uint8_t)random_below(256));
	/* With no piece free the program would be ended. */
	if (!may || piece_at(va) || piece_free_count())
		assert_int_equal(space_fault(&frame, va + 5), may);
}

static void try_allows(uintptr_t va, size_t size)
{
	uint32_t rights = random_rights();
	bool may = true;

	for (size_t i = page_of(va); i < page_of(va) + size / PAGE_SIZE; i++)
		may &= model[i].rights >= 0 &&
		       ((uint32_t)model[i].rights & rights) == rights;
	if (space_allows(va, size, rights)) {
		assert_true(may);
		assert_true(piece_at(va)->is_shared);
	} else if (may) {
		assert_int_equal(piece_free_count(), 0);
	}
}

static void try_move(uintptr_t va, size_t size)
{
	size_t first = page_of(va), pages = size / PAGE_SIZE;
	struct model moved[PAGES];
	uintptr_t to;
	size_t new_size;
	int64_t ret;

	random_range(&to, &new_size);
	if (new_size <= size || (to < va + size && va < to + new_size))
		return;
	memcpy(moved, model + first, pages * sizeof(*moved));
	ret = space_move(va, size, new_size, to, true);
	if (ret == -EFAULT)
		return;
	if (ret == -ENOMEM) {
		/* The place was made free for it. */
		for (size_t i = page_of(to);
		     i < page_of(to) + new_size / PAGE_SIZE; i++)
			if (!vma_at(&space_list, FIRST + i * PAGE_SIZE))
				model[i] = (struct model){ -1, 0 };
		return;
	}
	assert_int_equal(ret, to);
	model_set(to, new_size, moved[0].rights);
	memcpy(model + page_of(to), moved, pages * sizeof(*moved));
	model_set(va, size, -1);
}

static void try_something(void)
{
	uintptr_t va;
	size_t size;

	random_range(&va, &size);
	switch (random_below(8)) {
	case 0:
		assert_int_equal(space_unmap(va, size), 0);
		model_set(va, size, -1);
		break;
	case 1:
	case 2:
		try_map(va, size);
		break;
	case 3:
		try_protect(va, size);
		break;
	case 4:
		try_zero(va, size);
		break;
	case 5:
		try_allows(va, size);
		break;
	case 6:
		try_move(va, size);
		break;
	default:
		try_touch(va, size);
	}
}

static void test_random(void **state)
{
	(void)state;
	for (int round = 1; round < 4; round++) {
		seed = (uint64_t)round;
		for (int i = 0; i < 400; i++) {
			try_something();
			if (i % 4 == 0)
				check_all();
		}
		space_unmap(FIRST, SLOTS * DIVE_PIECE);
		model_set(FIRST, SLOTS * DIVE_PIECE, -1);
		check_all();
		assert_int_equal(piece_free_count(), PIECES);
	}
}

static void test_places(void **state)
{
	struct space_request r = { .size = 3 * PAGE_SIZE };
	int64_t first = space_map(&r), second, low;

	(void)state;
	assert_int_equal(first, SPACE_MAPS - 3 * PAGE_SIZE);
	r.size = DIVE_PIECE + PAGE_SIZE;
	second = space_map(&r);
	assert_int_equal(second % (int64_t)DIVE_PIECE, 0);
	r.is_low = true;
	low = space_map(&r);
	assert_true(low > 0 && low < (int64_t)SPACE_LOW_MAPS);
	/* The kernel's memory, the window, what is below and above. */
	r.is_fixed = r.may_replace = true;
	r.is_low = false;
	for (int i = 0; i < 4; i++) {
		const uintptr_t va[] = { boot.memory[0].start,
					 boot.window.start, PAGE_SIZE,
					 DIVE_PROGRAM_END - PAGE_SIZE };

		r.va = va[i];
		assert_int_equal(space_map(&r), -ENOMEM);
	}
	r.va = SPACE_LOW_MAPS;
	r.size = 4ull << 30;
	assert_int_equal(space_map(&r), -ENOMEM);
	assert_int_equal(space_unmap(boot.memory[0].start, PAGE_SIZE), -EINVAL);
	/* space_clear() forgets it, without any page of it being mapped. */
	space_list.count = 0;
	exclude_kernel();
	check_list();
}

static void test_strings(void **state)
{
	struct space_request r = { .va = FIRST,
				   .size = 2 * PAGE_SIZE,
				   .rights = PAGE_READ | PAGE_WRITE,
				   .is_fixed = true };
	uintptr_t end = FIRST + 2 * PAGE_SIZE;
	size_t length;

	(void)state;
	assert_int_equal(space_map(&r), FIRST);
	assert_true(space_write(end - 6, "word", 5));
	assert_true(space_string(end - 6, 100, &length));
	assert_int_equal(length, 4);
	assert_true(space_write(end - 6, "words!", 6));
	assert_false(space_string(end - 6, 100, &length));
	assert_true(space_string(end - 6, 6, &length));
	assert_int_equal(length, 6);
	assert_false(space_string(8, 100, &length));
	assert_false(space_string(UINTPTR_MAX - 3, 100, &length));
	assert_false(space_allows(UINTPTR_MAX - 3, 100, 0));
	assert_int_equal(space_unmap(FIRST, 2 * PAGE_SIZE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_places, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_strings, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
