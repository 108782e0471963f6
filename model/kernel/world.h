// SPDX-License-Identifier: GPL-2.0-or-later
// The world of a capture: its threads, their address spaces and descriptor tables, and the calls that run at
// the moment.
//
// Which thread shares what with whom is knowledge like any other. A thread whose creation the capture shows
// shares its parent's address space (CLONE_VM) or has a copy. A child may appear before its creating call is
// seen to return: then it is the child of the only creating call that is running, or, when several run, of
// one that differs in nothing that matters. A thread of unknown descent (a filter that leaves clone out; an
// attached recorder, as there a thread that is new may be an old one) may share its address space with any
// other: from then on every address space without a known owner is one, loose, in which each interval belongs
// to the group of threads that learnt it; others see it as unknown, and who changes it takes it over. If it
// turns out to be the child of a call, it leaves for where that puts it.
//
// A recorder that follows no children (strace without -f names no threads), and one file of several that it
// wrote (strace -ff), show one thread of a process that may have others: once it is seen to share its address
// space with one that does nothing, or begins as threads do, that space is `wild`.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "model/kernel/address_space.h"
#include "model/kernel/aio_contexts.h"
#include "model/kernel/aio_lives.h"
#include "model/kernel/files.h"
#include "model/kernel/nodes.h"
#include "model/kernel/orders.h"
#include "model/kernel/overlap.h"
#include "model/kernel/policy.h"
#include "model/kernel/profile.h"

namespace ringtail::kernel {

// Since when nodes of pages are known in an address space (residence.h).
struct Residence {
  bool any = false;
  std::int64_t since_ns = -1;
  std::uint64_t since_seq = 0;
};

struct Mm {
  std::uint32_t id = 0;  // from 1, never reused
  // What calls that began up to here saw may be older than what is known (orders.h).
  std::uint64_t seen_until = 0;
  AddressSpace space;
  bool loose = false;            // shared by groups of threads that may or may not be one process
  bool whole = false;            // began at an execve or a memory map: what is unknown is a few VMAs only
  std::optional<Address> brk;    // where the break is
  bool brk_seen = false;         // some call of it; programs ask where it starts first of all
  Address brk_start = 0;         // 0: not known
  Tri lock_future = Tri::maybe;  // mlockall(MCL_FUTURE)
  bool grows = false;            // has a mapping that grows down and is not the stack
  std::uint32_t segments = 0;    // System V segments attached since `whole` began; at most so many
  VmaPolicies policies;
  Residence residence;
  bool forked = false;  // a store may copy a page that was there then
  AioContexts aio;
  int wild =
      0;  // threads of unknown descent that may turn out to share this mm: until then nothing of it is known
};

struct Task {
  std::int32_t tid = 0;
  std::int32_t tgid = 0;    // 0: not known
  std::int32_t parent = 0;  // who made it, where the capture shows that
  std::uint32_t group = 0;  // threads known to share an mm have one group; see `loose`
  std::uint64_t born = 0;   // seq of the first event, or of the call that made it
  std::shared_ptr<Mm> mm;
  std::shared_ptr<FileTable> files;
  TaskPolicy policy;
  std::vector<std::weak_ptr<Mm>> suspects;  // mms that it may turn out to share
};

class World {
 public:
  explicit World(Profile p) : profile(std::move(p)) {}

  // To be told of each call before anything is asked of its thread: the first one says whether the capture
  // begins with its program.
  void meet(const Call& call) {
    if (tasks_.empty()) [[unlikely]]
      rooted_ = begins_a_program(call), alone_ = begins_a_thread(call);
  }

  // The thread, made when it is seen for the first time (its descent as the essay above says).
  Task& task(std::int32_t tid, std::int32_t pid, std::uint64_t seq);
  Task* find(std::int32_t tid);

  // The effects of fork and its kin (`op` is the call that ended), of execve and of a thread's end.
  void spawn(Task& parent, std::int32_t child, const Op& op, bool waits = false);  // `waits`: CLONE_VFORK
  void exec(Task& t);
  void exited(std::int32_t tid);

  // The facts `pid=PID` and `map=LINE`: thread PID's address space is at this moment exactly what the lines
  // of /proc/PID/maps after it say.
  void begin_map(std::int32_t pid);
  void take_map(std::string_view line);

  std::uint64_t latest_begin() const;  // of the calls that run

  // Some call may have done this, to any process.
  void forget_everywhere(const Footprint& f);

  // Everything that is known of any state is void (perf LOST).
  void lose();

  Profile profile;
  Overlaps overlaps;
  Orders orders;
  AioLives lives;
  bool sees_exec = false;  // an execve has been seen: the recorder does not filter them out
  AioSystem aio;
  FileSystem files;
  Learned learned;
  std::int64_t now_ns = -1;    // when the call that is judged ended; -1 when the capture has no times
  std::int64_t begin_ns = -1;  // when it began

 private:
  std::shared_ptr<Mm> new_mm();
  std::shared_ptr<Mm> copy_of(const Task& parent, const Op& op);
  Task make_child(const Task& parent, std::int32_t tid, std::uint64_t seq, const Op& op);
  static bool begins_a_program(const Call& call);
  static bool begins_a_thread(const Call& call);
  void heard_of(std::int32_t tid);
  bool has_a_child(const Op& op) const;  // of those seen before it returned
  void adopt(Task& t, std::int32_t pid);
  void forget(Mm& m) const;
  void leave(Task& child, const Task& parent, const Op& op);
  void resolve(Task& t, const std::shared_ptr<Mm>& mm, bool unknown = false);

  absl::flat_hash_map<std::int32_t, std::unique_ptr<Task>> tasks_;
  std::array<Task*, 64> recent_{};  // of tasks_, by the low bits of their ids
  std::shared_ptr<Mm> loose_;
  std::shared_ptr<Mm> mapped_;  // what the map lines that are being read describe
  Address mapped_end_ = 0;
  std::uint32_t next_mm_ = 1;
  std::uint32_t next_group_ = 1;
  // Threads of which nothing was seen but that they were made by one whose id the recorder does not print.
  std::vector<std::pair<std::int32_t, std::weak_ptr<Mm>>> silent_;
  bool alone_ = false;  // the first thread that is seen has others beside it
  bool rooted_ = true;  // the capture shows how its first program began: each thread has a parent in it
};

}  // namespace ringtail::kernel
