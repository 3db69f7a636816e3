/* SPDX-License-Identifier: Apache-2.0 */
/* The three machines, and where they differ. */
#ifndef VMM_KIND_H
#define VMM_KIND_H

#include "vmm/machine.h"

/**
 * kind_create() - describe the machine and build its devices
 * @m: config and kind set; board and buses are written
 * @img: the kernel
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check kind_create(struct machine *m, const struct image *img,
			   struct err *e);

/**
 * kind_irqchip() - the interrupt chips in KVM
 * @m: VM open, memory mapped
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check kind_irqchip(struct machine *m, struct err *e);

/**
 * kind_attach() - connect what lies in guest memory
 * @m: image loaded
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check kind_attach(struct machine *m, struct err *e);

/**
 * kind_wait() - until what serves devices outside is ready
 * @m: after kind_create()
 * @e: why it will not be
 *
 * Return: 0 or -errno.
 */
int must_check kind_wait(struct machine *m, struct err *e);

/**
 * kind_trouble() - has a device lost what serves it outside
 * @m: running machine; main thread, lock not held
 * @words: what happened and what it means, if so
 * @size: of @words
 *
 * Return: true once.
 */
bool kind_trouble(struct machine *m, char *words, size_t size);

/**
 * kind_finish() - last words of the machine: report, output
 * @m: stopped
 */
void kind_finish(struct machine *m);

/**
 * kind_free() - release what kind_create() took, but for the devices
 * @m: stopped
 */
void kind_free(struct machine *m);

/* lean.c: the contract machine */

/**
 * lean_board() - describe a contract machine
 * @m: config set; board is written
 * @e: what is wrong with --mem
 *
 * Return: 0 or -EINVAL.
 */
int must_check lean_board(struct machine *m, struct err *e);

/**
 * lean_attach() - connect rings and control page
 * @m: memory mapped and image loaded
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check lean_attach(struct machine *m, struct err *e);

/**
 * lean_doorbell() - the guest rang
 * @cpu: on its thread, lock not held
 */
void lean_doorbell(struct vcpu *cpu);

/**
 * lean_ring() - ring the doorbell to the kernel, if it named one
 * @m: running machine
 *
 * Any thread.
 */
void lean_ring(struct machine *m);

/**
 * lean_handles_shutdown() - will the kernel obey a request
 * @m: any machine
 *
 * Return: true when the kernel has said so.
 */
bool lean_handles_shutdown(const struct machine *m);

/**
 * lean_request_shutdown() - ask the kernel to end
 * @m: running machine; lock not held
 *
 * Return: true when the kernel has said that it obeys.
 */
bool lean_request_shutdown(struct machine *m);

/**
 * lean_report() - add marks and the crash page to the report
 * @m: stopped
 */
void lean_report(struct machine *m);

/* pc.c: the PC board */

/**
 * pc_create() - describe and build the PC board
 * @m: config set; board, buses and pc are written
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check pc_create(struct machine *m, struct err *e);

/**
 * pc_tables() - write ACPI and MP tables
 * @m: memory mapped
 * @e: why not
 *
 * Return: 0 or -errno.
 */
int must_check pc_tables(struct machine *m, struct err *e);

/**
 * pc_join() - format the rings of stdin, stdout and a program's stderr
 * @m: after pc_create(); their streams own nothing in them
 */
void pc_join(struct machine *m);

/**
 * pc_ring() - the devices' end of a program's stream
 * @m: after pc_create()
 * @port: one with bytes
 *
 * Return: as long as the machine is.
 */
struct ring_end *pc_ring(struct machine *m, enum run_port port);

/**
 * pc_console_wires() - what a virtio console is connected to
 * @m: after pc_create()
 *
 * Return: the streams' ends, instead of COM1's.
 */
struct console_wires pc_console_wires(struct machine *m);

/**
 * pc_pci() - the host bridge
 * @m: after pc_create()
 *
 * Return: it.
 */
struct pci *pc_pci(struct machine *m);

/**
 * pc_free() - release what pc_create() took
 * @m: pc may be NULL
 */
void pc_free(struct machine *m);

/* solo5.c: the machine of a Solo5 kernel */

/**
 * solo5_create() - attach its devices, describe the machine
 * @m: config set; board, pio and solo5 are written
 * @img: a Solo5 image
 * @e: names the device or the file
 *
 * Return: 0 or -errno.
 */
int must_check solo5_create(struct machine *m, const struct image *img,
			    struct err *e);

/**
 * solo5_wait() - until its networks are ready
 * @m: after solo5_create()
 * @e: why one will not be
 *
 * Return: 0 or -errno.
 */
int must_check solo5_wait(struct machine *m, struct err *e);

/**
 * solo5_trouble() - see devices_trouble()
 * @m: with a Solo5 kernel
 * @words: what happened
 * @size: of @words
 *
 * Return: true once for each network.
 */
bool solo5_trouble(struct machine *m, char *words, size_t size);

/**
 * solo5_free() - release what solo5_create() took
 * @m: solo5 may be NULL
 */
void solo5_free(struct machine *m);

#endif
