// SPDX-License-Identifier: GPL-2.0-or-later
// contexts SEED THREADS CALLS FILE: contexts set up, submitted to, waited on, cancelled and destroyed by
// several threads at once
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#define P 4096ul
#define C 3
static volatile aio_context_t ctx[C];
static int calls, fd, dfd, pi[2], ev;
static char *buf;
static struct iocb q[64];
static volatile int left;
static void *work(void *u) {
  uint64_t s = (uint64_t)(uintptr_t)u * 0x9E3779B97F4A7C15ull + 777;
#define R(k) ((s = s * 6364136223846793005ull + 1442695040888963407ull) >> 33) % (k)
  for (int i = 0; i < calls; i++) {
    unsigned c = R(C), k = 1 + R(4), op = R(20);
    struct iocb *p[4];
    struct io_event e[8];
    struct timespec t = {0, R(3) == 0 ? 0 : R(3000000)};
    aio_context_t x = ctx[c];
    switch (op) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
      case 6:
        for (unsigned j = 0; j < k; j++) {
          struct iocb *a = &q[((uintptr_t)u % 8 * 8 + R(8)) % 64];
          p[j] = a;
          memset(a, 0, sizeof *a);
          a->aio_data = R(1000);
          a->aio_fildes = R(2) ? fd : dfd;
          a->aio_buf = (long)(buf + R(8) * P);
          a->aio_nbytes = 512 * (1 + R(8));
          a->aio_offset = 512 * R(64);
          switch (R(12)) {
            case 0:
              a->aio_lio_opcode = 2;
              a->aio_buf = a->aio_nbytes = a->aio_offset = 0;
              break;
            case 1:
            case 2:
            case 3:
              a->aio_lio_opcode = 5;
              a->aio_fildes = R(2) ? pi[0] : ev;
              a->aio_buf = POLLIN;
              a->aio_nbytes = a->aio_offset = 0;
              break;
            case 4:
            case 5:
            case 6: a->aio_lio_opcode = 1; break;
            case 7:
              a->aio_flags = 1;
              a->aio_resfd = R(2) ? ev : fd;
              break;
            case 8:
              a->aio_fildes = R(3) ? fd : -1;
              a->aio_lio_opcode = R(9);
              break;
            default: break;
          }
          if (R(40) == 0) a->aio_rw_flags = 1 << R(9);
        }
        syscall(SYS_io_submit, x, k, p);
        break;
      case 7:
      case 8:
      case 9: syscall(SYS_io_getevents, x, R(4), 1 + R(8), e, &t); break;
      case 10: syscall(SYS_io_pgetevents, x, R(3), 1 + R(8), e, &t, 0); break;
      case 11:
        if (left > 1 && R(3) == 0) {
          struct timespec l = {0, 30000000};
          syscall(SYS_io_getevents, x, 8, 8, e, &l);
        }
        break;
      case 12:
      case 13: syscall(SYS_io_cancel, x, &q[R(64)], e); break;
      case 14:
        if (R(5) == 0) {
          syscall(SYS_io_destroy, x);
          aio_context_t n = 0;
          if (syscall(SYS_io_setup, 1 + R(40), &n) == 0) ctx[c] = n;
        }
        break;
      case 15: {
        char b;
        if (R(2))
          write(pi[1], "x", 1);
        else
          read(pi[0], &b, 1);
      } break;
      case 16: {
        uint64_t b = 1;
        if (R(2))
          write(ev, &b, 8);
        else
          read(ev, &b, 8);
      } break;
      case 17:
        if (R(8) == 0) syscall(SYS_io_destroy, x);
        break;
      case 18:
        if (R(4) == 0) {
          aio_context_t n = 0;
          if (syscall(SYS_io_setup, 1 + R(8), &n) == 0) {
            aio_context_t o = ctx[c];
            ctx[c] = n;
            syscall(SYS_io_destroy, o);
          }
        }
        break;
      case 19:
        if (R(6) == 0) {
          int d = open("/dev/null", O_RDWR);
          dup2(R(2) ? d : dfd, 60);
          close(d);
        }
        break;
    }
  }
  __sync_fetch_and_sub(&left, 1);
  return 0;
}
int main(int n, char **v) {
  int seed = atoi(v[1]), threads = atoi(v[2]);
  calls = atoi(v[3]);
  left = threads;
  fd = open(v[4], O_RDWR | O_CREAT, 0600);
  ftruncate(fd, 1 << 18);
  dfd = open(v[4], O_RDWR | O_DIRECT);
  if (dfd < 0) dfd = fd;
  pipe2(pi, O_NONBLOCK);
  ev = eventfd(0, EFD_NONBLOCK);
  buf = mmap(0, 16 * P, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < C; i++) {
    aio_context_t x = 0;
    syscall(SYS_io_setup, 8 + i * 20, &x);
    ctx[i] = x;
  }
  pthread_t t[16];
  for (long i = 0; i < threads; i++) pthread_create(&t[i], 0, work, (void *)(seed * 8 + i));
  for (int i = 0; i < threads; i++) pthread_join(t[i], 0);
}
