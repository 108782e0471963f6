// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/replay/oracle/live.h"

#include <algorithm>
#include <atomic>
#include <ostream>

#include <fcntl.h>
#include <pthread.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ringtail::live {
namespace {

using kernel::Sys;

constexpr std::size_t kMostRecords = 4096;

// Lives in memory that parent and child share.
struct Shared {
  std::atomic<std::uint64_t> clock{0};
  std::atomic<std::size_t> count{0};
  std::atomic<int> ready{0};
  std::atomic<bool> done{false};
  std::uint64_t brk = 0;
  int segment = -1, file = -1;
  Record records[kMostRecords];
};

long number_of(Sys s) {
  switch (s) {
    case Sys::mmap:
      return SYS_mmap;
    case Sys::munmap:
      return SYS_munmap;
    case Sys::mremap:
      return SYS_mremap;
    case Sys::mprotect:
      return SYS_mprotect;
    case Sys::brk:
      return SYS_brk;
    case Sys::shmat:
      return SYS_shmat;
    case Sys::shmdt:
      return SYS_shmdt;
    case Sys::mlock:
      return SYS_mlock;
    case Sys::mlock2:
      return SYS_mlock2;
    case Sys::munlock:
      return SYS_munlock;
    case Sys::mlockall:
      return SYS_mlockall;
    case Sys::munlockall:
      return SYS_munlockall;
    case Sys::madvise:
      return SYS_madvise;
    case Sys::mbind:
      return SYS_mbind;
    default:
      return -1;
  }
}

struct Running {
  Shared* shared;
  const Thread* program;
  std::int32_t index;
};

// No allocation here: the program under way may have moved the break or locked all memory.
void* run_thread(void* p) {
  const Running& r = *static_cast<Running*>(p);
  Shared& s = *r.shared;
  std::int64_t last = 0;
  for (const Step& step : *r.program) {
    std::array<std::uint64_t, 6> a{};
    for (std::size_t i = 0; i < a.size(); ++i) {
      const Arg& arg = step.args[i];
      std::uint64_t base = 0;
      switch (arg.base) {
        case Arg::Base::literal:
          break;
        case Arg::Base::arena:
          base = kArena;
          break;
        case Arg::Base::brk:
          base = s.brk;
          break;
        case Arg::Base::last_result:
          base = last > 0 ? static_cast<std::uint64_t>(last) : kArena;
          break;
        case Arg::Base::segment:
          base = static_cast<std::uint64_t>(s.segment);
          break;
        case Arg::Base::file:
          base = static_cast<std::uint64_t>(s.file);
          break;
      }
      a[i] = base + static_cast<std::uint64_t>(arg.value);
    }
    const std::uint64_t begin = ++s.clock;
    std::int64_t result = 0;
    // The raw system call: the C library would turn -errno into errno, and has no wrapper for some.
    register std::uint64_t r10 asm("r10") = a[3];
    register std::uint64_t r8 asm("r8") = a[4];
    register std::uint64_t r9 asm("r9") = a[5];
    asm volatile("syscall"
                 : "=a"(result)
                 : "0"(number_of(step.sys)), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    const std::uint64_t end = ++s.clock;
    if (step.sys != Sys::brk && result > 0) last = result;
    const std::size_t n = s.count++;
    if (n >= kMostRecords) return nullptr;
    s.records[n] = Record{step, a, result, r.index, begin, end};
  }
  return nullptr;
}

void run_child(Shared& s, const std::vector<Thread>& threads) {
  s.brk = static_cast<std::uint64_t>(syscall(SYS_brk, 0));
  std::vector<Running> running;
  for (std::size_t i = 0; i < threads.size(); ++i)
    running.push_back({&s, &threads[i], static_cast<std::int32_t>(i)});
  std::vector<pthread_t> handles(threads.size());
  for (std::size_t i = 1; i < threads.size(); ++i)
    pthread_create(&handles[i], nullptr, run_thread, &running[i]);
  run_thread(&running[0]);
  for (std::size_t i = 1; i < threads.size(); ++i) pthread_join(handles[i], nullptr);
  s.done = true;
}

}  // namespace

std::ostream& operator<<(std::ostream& os, const Step& s) {
  os << kernel::name_of(s.sys) << "(";
  for (int i = 0; i < s.count; ++i) {
    static constexpr const char* kNames[] = {"", "arena+", "brk+", "last+", "segment+", "file+"};
    const Arg& a = s.args[static_cast<std::size_t>(i)];
    os << (i ? ", " : "") << kNames[static_cast<int>(a.base)] << std::hex << std::showbase << a.value
       << std::dec;
  }
  return os << ")";
}

std::vector<Record> run(const std::vector<Thread>& threads) {
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return {};
  auto* shared = new (memory) Shared;
  shared->segment = shmget(IPC_PRIVATE, 3 * 4096, 0600);
  shared->file = memfd_create("live", 0);
  if (ftruncate(shared->file, 8 * 4096) != 0) shared->file = -1;
  const pid_t child = fork();
  if (child == 0) {
    run_child(*shared, threads);
    _exit(0);
  }
  int status = 0;
  if (child > 0) waitpid(child, &status, 0);
  if (shared->segment >= 0) shmctl(shared->segment, IPC_RMID, nullptr);
  if (shared->file >= 0) close(shared->file);
  std::vector<Record> records;
  if (shared->done)
    records.assign(shared->records, shared->records + std::min(shared->count.load(), kMostRecords));
  munmap(memory, sizeof(Shared));
  std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.end < b.end; });
  return records;
}

std::vector<capture::Event> events_of(const std::vector<Record>& records, std::size_t threads) {
  using capture::Event;
  constexpr std::uint64_t kStart = 100;  // of the clock; earlier: what sets the scene
  std::vector<Event> events;
  std::uint64_t seq = 0;
  const auto set_up = [&](Sys sys, std::array<std::uint64_t, 5> args, std::int64_t result) {
    Event e;
    e.tid = 1;
    e.begin_seq = ++seq;
    e.end_seq = ++seq;
    e.line = seq;
    e.call.sys = sys;
    for (std::size_t i = 0; i < args.size(); ++i) e.call.arg[i] = kernel::Word::of(args[i]);
    e.call.out = {result, kernel::Outcome::State::returned};
    events.push_back(e);
  };
  set_up(Sys::munmap, {kArena, std::uint64_t{1} << 32}, 0);
  for (std::size_t i = 1; i < threads; ++i) set_up(Sys::clone, {0x3d0f00}, static_cast<std::int64_t>(i) + 1);

  for (const Record& r : records) {
    Event e;
    e.tid = r.thread + 1;
    e.begin_seq = kStart + r.begin;
    e.end_seq = kStart + r.end;
    e.call.sys = r.step.sys;
    for (std::size_t i = 0; i < static_cast<std::size_t>(r.step.count); ++i)
      e.call.arg[i] = kernel::Word::of(r.args[i]);
    Event begin = e;
    begin.kind = Event::Kind::enter;
    begin.line = e.begin_seq;
    e.line = e.end_seq;
    e.call.out = {r.result, kernel::Outcome::State::returned};
    if (threads > 1) events.push_back(begin);
    events.push_back(e);
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.line < b.line; });
  return events;
}

}  // namespace ringtail::live
