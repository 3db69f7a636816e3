// SPDX-License-Identifier: Apache-2.0
// What differs between the machines: contract, PC, Solo5.
#include <errno.h>

#include "vmm/kind.h"
#include "vmm/plug.h"
#include "vmm/window.h"

/* Names are Solo5's. */
static int check_devices(const struct run_config *c, struct err *e)
{
	bool named = false;

	for (unsigned int i = 0; i < c->disks; i++)
		named = named || c->disk[i].name.size;
	for (unsigned int i = 0; i < c->nets; i++)
		named = named || c->net[i].name.size;
	if (!named)
		return 0;
	return err_set(e, -ENOEXEC,
		       "names of disks and networks are for Solo5 kernels");
}

int kind_create(struct machine *m, const struct image *img, struct err *e)
{
	int rc;

	if (m->kind == MACHINE_SOLO5) {
		rc = window_create(m, e);
		return rc ? rc : solo5_create(m, img, e);
	}
	rc = check_devices(m->config, e);
	if (!rc)
		rc = m->kind == MACHINE_LEAN ? lean_board(m, e)
					     : pc_create(m, e);
	if (!rc)
		rc = window_create(m, e);
	return rc ? rc : devices_create(m, e);
}

int kind_irqchip(struct machine *m, struct err *e)
{
	switch (m->kind) {
	case MACHINE_PC:
		return vm_irqchip_pc(&m->vm, e);
	case MACHINE_LEAN:
		return vm_irqchip_split(&m->vm, e);
	default:
		return 0;
	}
}

int kind_attach(struct machine *m, struct err *e)
{
	int rc = m->kind == MACHINE_LEAN ? lean_attach(m, e) : 0;

	return rc ? rc : window_attach(m, e);
}

int kind_wait(struct machine *m, struct err *e)
{
	return m->solo5 ? solo5_wait(m, e) : devices_wait(m, e);
}

bool kind_trouble(struct machine *m, char *words, size_t size)
{
	return m->solo5 ? solo5_trouble(m, words, size)
			: devices_trouble(m, words, size);
}

void kind_finish(struct machine *m)
{
	if (m->kind == MACHINE_LEAN)
		lean_report(m);
	else
		plug_flush(m);
}

void kind_free(struct machine *m)
{
	window_free(m);
	pc_free(m);
	solo5_free(m);
}
