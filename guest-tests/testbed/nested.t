# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# The bed's KVM would let a kernel be a hypervisor; dive does not.
. guest-tests/tap.sh

run 60 build/dive build/kernels/hostile-nested.elf
is "$status$out" '0no hypervisor' 'no VMX and no SVM in the guest'
done_testing
