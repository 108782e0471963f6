// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/live/run.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "replay/host/tape.h"

namespace ringtail::live {
namespace {

using kernel::Sys;

constexpr std::size_t kMostRecords = 1024;
constexpr std::size_t kStack = 64 << 10;
constexpr unsigned kPatience = 30;  // seconds until a program that hangs is killed

// Lives in memory that all processes of a run share.
struct Shared {
  std::atomic<std::uint64_t> clock{0};
  std::atomic<std::size_t> count{0};
  std::atomic<int> threads{0};  // scratches in use
  std::atomic<int> ready{0};
  std::atomic<bool> go{false};
  std::atomic<bool> done{false};
  bool annotate = false;
  std::uint64_t brk = 0;
  int segment = -1;
  std::int32_t tids[kMostThreads] = {};
  std::size_t maps_size = 0;
  char maps[64 << 10];
  alignas(16) char stacks[kMostThreads][kStack];
  Record records[kMostRecords];
};

// The C library would turn -errno into errno, which threads and vfork children share here.
template <class... Args>
long raw(long number, Args... args) {
  return host::straight(number, {(std::uint64_t)(args)...});
}

struct Running {
  Shared* shared;
  const Step* begin;
  const Step* end;
  int thread;
  bool child = false;
};

std::uint64_t value_of(const Running& r, const Arg& a, std::uint64_t last) {
  const auto v = static_cast<std::uint64_t>(a.value);
  switch (a.base) {
    case Arg::Base::literal:
      return v;
    case Arg::Base::arena:
      return kArena + v;
    case Arg::Base::brk:
      return r.shared->brk + v;
    case Arg::Base::last:
      return (last ? last : kArena) + v;
    case Arg::Base::segment:
      return static_cast<std::uint64_t>(r.shared->segment) + v;
    case Arg::Base::scratch:
      return scratch_at(r.thread) + v;
    case Arg::Base::buffer:
      return scratch_at(r.thread) + kPageBytes + v;
    case Arg::Base::context:
      return common()->contexts[v];
    case Arg::Base::fd:
      return static_cast<std::uint64_t>(std::int64_t{common()->fds[v]});
    case Arg::Base::self:
      return static_cast<std::uint64_t>(raw(SYS_getpid)) + v;
  }
  return v;
}

// What a descriptor is, as recorders that annotate them say.
void note(std::int32_t fd, std::array<char, 64>& text) {
  text[0] = 0;
  if (fd < 0) return;
  char link[32] = "/proc/self/fd/";
  char digits[12];
  int n = 0;
  for (std::int32_t rest = fd; n == 0 || rest; rest /= 10) digits[n++] = static_cast<char>('0' + rest % 10);
  char* at = link + std::strlen(link);
  while (n) *at++ = digits[--n];
  *at = 0;
  const long size = raw(SYS_readlink, link, text.data(), text.size() - 1);
  text[size > 0 ? static_cast<std::size_t>(size) : 0] = 0;
}

bool takes_descriptor(Sys s) {
  return kernel::family_of(s) == kernel::Family::descriptor || s == Sys::process_madvise;
}

void take_notes(const Step& step, Record& rec) {
  if (takes_descriptor(step.sys) && step.count > 0)
    note(static_cast<std::int32_t>(rec.args[0]), rec.notes[0]);
  if (step.sys == Sys::mmap) note(static_cast<std::int32_t>(rec.args[4]), rec.notes[0]);
  if (step.sys != Sys::io_submit) return;
  const std::uint64_t base = scratch_at(rec.thread);
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint64_t at = rec.before.iocbpp[i] - base - offsetof(Scratch, iocbs);
    if (at / sizeof(RawIocb) < 8) note(rec.before.iocbs[at / sizeof(RawIocb)].fildes, rec.notes[i + 1]);
  }
}

Record* new_record(const Running& r) {
  const std::size_t n = r.shared->count++;
  if (n >= kMostRecords) return nullptr;
  Record& rec = r.shared->records[n];
  rec.tid = static_cast<std::int32_t>(raw(SYS_gettid));
  rec.thread = r.thread;
  return &rec;
}

void* run_thread(void* p);

int run_child_process(void* p) {
  Running& r = *static_cast<Running*>(p);
  run_thread(&r);
  if (Record* rec = new_record(r)) {
    rec->exits = true;
    rec->begin = rec->end = ++r.shared->clock;
  }
  raw(SYS_exit_group, 0);
  return 0;
}

// The steps of children are skipped by their parent.
const Step* run_clone(const Running& r, const Step* step, int index, Record& rec, std::uint64_t& result) {
  const Step* behind = step + 1 + std::min<std::ptrdiff_t>(step->children, r.end - step - 1);
  // In the shared memory, where the child finds it whether or not it shares the address space.
  char* stack = r.shared->stacks[index];
  auto* child = new (stack) Running{r.shared, step + 1, behind, index, true};
  const auto flags = static_cast<int>(step->args[0].value);
  rec.begin = ++r.shared->clock;
  const int pid = clone(run_child_process, stack + kStack, flags, child);
  rec.end = ++r.shared->clock;
  result = static_cast<std::uint64_t>(std::int64_t{pid});
  return behind;
}

bool returns_address(Sys s) { return s == Sys::mmap || s == Sys::mremap || s == Sys::shmat; }

// No allocation here: the program under way may have moved the break or locked all memory.
void* run_thread(void* p) {
  const Running& r = *static_cast<Running*>(p);
  Shared& s = *r.shared;
  auto* scratch = reinterpret_cast<Scratch*>(scratch_at(r.thread));
  if (!r.child) {
    s.tids[r.thread] = static_cast<std::int32_t>(raw(SYS_gettid));
    ++s.ready;
    while (!s.go) raw(SYS_sched_yield);
  }
  std::uint64_t last = 0;
  for (const Step* step = r.begin; step != r.end; ++step) {
    const bool clones = step->sys == Sys::clone;
    const int index = clones && !r.child ? s.threads++ : kMostThreads;
    if (clones && index >= kMostThreads) continue;
    std::array<std::uint64_t, 6> a{};
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = value_of(r, step->args[i], last);
    for (const Put& put : step->puts) {
      const std::uint64_t v = value_of(r, put.value, last);
      std::memcpy(reinterpret_cast<char*>(scratch) + put.at, &v, put.size);
    }
    if (step->slot >= 0) scratch->context = 0;
    if (step->hidden) {
      host::straight(step->hidden, a);
      continue;
    }
    Record* rec = new_record(r);
    if (!rec) return nullptr;
    rec->sys = step->sys;
    rec->args = a;
    rec->before = *scratch;
    if (clones) {
      std::uint64_t result = 0;
      const Step* behind = run_clone(r, step, index, *rec, result);
      rec->result = static_cast<std::int64_t>(result);
      step = behind - 1;
      continue;
    }
    if (s.annotate) take_notes(*step, *rec);
    rec->begin = ++s.clock;
    rec->result = host::straight(host::number_of(step->sys), a);
    rec->end = ++s.clock;
    rec->after = *scratch;
    if (step->sys == Sys::io_setup && step->slot >= 0)
      common()->contexts[step->slot] = rec->context = scratch->context;
    if (returns_address(step->sys) && rec->result > 0) last = static_cast<std::uint64_t>(rec->result);
    if (step->keep >= 0 && rec->result >= 0) {
      const bool pair = step->sys == Sys::pipe2 || step->sys == Sys::socketpair;
      common()->fds[step->keep] =
          pair ? static_cast<std::int32_t>(scratch->pair) : static_cast<std::int32_t>(rec->result);
    }
  }
  return nullptr;
}

void read_maps(Shared& s) {
  const int fd = open("/proc/self/maps", O_RDONLY);
  for (ssize_t n; (n = read(fd, s.maps + s.maps_size, sizeof s.maps - s.maps_size)) > 0;)
    s.maps_size += static_cast<std::size_t>(n);
  close(fd);
}

// Everything is non-blocking: a submission of a read would wait for bytes that nobody writes.
void make_descriptors(Common& c) {
  std::fill(std::begin(c.fds), std::end(c.fds), -1);
  c.fds[kFile] = memfd_create("live", 0);
  if (ftruncate(c.fds[kFile], 8 * kPageBytes) != 0) _exit(1);
  char link[32] = "/proc/self/fd/";
  std::strcat(link, std::to_string(c.fds[kFile]).c_str());
  c.fds[kReadOnly] = open(link, O_RDONLY);
  int two[2] = {-1, -1};
  if (pipe2(two, O_NONBLOCK) != 0) _exit(1);
  c.fds[kPipeRead] = two[0], c.fds[kPipeWrite] = two[1];
  c.fds[kEventFd] = eventfd(0, EFD_NONBLOCK);
  char path[] = "./ringtail-live-XXXXXX";
  const int file = mkostemp(path, O_DIRECT);
  c.fds[kDirect] = file >= 0 ? file : memfd_create("direct", 0);
  if (file >= 0) unlink(path);
  if (ftruncate(c.fds[kDirect], 4 * kPageBytes) != 0) _exit(1);
  c.fds[kFolder] = open("/", O_RDONLY | O_DIRECTORY);
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, two) != 0) _exit(1);
  c.fds[kSocket] = two[0];
}

void run_program(Shared& s, const std::vector<Thread>& threads) {
  alarm(kPatience);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  const rlimit most{kMostFileBytes, kMostFileBytes};
  if (setrlimit(RLIMIT_FSIZE, &most) != 0) _exit(1);
  void* scene = mmap(reinterpret_cast<void*>(kScene), kSceneBytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (scene != reinterpret_cast<void*>(kScene)) _exit(1);
  make_descriptors(*common());
  for (std::size_t i = 0; i < std::size(kNames); ++i) std::strcpy(common()->names[i], kNames[i]);
  s.threads = static_cast<int>(threads.size());
  std::vector<Running> running;
  for (std::size_t i = 0; i < threads.size(); ++i)
    running.push_back({&s, threads[i].data(), threads[i].data() + threads[i].size(), static_cast<int>(i)});
  std::vector<pthread_t> handles(threads.size());
  for (std::size_t i = 1; i < threads.size(); ++i)
    if (pthread_create(&handles[i], nullptr, run_thread, &running[i]) != 0) _exit(1);
  while (s.ready != static_cast<int>(threads.size()) - 1) sched_yield();
  s.brk = static_cast<std::uint64_t>(syscall(SYS_brk, 0));
  read_maps(s);
  s.go = true;
  run_thread(&running[0]);
  for (std::size_t i = 1; i < threads.size(); ++i) pthread_join(handles[i], nullptr);
  while (raw(SYS_wait4, -1, 0, 0, 0) > 0) continue;
  s.done = true;
}

}  // namespace

Result<Run> run(const std::vector<Thread>& threads, bool annotate) {
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return Unexpected(std::string("no memory for the record"));
  auto* shared = static_cast<Shared*>(memory);  // all zero, which is a Shared but for what follows
  shared->annotate = annotate;
  // Makes the table: a child forked by one thread would wait for the other one's for ever.
  host::number_of(Sys::other);
  shared->segment = shmget(IPC_PRIVATE, 3 * kPageBytes, 0600);
  const pid_t child = fork();
  if (child == 0) {
    run_program(*shared, threads);
    _exit(0);
  }
  int status = 0;
  if (child > 0) waitpid(child, &status, 0);
  if (shared->segment >= 0) shmctl(shared->segment, IPC_RMID, nullptr);
  Run result;
  const bool done = shared->done;
  if (done) {
    result.records.assign(shared->records, shared->records + std::min(shared->count.load(), kMostRecords));
    result.tids.assign(shared->tids, shared->tids + threads.size());
    result.maps.assign(shared->maps, shared->maps_size);
    std::sort(result.records.begin(), result.records.end(),
              [](const Record& a, const Record& b) { return a.end < b.end; });
  }
  munmap(memory, sizeof(Shared));
  if (done) return result;
  if (child < 0) return Unexpected(std::string("no process to be had"));
  return Unexpected(WIFSIGNALED(status)
                        ? "the program was killed by signal " + std::to_string(WTERMSIG(status))
                        : "the program left with status " + std::to_string(WEXITSTATUS(status)));
}

}  // namespace ringtail::live
