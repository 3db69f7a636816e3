/* SPDX-License-Identifier: Apache-2.0 */
/* Where the structures of virtio over PCI lie; private to pci*.c. */
#ifndef VMM_VIRTIO_PCI_LAYOUT_H
#define VMM_VIRTIO_PCI_LAYOUT_H

/* Offsets in BAR 1: a page for each. */
#define BAR_COMMON 0x0000u
#define BAR_ISR    0x1000u
#define BAR_DEVICE 0x2000u
#define BAR_NOTIFY 0x3000u
#define BAR_MSIX   0x4000u
#define BAR_PBA    0x5000u

#define NOTIFY_STEP 4u /* bytes from one queue's doorbell to the next */

/* Words of an MSI-X table entry, PCI Local Bus 3.0, 6.8.2.6. */
#define MSIX_ADDR    0
#define MSIX_ADDR_HI 1
#define MSIX_DATA    2
#define MSIX_CONTROL 3
#define MSIX_MASKED  1u

#endif
