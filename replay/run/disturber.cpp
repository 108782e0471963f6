// SPDX-License-Identifier: GPL-2.0-or-later
// What programs do to memory beside storing to it: advice, locking, fork, and I/O into and out of pages,
// while these are being moved.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/aio_abi.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "replay/run/crew.h"

namespace ringtail::run {
namespace {

using kernel::Sys;

constexpr std::size_t kMostSteps = 200;  // of a round
constexpr std::size_t kLeastSteps = 16;
constexpr std::size_t kMostPages = 256;  // of a range

// What an advice that succeeds does to the content of a range.
enum class Effect : std::uint8_t { none, restarts, may_restart };

struct Advice {
  int value;
  Effect anonymous, file, shared;
};
constexpr Advice kAdvices[] = {
    {4, Effect::restarts, Effect::restarts, Effect::none},   // DONTNEED
    {8, Effect::may_restart, Effect::none, Effect::none},    // FREE
    {9, Effect::none, Effect::none, Effect::restarts},       // REMOVE
    {24, Effect::restarts, Effect::restarts, Effect::none},  // DONTNEED_LOCKED
    {3, Effect::none, Effect::none, Effect::none},           // WILLNEED
    {20, Effect::none, Effect::none, Effect::none},          // COLD
    {21, Effect::none, Effect::none, Effect::none},          // PAGEOUT
    {14, Effect::none, Effect::none, Effect::none},          // HUGEPAGE
    {15, Effect::none, Effect::none, Effect::none},          // NOHUGEPAGE
    {23, Effect::none, Effect::none, Effect::none},          // POPULATE_WRITE
    {25, Effect::none, Effect::none, Effect::none},          // COLLAPSE
    {12, Effect::none, Effect::none, Effect::none},          // MERGEABLE
    {13, Effect::none, Effect::none, Effect::none},          // UNMERGEABLE
};

Effect effect_on(const Advice& a, Kind k) {
  return k == Kind::shared ? a.shared : k == Kind::file ? a.file : a.anonymous;
}

void sleep_ns(std::int64_t ns) {
  const std::int64_t t[2] = {0, ns};
  host::straight(SYS_nanosleep, {reinterpret_cast<std::uint64_t>(t), 0});
}

template <class T>
std::uint64_t at(const T* p) {
  return reinterpret_cast<std::uint64_t>(p);
}

class Disturber final : public Actor {
 public:
  using Actor::Actor;

  void work(Scene& s) override {
    context_ = 0;
    if (s.io_fd >= 0) tape_.call(Sys::io_setup, {4, at(&context_)});
    for (std::size_t i = 0; i < kLeastSteps || (s.moving > 0 && i < kMostSteps); ++i) {
      step(s);
    }
    if (context_) tape_.call(Sys::io_destroy, {context_});
  }

 private:
  void step(Scene& s) {
    switch (random_.below(16)) {
      case 0:
        if (s.arena.kind() != Kind::hugetlb)
          fork_child();  // a copy that its pool cannot serve ends in SIGBUS
        break;
      case 1:
      case 2:
        lock(s);
        break;
      case 3:
      case 4:
        if (context_) read_into_page(s);
        break;
      case 5:
      case 6:
        if (context_) write_out_page(s);
        break;
      case 7:
        if (s.options.compact) compact();
        break;
      default:
        if (s.arena.kind() != Kind::hugetlb) advise(s);
        break;
    }
  }

  void advise(Scene& s) {
    const Advice& a = kAdvices[random_.below(std::size(kAdvices))];
    const Effect effect = effect_on(a, s.arena.kind());
    const std::size_t from = random_.below(s.arena.pages());
    const std::size_t n = random_.size_to(std::min(kMostPages, s.arena.pages() - from));
    std::size_t held = 0;
    if (effect != Effect::none)
      while (held < n && s.ledger.try_own(from + held)) ++held;
    const std::size_t pages = effect == Effect::none ? n : held;
    if (pages == 0) return;
    const long r = tape_.call(
        Sys::madvise, {s.arena.address(from), pages * kPageBytes, static_cast<std::uint64_t>(a.value)});
    ++tally_.advices;
    for (std::size_t p = from; p < from + held; ++p) {
      if (r == 0 && effect == Effect::restarts) s.ledger.restart(p);
      else s.ledger.mark(p);  // of an advice that fails, a part may be done
      s.ledger.disown(p);
    }
  }

  void lock(Scene& s) {
    const std::size_t from = random_.below(s.arena.pages());
    const std::size_t n = random_.size_to(std::min(kMostPages, s.arena.pages() - from));
    tape_.call(random_.one_in(2) ? Sys::mlock : Sys::munlock, {s.arena.address(from), n * kPageBytes});
  }

  void fork_child() {
    const long pid = tape_.call(Sys::fork, {});
    if (pid == 0) {
      sleep_ns(static_cast<std::int64_t>(random_.below(2'000'000)));
      host::straight(SYS_exit_group, {0});
    }
    if (pid < 0) return;
    ++tally_.forks;
    host::straight(SYS_wait4, {static_cast<std::uint64_t>(pid), 0, 0, 0});
    tape_.gone(static_cast<std::int32_t>(pid));
  }

  static void compact() {
    const int fd = open("/proc/sys/vm/compact_memory", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    [[maybe_unused]] const ssize_t n = write(fd, "1", 1);
    close(fd);
  }

  // One request, waited for: its result.
  std::int64_t io(Scene& s, std::uint16_t opcode, std::uint64_t buffer, std::uint64_t offset) {
    iocb cb{};
    cb.aio_lio_opcode = opcode;
    cb.aio_fildes = static_cast<std::uint32_t>(s.io_fd);
    cb.aio_buf = buffer;
    cb.aio_nbytes = kPageBytes;
    cb.aio_offset = static_cast<std::int64_t>(offset);
    iocb* list[] = {&cb};
    ++tally_.ios;
    if (const long r = tape_.call(Sys::io_submit, {context_, 1, at(list)}); r != 1) return r < 0 ? r : -EIO;
    io_event event{};
    if (tape_.call(Sys::io_getevents, {context_, 1, 1, at(&event), 0}) != 1) return -EIO;
    return event.res;
  }

  std::uint64_t some_place(const Scene& s) { return random_.below(s.io_bytes / kPageBytes) * kPageBytes; }

  // Takes a page alone that no advice has touched since it was written.
  bool take(Scene& s, std::size_t page) {
    if (s.ledger.accepted(page) || !s.ledger.try_own(page)) return false;
    if (!s.ledger.marked(page)) return true;
    s.ledger.disown(page);
    return false;
  }

  // The page's next generation comes from the file.
  void read_into_page(Scene& s) {
    const std::size_t page = random_.below(s.arena.pages());
    if (!take(s, page)) return;
    Content& next = *buffer_;
    for (std::size_t w = 0; w < kWords; ++w)
      next[w] = s.ledger.stamped(page, w, s.ledger.slice(page, w / kSliceWords).generation + 2);
    const std::uint64_t offset = some_place(s);
    const bool written = pwrite(s.io_fd, next.data(), sizeof next, static_cast<off_t>(offset)) ==
                         static_cast<ssize_t>(sizeof next);
    if (written) {
      const std::int64_t r = io(s, IOCB_CMD_PREAD, s.arena.address(page), offset);
      if (r == static_cast<std::int64_t>(kPageBytes)) {
        for (std::size_t i = 0; i < kSlices; ++i)
          s.ledger.slice(page, i) = {s.ledger.slice(page, i).generation + 2, 0};
      } else {
        tally_.find(fmt::format("AIO read into a page: {}", r), std::string(text_of(s.arena.kind())));
        s.ledger.accept(page);
        ++tally_.content_errors;
      }
    }
    s.ledger.disown(page);
  }

  void write_out_page(Scene& s) {
    const std::size_t page = random_.below(s.arena.pages());
    if (!take(s, page)) return;
    const std::uint64_t offset = some_place(s);
    const std::int64_t r = io(s, IOCB_CMD_PWRITE, s.arena.address(page), offset);
    Content& got = *buffer_;
    if (r != static_cast<std::int64_t>(kPageBytes)) {
      tally_.find(fmt::format("AIO write of a page: {}", r), std::string(text_of(s.arena.kind())));
      ++tally_.content_errors;
    } else if (pread(s.io_fd, got.data(), sizeof got, static_cast<off_t>(offset)) ==
               static_cast<ssize_t>(sizeof got)) {
      if (const auto flaw = s.ledger.examine(page, got)) {
        tally_.flaw(*flaw, s.arena, page);
        s.ledger.accept(page);
      }
    }
    s.ledger.disown(page);
  }

  struct alignas(kPageBytes) Aligned {
    Content content;
  };
  const std::unique_ptr<Aligned> own_ = std::make_unique<Aligned>();
  Content* const buffer_ = &own_->content;
  aio_context_t context_ = 0;
};

}  // namespace

std::unique_ptr<Actor> make_disturber(host::Clock& clock, std::uint64_t seed) {
  return std::make_unique<Disturber>(clock, host::straight, seed);
}

}  // namespace ringtail::run
