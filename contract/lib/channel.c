// SPDX-License-Identifier: ISC
// Channel of contract section 12: each side writes its own line, trusts none.
#include "channel.h"

/*
 * What is said (request, reply) and what is asked for (sleeps) are written and
 * read in one order that both sides agree on: else each could miss the other
 * (Dekker), on x86 too. The payload lies behind its number.
 */
static uint32_t load(const uint32_t *field)
{
	return __atomic_load_n(field, __ATOMIC_SEQ_CST);
}

static void store(uint32_t *field, uint32_t value)
{
	__atomic_store_n(field, value, __ATOMIC_SEQ_CST);
}

/* The other side may write at any time: fetched once, and not invented. */
static uint64_t fetch(const uint64_t *field)
{
	return __atomic_load_n(field, __ATOMIC_RELAXED);
}

static void put(uint64_t *field, uint64_t value)
{
	__atomic_store_n(field, value, __ATOMIC_RELAXED);
}

void channel_attach(struct channel_end *end, struct dive_channel *channel,
		    bool is_kernel)
{
	end->channel = channel;
	end->number = load(is_kernel ? &channel->reply : &channel->request);
	store(is_kernel ? &channel->request : &channel->reply, end->number);
	store(is_kernel ? &channel->kernel_sleeps : &channel->partner_sleeps,
	      0);
}

bool channel_post(struct channel_end *end, const struct channel_call *call)
{
	struct dive_channel *c = end->channel;

	__atomic_store_n(&c->type, call->type, __ATOMIC_RELAXED);
	__atomic_store_n(&c->nr, call->nr, __ATOMIC_RELAXED);
	for (int i = 0; i < 6; i++)
		put(&c->arg[i], call->arg[i]);
	store(&c->request, ++end->number);
	return load(&c->partner_sleeps);
}

bool channel_poll(const struct channel_end *end, struct channel_call *call)
{
	const struct dive_channel *c = end->channel;

	if (load(&c->reply) != end->number)
		return false;
	call->result = (int64_t)fetch((const uint64_t *)&c->result);
	call->service = fetch(&c->service);
	return true;
}

bool channel_take(struct channel_end *end, struct channel_call *call)
{
	const struct dive_channel *c = end->channel;
	uint32_t number = load(&c->request);

	if (number == end->number)
		return false;
	end->number = number;
	call->type = __atomic_load_n(&c->type, __ATOMIC_RELAXED);
	call->nr = __atomic_load_n(&c->nr, __ATOMIC_RELAXED);
	for (int i = 0; i < 6; i++)
		call->arg[i] = fetch(&c->arg[i]);
	return true;
}

bool channel_reply(struct channel_end *end, const struct channel_call *call)
{
	struct dive_channel *c = end->channel;

	put((uint64_t *)&c->result, (uint64_t)call->result);
	put(&c->service, call->service);
	store(&c->reply, end->number);
	return load(&c->kernel_sleeps);
}

void channel_kernel_sleeps(struct channel_end *end, bool sleeps)
{
	store(&end->channel->kernel_sleeps, sleeps);
}

void channel_partner_sleeps(struct channel_end *end, bool sleeps)
{
	store(&end->channel->partner_sleeps, sleeps);
}
