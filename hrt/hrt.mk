# SPDX-License-Identifier: Apache-2.0
# The Linux side of mode hrt: the partner, a program of Linux; the first process
# of the default Linux, and the image that both are in.

