// SPDX-License-Identifier: ISC
// terminal ROWS COLUMNS COMMAND [ARGUMENT]...: runs it on a terminal of that
// size, types what comes on standard input, and prints what it prints. Status:
// the command's, 128 and its signal, or 125.
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Return: false when there is no more to read. */
static int copy(int from, int to)
{
	char bytes[4096];
	ssize_t n = read(from, bytes, sizeof(bytes));

	return n > 0 && write(to, bytes, (size_t)n) == n;
}

int main(int argc, char **argv)
{
	struct pollfd at[] = { { .fd = 0, .events = POLLIN },
			       { .events = POLLIN } };
	struct winsize size = { 0 };
	int status;
	pid_t pid;

	if (argc < 4)
		return 125;
	size.ws_row = (unsigned short)strtoul(argv[1], NULL, 10);
	size.ws_col = (unsigned short)strtoul(argv[2], NULL, 10);
	pid = forkpty(&at[1].fd, NULL, NULL, &size);
	if (pid < 0)
		return 125;
	if (!pid) {
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	for (;;) {
		if (poll(at, 2, -1) < 0)
			return 125;
		if (at[0].revents && !copy(0, at[1].fd))
			at[0].fd = -1; /* the terminal is not at its end */
		if (at[1].revents && !copy(at[1].fd, 1))
			break;
	}
	if (waitpid(pid, &status, 0) < 0)
		return 125;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
