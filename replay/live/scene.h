// SPDX-License-Identifier: GPL-2.0-or-later
// Where a live program (live.h) keeps what its calls point at: fixed addresses, so that a program can be
// generated before anything is mapped.
//
// One page is for all threads: the ids of AIO contexts, the table of descriptors, file names. Behind it every
// thread and every child process has a page of its own for structures (`Scratch`), which is recorded before
// and after each call, and pages for bytes that are read or written: more than any file can have, so that
// no call that goes well reaches another thread's.
#pragma once

#include <cstdint>

namespace ringtail::live {

inline constexpr std::uint64_t kPageBytes = 4096;
inline constexpr std::uint64_t kArena = 0x200000000000;  // nothing else lives here; unmapped at first
inline constexpr std::uint64_t kScene = 0x210000000000;
inline constexpr int kMostThreads = 8;  // child processes among them
inline constexpr std::uint64_t kOwnPages = 64;
inline constexpr std::uint64_t kMostFileBytes = 128 << 10;
static_assert(kMostFileBytes + 2 * kPageBytes < kOwnPages * kPageBytes);
inline constexpr std::uint64_t kSceneBytes = kPageBytes * (1 + kOwnPages * kMostThreads);
inline constexpr std::uint64_t kNowhere = kScene - 64 * kPageBytes;  // never mapped

// struct iocb and struct io_event of include/uapi/linux/aio_abi.h.
struct RawIocb {
  std::uint64_t data;
  std::uint32_t key, rw_flags;
  std::uint16_t opcode;
  std::int16_t reqprio;
  std::int32_t fildes;
  std::uint64_t buf, nbytes;
  std::int64_t offset;
  std::uint64_t reserved2;
  std::uint32_t flags, resfd;
};
static_assert(sizeof(RawIocb) == 64);

struct RawEvent {
  std::uint64_t data, obj;
  std::int64_t res, res2;
};

inline constexpr int kEntries = 16;  // of each array below that has no number of its own

struct Scratch {
  std::uint64_t pages[kEntries];
  std::int32_t nodes[kEntries], status[kEntries];
  std::uint64_t policy;
  std::uint64_t pair;
  std::uint64_t
      context;  // where io_setup() writes: what all threads see would be another's by the time it is noted
  std::uint64_t iov[4][2];
  std::uint64_t iocbpp[8];
  std::int64_t timeout[2];
  std::uint64_t sigset[2];  // {pointer, size} of io_pgetevents
  RawEvent cancelled;
  RawEvent events[kEntries];
  RawIocb iocbs[8];
  std::uint64_t mask2[4], mask[20];  // last: the kernel clears what is behind its nodes
};
static_assert(sizeof(Scratch) <= kPageBytes);

struct Common {
  std::uint64_t contexts[4];
  std::int32_t fds[16];
  char names[4][32];
};
static_assert(sizeof(Common) <= kPageBytes);

// What stands in the table of descriptors when a program begins; later slots are filled by its own calls.
enum FdSlot : int {
  kFile,
  kReadOnly,
  kPipeRead,
  kPipeWrite,
  kEventFd,
  kDirect,
  kFolder,
  kSocket,
  kFirstFree
};
inline constexpr int kFreeFds = 16 - kFirstFree;

inline constexpr const char* kNames[4] = {"/dev/zero", "/dev/null", "/", "/no/such/file"};

inline Common* common() { return reinterpret_cast<Common*>(kScene); }
constexpr std::uint64_t scratch_at(int thread) {
  return kScene + kPageBytes * (1 + kOwnPages * static_cast<std::uint64_t>(thread));
}

}  // namespace ringtail::live
