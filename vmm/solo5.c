// SPDX-License-Identifier: Apache-2.0
// The machine of a Solo5 kernel: one CPU, memory, its devices by name.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/x86.h"
#include "vmm/kind.h"
#include "vmm/plug.h"
#include "vmm/solo5.h"

#define MEM_MAX (UINT64_C(1) << 32)
#define SECTOR  512u
#define MTU     1500u /* of a network that does not say */

/* The device of this name; without a name the next one of this kind. */
static int find_device(const struct solo5 *s, enum solo5_kind kind,
		       const struct run_name *name, unsigned int *ret,
		       struct err *e)
{
	for (unsigned int i = 0; i < s->manifest.count; i++) {
		const struct solo5_device *d = &s->manifest.device[i];

		if (d->kind != kind || d->attached ||
		    (name->size &&
		     (strlen(d->name) != name->size ||
		      memcmp(d->name, name->text, name->size) != 0)))
			continue;
		*ret = i;
		return 0;
	}
	return err_set(e, -EINVAL,
		       "%s %.*s: the kernel has no such device left in its "
		       "manifest",
		       kind == SOLO5_BLOCK ? "--disk" : "--net",
		       (int)name->size, name->size ? name->text : "");
}

static int attach_disk(struct solo5 *s, const struct run_disk *from,
		       struct err *e)
{
	struct solo5_device *d;
	unsigned int i;
	int rc = find_device(s, SOLO5_BLOCK, &from->name, &i, e);

	if (rc)
		return rc;
	/* No ring: the kernel waits for each transfer. */
	rc = disk_open(&s->disk[i], from->path, from->readonly, 0, e);
	if (rc)
		return err_wrap(e, "--disk");
	d = &s->manifest.device[i];
	d->attached = true;
	d->capacity = s->disk[i].size;
	d->block_size = SECTOR;
	return 0;
}

static int attach_net(struct solo5 *s, const struct run_net *from,
		      unsigned int number, struct err *e)
{
	struct solo5_device *d;
	unsigned int i;
	int rc = find_device(s, SOLO5_NET, &from->name, &i, e);

	if (rc)
		return rc;
	rc = net_link_open(&s->link[i], from->spec, number, e);
	if (rc)
		return rc;
	d = &s->manifest.device[i];
	d->attached = true;
	d->mtu = s->link[i].cable->mtu ? s->link[i].cable->mtu : MTU;
	memcpy(d->mac, s->link[i].spec.mac, sizeof(d->mac));
	return 0;
}

static int attach_all(struct solo5 *s, const struct run_config *c,
		      struct err *e)
{
	int rc = 0;

	for (unsigned int i = 0; i < c->disks && !rc; i++)
		rc = attach_disk(s, &c->disk[i], e);
	for (unsigned int i = 0; i < c->nets && !rc; i++)
		rc = attach_net(s, &c->net[i], i, e);
	return rc;
}

/* A Solo5 kernel relies on every device that it names. */
static int check_complete(const struct solo5 *s, struct err *e)
{
	for (unsigned int i = 1; i < s->manifest.count; i++) {
		const struct solo5_device *d = &s->manifest.device[i];

		if (d->attached)
			continue;
		if (d->kind == SOLO5_BLOCK)
			return err_set(e, -EINVAL,
				       "the kernel needs a disk '%s': give "
				       "--disk %s:FILE",
				       d->name, d->name);
		if (d->kind == SOLO5_NET)
			return err_set(e, -EINVAL,
				       "the kernel needs a network '%s': give "
				       "--net %s:user",
				       d->name, d->name);
		return err_set(e, -ENOEXEC,
			       "the kernel needs a device '%s' of a kind that "
			       "is not known here (%u)",
			       d->name, d->kind);
	}
	return 0;
}

static int check_machine(const struct run_config *c, struct err *e)
{
	if (c->cpus != 1)
		return err_set(e, -EINVAL,
			       "a Solo5 kernel has one CPU: leave out --cpus");
	if (c->rng || c->shares || c->virtio_console)
		return err_set(e, -EINVAL,
			       "a Solo5 kernel has no virtio devices: leave "
			       "out --rng, --share and --virtio-console");
	if (c->mem_base || c->mem_size % PAGE_2M || c->mem_size == 0 ||
	    c->mem_size > MEM_MAX)
		return err_set(e, -EINVAL,
			       "--mem of a Solo5 kernel is a multiple of 2M, "
			       "starts at 0 and is 4G at most");
	return 0;
}

static void on_changed(void *ctx)
{
	struct machine *m = ctx;

	if (!streams_running(&m->streams))
		return; /* the CPU's thread writes for itself, lock held */
	pthread_mutex_lock(&m->lock);
	pthread_cond_broadcast(&m->space);
	pthread_mutex_unlock(&m->lock);
}

static void wire_streams(struct machine *m)
{
	struct streams *s = &m->streams;

	plug_streams(m);
	s->outs = 1;
	s->in.fd = -1;
	s->changed = on_changed;
	s->lost = plug_lost;
	plug_join(m->solo5->memory, &m->solo5->out, &s->out[0].ring);
}

static int alloc_state(struct machine *m, struct err *e)
{
	struct solo5 *s = calloc(1, sizeof(*s));
	sigset_t signals;

	m->solo5 = s;
	if (!s)
		return err_set(e, -ENOMEM, "no memory for the devices");
	for (unsigned int i = 0; i < SOLO5_DEVICES_MAX; i++)
		s->disk[i].fd = -1;
	/* All signals are blocked in dive; these can be waited for by poll(). */
	watch_set(m, &signals);
	s->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signals < 0)
		return err_set(e, -errno, "no descriptor for signals: %s",
			       strerror(errno));
	s->memory = calloc(1, PLUG_RING_BYTES);
	return s->memory ? 0 : err_set(e, -ENOMEM, "no memory for the console");
}

int solo5_create(struct machine *m, const struct image *img, struct err *e)
{
	const struct run_config *c = m->config;
	struct hvt_wires wires;
	struct solo5 *s;
	int rc = check_machine(c, e);

	m->board = (struct board){ .mode = "fullvm", .cpus = c->cpus };
	if (rc == 0)
		rc = alloc_state(m, e);
	s = m->solo5;
	if (rc == 0)
		rc = solo5_manifest_read(img, &s->manifest, e);
	if (rc == 0)
		rc = attach_all(s, c, e);
	if (rc == 0)
		rc = check_complete(s, e);
	if (rc)
		return rc;
	m->board.range[0] = (struct board_range){ 0, c->mem_size, RANGE_RAM };
	m->board.ranges = 1;
	m->board.solo5 = &s->manifest;
	wire_streams(m);
	wires = solo5_wires(m);
	hvt_attach(&s->hvt, &m->pio, &s->manifest, &wires);
	return 0;
}

int solo5_wait(struct machine *m, struct err *e)
{
	struct solo5 *s = m->solo5;
	int rc = 0;

	for (unsigned int i = 0; i < s->manifest.count && !rc; i++)
		if (s->link[i].cable)
			rc = net_link_wait(&s->link[i], e);
	return rc;
}

bool solo5_trouble(struct machine *m, char *words, size_t size)
{
	struct solo5 *s = m->solo5;

	for (unsigned int i = 0; i < s->manifest.count; i++) {
		if (!s->error[i] || s->told[i])
			continue;
		s->told[i] = true;
		net_link_lost(&s->link[i], s->error[i], words, size);
		return true;
	}
	return false;
}

void solo5_free(struct machine *m)
{
	struct solo5 *s = m->solo5;

	if (!s)
		return;
	for (unsigned int i = 0; i < SOLO5_DEVICES_MAX; i++) {
		disk_close(&s->disk[i]);
		net_link_close(&s->link[i]);
	}
	if (s->signals >= 0)
		close(s->signals);
	free(s->memory);
	free(s);
	m->solo5 = NULL;
}
