// SPDX-License-Identifier: GPL-2.0-or-later
// AIO calls as tests write them, and one process that issues them.
//
//   Aio a({6, 1, 0});
//   a.setup(8, kRing);
//   EXPECT_EQ(a.submit({read_of(0x10, 512)}, 1), "conforms");
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "model/kernel/drive.h"
#include "model/kernel/step.h"

namespace ringtail::kernel::aio_tests {

inline constexpr std::uint64_t kRing = 0x7f0000000000;
inline constexpr std::uint64_t kOther = 0x7f0000100000;

// "conforms", "exactly" when nothing else was allowed, "diverges RULE", "not judged: REASON".
inline std::string text(const Verdict& v) {
  switch (v.kind) {
    case Verdict::Kind::conforms:
      if (v.unless_signal) return fmt::format("conforms with a signal, or {}", v.unless_signal->name);
      return v.exact ? "exactly" : "conforms";
    case Verdict::Kind::diverges:
      return fmt::format("diverges {}", v.rule ? v.rule->name : "without a rule");
    case Verdict::Kind::not_judged:
      return fmt::format("not judged: {}", v.reason);
  }
  return "";
}

inline Call call(Sys sys, std::vector<std::uint64_t> args, std::int64_t result) {
  Call c;
  c.sys = sys;
  for (std::size_t i = 0; i < args.size(); ++i) c.arg[i] = Word::of(args[i]);
  c.out = {result, Outcome::State::returned};
  return c;
}

inline Iocb iocb(std::uint64_t data, std::uint64_t opcode, std::uint64_t fd, std::uint64_t nbytes,
                 std::string path = {}) {
  Iocb cb;
  cb.data = Word::of(data);
  cb.opcode = Word::of(opcode);
  cb.fildes = Word::of(fd);
  cb.nbytes = Word::of(nbytes);
  cb.buf = Word::of(0x7f1000000000);
  cb.offset = Word::of(0);
  cb.rw_flags = Word::of(0);
  cb.path = std::move(path);
  return cb;
}
inline Iocb with(Iocb cb, Word Iocb::*field, std::uint64_t value) {
  cb.*field = Word::of(value);
  return cb;
}
inline Iocb nowhere() {
  Iocb cb;
  cb.null = true;
  return cb;
}
inline Iocb read_of(std::uint64_t data, std::uint64_t nbytes) {
  return iocb(data, 0, 3, nbytes, "/srv/file");
}
inline Iocb write_of(std::uint64_t data, std::uint64_t nbytes) {
  return iocb(data, 1, 3, nbytes, "/srv/file");
}
inline Iocb sync_of(std::uint64_t data) {
  Iocb cb = iocb(data, 2, 3, 0, "/srv/file");
  cb.buf = Word::of(0);
  return cb;
}
inline Iocb poll_of(std::uint64_t data, std::uint64_t mask, std::string path = "pipe:[7]") {
  Iocb cb = iocb(data, 5, 4, 0, std::move(path));
  cb.buf = Word::of(mask);
  return cb;
}

inline IoEvent event(std::uint64_t data, std::int64_t res, std::uint64_t obj = 0x5000) {
  return {Word::of(data), Word::of(obj), Word::of(static_cast<std::uint64_t>(res)), Word::of(0)};
}

inline Call setup_call(std::uint64_t nr, std::uint64_t id, std::int64_t result = 0) {
  Call c = call(Sys::io_setup, {nr}, result);
  if (result == 0) c.outs.items = {id}, c.outs.state = List<std::uint64_t>::State::complete;
  else c.arg[1] = Word::of(0x7ffc00000000);
  return c;
}
inline Call destroy_call(std::uint64_t id, std::int64_t result = 0) {
  return call(Sys::io_destroy, {id}, result);
}
inline Call submit_call(std::vector<Iocb> iocbs, std::int64_t result, std::uint64_t id = kRing) {
  Call c = call(Sys::io_submit, {id, iocbs.size()}, result);
  c.iocbs = {std::move(iocbs), List<Iocb>::State::complete};
  return c;
}
// No timeout unless `timeout_ns` says so.
inline Call read_call(std::int64_t least, std::int64_t most, std::vector<IoEvent> events,
                      std::uint64_t id = kRing) {
  Call c = call(Sys::io_getevents,
                {id, static_cast<std::uint64_t>(least), static_cast<std::uint64_t>(most), 0x7f2000000000, 0},
                static_cast<std::int64_t>(events.size()));
  c.events = {std::move(events), List<IoEvent>::State::complete};
  return c;
}
inline Call failed(Call c, int error) {
  c.out.value = -error;
  c.events = {};
  c.outs = {};
  return c;
}
inline Call timed(Call c, std::uint64_t ns) {
  c.arg[4] = Word::unknown();
  c.timeout_ns = Word::of(ns);
  return c;
}
inline Call cancel_call(Iocb cb, std::int64_t result, std::uint64_t id = kRing) {
  Call c = call(Sys::io_cancel, {id}, result);
  c.iocbs = {{std::move(cb)}, List<Iocb>::State::complete};
  return c;
}

// A process that the capture shows from its execve on, in which io_setup has been seen.
class Aio {
 public:
  explicit Aio(Version v = kNewest, Host host = {}) : world(profile(v, std::move(host))) {
    world.exec(world.task(1, 0, 0));
    world.aio.setups = true;
  }

  std::string run(const Call& c, std::int32_t tid = 1) {
    join(tid);
    const std::uint64_t begin = ++seq_;
    return text(end_call(world, {tid, 0, begin, ++seq_}, c));
  }
  // A call of which the capture tells how long it took.
  std::string run_for(std::int64_t ns, const Call& c) {
    const std::uint64_t begin = ++seq_;
    return text(end_call(world, {1, 0, begin, ++seq_, ns, 0, 0}, c));
  }
  // A call that begins now, and ends with end().
  void begin(Call c, std::int32_t tid) {
    join(tid);
    c.out = {};
    c.outs = {};
    c.events = {};
    begin_call(world, {tid, 0, begun_[tid] = ++seq_, 0}, c);
  }
  std::string end(const Call& c, std::int32_t tid) {
    return text(end_call(world, {tid, 0, begun_[tid], ++seq_}, c));
  }

  std::string setup(std::uint64_t nr, std::uint64_t id) { return run(setup_call(nr, id)); }
  std::string submit(std::vector<Iocb> iocbs, std::int64_t n) {
    return run(submit_call(std::move(iocbs), n));
  }
  std::string read(std::int64_t least, std::int64_t most, std::vector<IoEvent> events) {
    return run(read_call(least, most, std::move(events)));
  }

  World world;

 private:
  static Profile profile(Version v, Host host) {
    Profile p;
    p.version = v;
    p.host = std::move(host);
    return p;
  }
  // A thread of the process.
  void join(std::int32_t tid) {
    if (world.find(tid)) return;
    Op op;
    op.tid = 1;
    op.begin_seq = ++seq_;
    op.end_seq = ++seq_;
    op.mm = world.find(1)->mm->id;
    op.spawns_vm = op.spawns_files = Tri::yes;
    world.spawn(*world.find(1), tid, op);
  }

  std::uint64_t seq_ = 0;
  absl::flat_hash_map<std::int32_t, std::uint64_t> begun_;
};

}  // namespace ringtail::kernel::aio_tests
