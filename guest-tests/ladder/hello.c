// SPDX-License-Identifier: Apache-2.0
// The first rung.
#include <stdio.h>

int main(void)
{
	puts("hello");
	return 42;
}
