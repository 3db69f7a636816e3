// SPDX-License-Identifier: Apache-2.0
// The virtio devices that the user asked for. Nothing of it exists when there
// are none.
#include "vmm/devices.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/kind.h"

#define WORD_MAX 64u /* bytes of one announcement */

static int add_disks(struct machine *m, struct err *e)
{
	const struct run_config *c = m->config;
	struct devices *ds = m->devices;
	int rc = 0;

	for (unsigned int i = 0; i < c->disks && !rc; i++) {
		struct blk *b = &ds->disk[i];

		ds->disks++;
		rc = blk_open(b, &ds->mem, c->disk[i].path, c->disk[i].readonly,
			      e);
		if (!rc && b->disk.async)
			rc = loop_add(&ds->loop, &b->disk.watch, e);
		if (!rc)
			rc = devices_attach(m, &b->device, e);
	}
	return rc;
}

static int add_shares(struct machine *m, struct err *e)
{
	const struct run_config *c = m->config;
	struct devices *ds = m->devices;
	int rc = 0;

	for (unsigned int i = 0; i < c->shares && !rc; i++) {
		struct share *s = &ds->share[i];

		ds->shares++;
		rc = share_open(s, &c->share[i], &ds->mem, e);
		if (!rc)
			rc = devices_attach(m, &s->fs.vhost.dev, e);
	}
	return rc;
}

/* I/O thread, lock held: the main thread has words for the user. */
static void wake_main(void *ctx)
{
	struct machine *m = ctx;

	pthread_kill(m->main, RUN_KICK);
}

static int connect_shares(struct machine *m, struct err *e)
{
	const struct share_wires wires = { .ram = m->ram,
					   .ram_fd = m->ram_fd,
					   .window = &m->config->window,
					   .loop = &m->devices->loop,
					   .wake = wake_main,
					   .ctx = m };
	int rc = 0;

	for (unsigned int i = 0; i < m->devices->shares && !rc; i++)
		rc = share_connect(&m->devices->share[i], &wires, e);
	return rc;
}

static int add_networks(struct machine *m, struct err *e)
{
	const struct run_config *c = m->config;
	struct devices *ds = m->devices;
	int rc = 0;

	for (unsigned int i = 0; i < c->nets && !rc; i++) {
		struct network *n = &ds->network[i];

		n->wake = wake_main;
		n->ctx = m;
		ds->networks++;
		rc = network_open(n, c->net[i].spec, i, &ds->mem, e);
		if (!rc)
			rc = virtio_net_watch(&n->card, &ds->loop, e);
		if (!rc)
			rc = devices_attach(m, &n->card.device, e);
	}
	return rc;
}

/* Linux Documentation/admin-guide/kernel-parameters.txt; behind "--" it would
 * go to init. */
static int announce(struct machine *m, struct devices *ds, struct err *e)
{
	const char *words = m->config->cmdline;
	const char *rest = strstr(words, " -- ");
	size_t size = strlen(words) + m->board.virtios * WORD_MAX + 1;
	char *to;

	if (!m->pc || !m->board.virtios)
		return 0;
	ds->cmdline = to = malloc(size);
	if (!to)
		return err_set(e, -ENOMEM, "no memory for boot arguments");
	rest = rest ? rest : words + strlen(words);
	to = mempcpy(to, words, (size_t)(rest - words));
	for (unsigned int i = 0; i < m->board.virtios; i++) {
		const struct board_virtio *v = &m->board.virtio[i];

		to += snprintf(to, WORD_MAX,
			       "%svirtio_mmio.device=0x%" PRIx64 "@0x%" PRIx64
			       ":%u",
			       to == ds->cmdline ? "" : " ", v->size, v->gpa,
			       v->irq);
	}
	memcpy(to, rest, strlen(rest) + 1);
	return 0;
}

const char *devices_cmdline(const struct machine *m)
{
	return m->devices && m->devices->cmdline ? m->devices->cmdline
						 : m->config->cmdline;
}

int devices_create(struct machine *m, struct err *e)
{
	const struct run_config *c = m->config;
	struct console_wires wires;
	struct devices *ds;
	int rc;

	if (!c->disks && !c->nets && !c->rng && !c->virtio_console &&
	    !c->shares && !(c->program && m->pc))
		return 0;
	if (c->virtio_console && !m->pc)
		return err_set(e, -EINVAL,
			       "--virtio-console is for foreign kernels: a "
			       "contract kernel has rings");
	m->devices = ds = calloc(1, sizeof(*ds));
	if (!ds)
		return err_set(e, -ENOMEM, "no memory for devices");
	rc = loop_open(&ds->loop, &m->lock, e);
	if (!rc)
		rc = add_disks(m, e);
	if (!rc)
		rc = add_networks(m, e);
	if (!rc)
		rc = add_shares(m, e);
	if (!rc && c->rng) {
		rng_init(&ds->rng, &ds->mem);
		rc = devices_attach(m, &ds->rng.device, e);
	}
	if (!rc && devices_console(m)) {
		wires = pc_console_wires(m);
		console_init(&ds->console, &ds->mem, &wires);
		rc = devices_attach(m, &ds->console.device, e);
	}
	return rc ? rc : announce(m, ds, e);
}

struct console *devices_console(const struct machine *m)
{
	const struct run_config *c = m->config;

	return m->pc && (c->virtio_console || c->program) ? &m->devices->console
							  : NULL;
}

int devices_map(struct machine *m, struct err *e)
{
	int rc = 0;

	if (!m->devices)
		return 0;
	for (unsigned int i = 0; i < m->mem.count && !rc; i++)
		if (!m->mem.region[i].readonly)
			rc = gmem_add(&m->devices->mem, &m->mem.region[i], e);
	return rc ? rc : connect_shares(m, e);
}

int devices_wait(struct machine *m, struct err *e)
{
	struct devices *ds = m->devices;
	int rc = 0;

	for (unsigned int i = 0; ds && i < ds->networks && !rc; i++)
		rc = net_link_wait(&ds->network[i].link, e);
	return rc;
}

bool devices_trouble(struct machine *m, char *words, size_t size)
{
	struct devices *ds = m->devices;

	for (unsigned int i = 0; ds && i < ds->networks; i++)
		if (network_trouble(&ds->network[i], words, size))
			return true;
	for (unsigned int i = 0; ds && i < ds->shares; i++)
		if (share_trouble(&ds->share[i], words, size))
			return true;
	return false;
}

void devices_stop(struct machine *m)
{
	if (!m->devices)
		return;
	loop_stop(&m->devices->loop);
	for (unsigned int i = 0; i < m->devices->slots; i++) {
		struct virtio_device *d = m->devices->slot[i].device;

		/* What the kernel has asked for is done, as at a power off. */
		if (d->ops->stop)
			d->ops->stop(d);
	}
}

void devices_free(struct machine *m)
{
	struct devices *ds = m->devices;

	if (!ds)
		return;
	for (unsigned int i = 0; i < ds->disks; i++)
		blk_close(&ds->disk[i]);
	for (unsigned int i = 0; i < ds->networks; i++)
		network_close(&ds->network[i]);
	for (unsigned int i = 0; i < ds->shares; i++)
		share_close(&ds->share[i]);
	for (unsigned int i = 0; i < ds->slots; i++)
		devices_detach(&ds->slot[i]);
	loop_close(&ds->loop);
	free(ds->cmdline);
	free(ds);
	m->devices = NULL;
}
