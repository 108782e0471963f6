// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/host/tape.h"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "replay/host/facts.h"
#include "replay/host/peek.h"

namespace ringtail::host {
namespace {

using capture::Event;
using kernel::Sys;
using kernel::Word;

constexpr std::uint64_t kThreadFlags = 0x3d0f00;  // what pthread_create gives to clone

std::int64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

std::int32_t this_thread() { return static_cast<std::int32_t>(straight(SYS_gettid, {})); }

}  // namespace

long straight(long number, const Words& a) {
  long result = 0;
  register std::uint64_t r10 asm("r10") = a[3];
  register std::uint64_t r8 asm("r8") = a[4];
  register std::uint64_t r9 asm("r9") = a[5];
  asm volatile("syscall"
               : "=a"(result)
               : "0"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

long number_of(Sys s) {
  static const auto numbers = [] {
    std::array<long, kernel::kSysCount> t{};
    t.fill(-1);
    for (long n = 0; n < 512; ++n) t[static_cast<std::size_t>(kernel::sys_of_number(n))] = n;
    t[static_cast<std::size_t>(Sys::other)] = -1;
    return t;
  }();
  return numbers[static_cast<std::size_t>(s)];
}

bool peek(std::uint64_t from, void* to, std::size_t bytes) {
  if (bytes == 0) return true;
  iovec here{to, bytes}, there{reinterpret_cast<void*>(from), bytes};
  const long got = straight(SYS_process_vm_readv, {static_cast<std::uint64_t>(straight(SYS_getpid, {})),
                                                   reinterpret_cast<std::uint64_t>(&here), 1,
                                                   reinterpret_cast<std::uint64_t>(&there), 1, 0});
  return got == static_cast<long>(bytes);
}

long Tape::call(Sys sys, const Words& args) {
  if (tid_ == 0) tid_ = this_thread();
  Event& e = events_.emplace_back();
  e.tid = tid_;
  e.call.sys = sys;
  show_arguments(args, e.call);
  e.begin_ns = now_ns();
  e.begin_seq = ++clock_;
  const long result = gate_(number_of(sys), args);
  e.end_seq = ++clock_;
  e.end_ns = now_ns();
  e.call.out = {result, kernel::Outcome::State::returned};
  show_results(args, e.call);
  return result;
}

void Tape::gone(std::int32_t pid) {
  Event& e = events_.emplace_back();
  e.kind = Event::Kind::exited;
  e.tid = pid;
  e.begin_seq = e.end_seq = ++clock_;
  e.begin_ns = e.end_ns = now_ns();
  e.text = "exited with 0";
}

std::vector<Event> merged(const std::vector<Tape*>& tapes) {
  std::vector<Event> events;
  for (Tape* t : tapes) {
    std::move(t->events_.begin(), t->events_.end(), std::back_inserter(events));
    t->events_.clear();
  }
  const auto by_end = [](const Event& a, const Event& b) { return a.end_seq < b.end_seq; };
  std::sort(events.begin(), events.end(), by_end);
  // A call that another one ended or began in the middle of begins with an event of its own.
  std::vector<Event> begins;
  for (const Event& e : events) {
    if (e.end_seq <= e.begin_seq + 1) continue;
    Event b = e;
    b.kind = Event::Kind::enter;
    b.end_seq = b.begin_seq;
    b.end_ns = b.begin_ns;
    forget_results(b.call);
    begins.push_back(std::move(b));
  }
  events.insert(events.end(), std::make_move_iterator(begins.begin()), std::make_move_iterator(begins.end()));
  std::sort(events.begin(), events.end(), by_end);
  return events;
}

std::vector<Event> opening(Clock& clock) {
  std::vector<Event> events;
  const auto put = [&](Event e) {
    e.begin_seq = ++clock;
    e.end_seq = e.kind == Event::Kind::call ? ++clock : e.begin_seq;
    events.push_back(std::move(e));
  };
  const auto fact = [&](std::string text) {
    Event e;
    e.kind = Event::Kind::fact;
    e.text = std::move(text);
    put(std::move(e));
  };
  for (std::string& f : host_facts()) fact(std::move(f));
  fact("calls=all");
  const auto pid = static_cast<std::int32_t>(straight(SYS_getpid, {}));
  std::vector<std::int32_t> tids;
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", gone))
    tids.push_back(std::atoi(task.path().filename().c_str()));
  std::sort(tids.begin(), tids.end());
  for (const std::int32_t tid : tids) {
    if (tid == pid) continue;
    Event e;
    e.tid = pid;
    e.call.sys = Sys::clone;
    e.call.arg[0] = Word::of(kThreadFlags);
    e.call.out = {tid, kernel::Outcome::State::returned};
    put(std::move(e));
  }
  fact(fmt::format("pid={}", pid));
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) fact("map=" + line);
  return events;
}

}  // namespace ringtail::host
