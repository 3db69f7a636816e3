// SPDX-License-Identifier: ISC
// Runs a command on a terminal of 31 rows and 97 columns: what comes is typed,
// what it shows goes out. Ends as the command does.
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int move(int from, int to)
{
	char bytes[4096];
	ssize_t n = read(from, bytes, sizeof(bytes));

	return n > 0 && write(to, bytes, (size_t)n) == n;
}

int main(int argc, char **argv)
{
	const struct winsize size = { .ws_row = 31, .ws_col = 97 };
	int terminal, status, typing = 1;
	pid_t child;

	if (argc < 2)
		return 2;
	child = forkpty(&terminal, NULL, NULL, &size);
	if (child == 0) {
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	for (;;) {
		struct pollfd at[] = { { .fd = terminal, .events = POLLIN },
				       { .fd = typing ? STDIN_FILENO : -1,
					 .events = POLLIN } };

		if (poll(at, 2, -1) < 0)
			return 2;
		if (at[1].revents)
			typing = move(STDIN_FILENO, terminal);
		if (at[0].revents && !move(terminal, STDOUT_FILENO))
			break; /* nobody has it open any more */
	}
	if (waitpid(child, &status, 0) != child)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
