// SPDX-License-Identifier: GPL-2.0-or-later
// policies SEED THREADS CALLS NODES: policy and migration calls from several threads over the same ranges
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#define P 4096ul
#define N 48
static char *sh, *shmaddr;
static int calls, nodes, threads, shmid;
static pid_t child;
static void *work(void *u) {
  uint64_t s = (uint64_t)(uintptr_t)u * 0x9E3779B97F4A7C15ull + 12345;
#define R(k) ((s = s * 6364136223846793005ull + 1442695040888963407ull) >> 33) % (k)
  for (int i = 0; i < calls; i++) {
    unsigned op = R(26), from = R(N), len = 1 + R(8), mode = R(8), nd = R(nodes);
    if (from + len > N) len = N - from;
    char *at = sh + from * P;
    size_t n = len * P;
    unsigned long m = 1 + R((1 << (nodes + (R(8) == 0))) - 1), o = 1ul << nd;
    void *p[16];
    int to[16], st[16];
    int q;
    unsigned k = 1 + R(16);
    unsigned base = R(N);
    for (unsigned j = 0; j < k; j++) {
      p[j] = sh + (base + j * (1 + R(2))) % (N + 2) * P + (R(9) == 0 ? 77 : 0);
      to[j] = R(40) == 0 ? (int)R(70) - 3 : (int)R(nodes);
      st[j] = -77;
    }
    if (R(3))
      for (unsigned j = 1; j < k; j++) to[j] = to[0];
    unsigned long g[16];
    struct iovec v[3] = {{at, n}, {sh, P}, {sh + 4 * P, 2 * P}};
    switch (op) {
      case 0: syscall(SYS_set_mempolicy, mode, &m, 64); break;
      case 1: syscall(SYS_set_mempolicy, R(2) ? 0 : 4, 0, 0); break;
      case 2: syscall(SYS_get_mempolicy, &q, g, 1024, R(3) ? at : 0, 2); break;
      case 3: syscall(SYS_get_mempolicy, &q, 0, 0, at, 3); break;
      case 4: syscall(SYS_get_mempolicy, &q, g, 1024, 0, R(3) == 0 ? 1 : R(2) ? 4 : 0); break;
      case 5: syscall(SYS_mbind, at, n, mode, &m, 64, 0); break;
      case 6: syscall(SYS_mbind, at, n, 2, &o, 64, 2); break;
      case 7: syscall(SYS_mbind, at, n, R(2) ? 2 : 3, &m, 64, 3); break;
      case 8: syscall(SYS_mbind, at, n, mode, &m, 64, 1 + R(7)); break;
      case 9: syscall(SYS_mbind, at, n, 0, 0, 0, R(8)); break;
      case 10: syscall(SYS_migrate_pages, R(3) ? 0 : getpid(), 64, &m, &o); break;
      case 11: syscall(SYS_move_pages, 0, k, p, 0, st, 0); break;
      case 12:
      case 13:
      case 14: syscall(SYS_move_pages, R(2) ? 0 : getpid(), k, p, to, st, R(4) ? 2 : 4); break;
      case 15:
        if (R(2))
          mlock(at, n);
        else
          syscall(SYS_mlock2, at, n, 1);
        break;
      case 16: munlock(at, n); break;
      case 17:
        if (R(6) == 0) {
          if (R(2))
            munlockall();
          else
            mlockall(1 + R(7));
        }
        break;
      case 18: mprotect(at, n, R(4)); break;
      case 19: madvise(at, n, (int[]){4, 8, 20, 21, 22, 23, 3, 25, 12, 102, 103, 24}[R(12)]); break;
      case 20:
        if (R(2))
          munmap(at, n);
        else
          mmap(at, n, 3, MAP_FIXED | MAP_ANONYMOUS | (R(2) ? MAP_SHARED : MAP_PRIVATE), -1, 0);
        break;
      case 21: {
        char *b = shmat(shmid, R(2) ? 0 : at, R(2) ? SHM_REMAP : R(2) ? SHM_RDONLY : 0);
        if (b != (char *)-1) {
          if (R(2)) syscall(SYS_mbind, b, 4 * P, 2, &o, 64, 3);
          syscall(SYS_move_pages, 0, k, p, to, st, 2);
          if (b < sh || b >= sh + N * P || R(2)) shmdt(b);
        }
        break;
      }
      case 22: syscall(450, at, n, nd, R(9) == 0); break;
      case 23: syscall(440, 3, v, 1 + R(3), (int[]){20, 21, 3, 25, 4, 8}[R(6)], 0); break;
      case 24:
        if (R(2))
          mremap(at, n, (1 + R(8)) * P, R(2) ? 0 : MREMAP_MAYMOVE);
        else {
          char *t = sh + R(N - 8) * P;
          mremap(at, n, n, MREMAP_MAYMOVE | MREMAP_FIXED | (R(3) == 0 ? 4 : 0), t);
        }
        break;
      case 25:
        if (R(4) == 0) {
          pid_t c = R(2) ? fork() : syscall(SYS_clone, 17, 0, 0, 0, 0);
          if (!c) {
            syscall(SYS_move_pages, 0, k, p, to, st, 2);
            syscall(SYS_get_mempolicy, &q, g, 1024, 0, 0);
            syscall(SYS_mbind, at, n, 2, &o, 64, 2);
            madvise(at, n, 4);
            _exit(0);
          }
          if (c > 0) {
            syscall(SYS_move_pages, c, k, p, to, st, R(2) ? 2 : 4);
            syscall(SYS_migrate_pages, c, 64, &m, &o);
            waitpid(c, 0, 0);
          }
        }
        break;
    }
  }
  return 0;
}
int main(int c, char **v) {
  int seed = atoi(v[1]);
  threads = atoi(v[2]);
  calls = atoi(v[3]);
  nodes = atoi(v[4]);
  sh = mmap(0, (N + 16) * P, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(sh + N * P, 16 * P);
  shmid = shmget(IPC_PRIVATE, 4 * P, 0600 | IPC_CREAT);
  int pf = syscall(434, getpid(), 0);
  if (pf != 3 && pf >= 0) dup2(pf, 3);
  pthread_t t[16];
  for (long i = 0; i < threads; i++) pthread_create(&t[i], 0, work, (void *)(seed * 100 + i));
  for (int i = 0; i < threads; i++) pthread_join(t[i], 0);
  shmctl(shmid, IPC_RMID, 0);
}
