// SPDX-License-Identifier: GPL-2.0-or-later
// Calls as tests write them, and a world to run them in.
#pragma once

#include <initializer_list>
#include <ostream>
#include <string>

#include <fmt/format.h>

#include "model/kernel/drive.h"

namespace ringtail::kernel {

inline Call call_of(Sys sys, std::initializer_list<std::uint64_t> args, std::int64_t result) {
  Call c;
  c.sys = sys;
  std::size_t i = 0;
  for (const std::uint64_t a : args) c.arg[i++] = Word::of(a);
  c.out = {result, Outcome::State::returned};
  return c;
}

// One thread, calls one after the other.
class Driver {
 public:
  explicit Driver(Version v = kNewest) : world(at(v)) {}

  Verdict run(const Call& c, std::int32_t tid = 1) {
    const std::uint64_t begin = ++seq_;
    return end_call(world, {tid, 0, begin, ++seq_}, c);
  }
  Verdict run(Sys sys, std::initializer_list<std::uint64_t> args, std::int64_t result, std::int32_t tid = 1) {
    return run(call_of(sys, args, result), tid);
  }
  // A call that begins now and ends when end() is called.
  void begin(const Call& c, std::int32_t tid) {
    Call open = c;
    open.out = {};
    begin_call(world, {tid, 0, begun_[tid] = ++seq_, 0}, open);
  }
  Verdict end(const Call& c, std::int32_t tid) { return end_call(world, {tid, 0, begun_[tid], ++seq_}, c); }

  World world;

 private:
  static Profile at(Version v) {
    Profile p;
    p.version = v;
    return p;
  }
  std::uint64_t seq_ = 0;
  absl::flat_hash_map<std::int32_t, std::uint64_t> begun_;
};

// "conforms", "exactly" when nothing else was allowed, "diverges RULE", "not judged: REASON".
inline std::string text_of(const Verdict& v) {
  switch (v.kind) {
    case Verdict::Kind::conforms:
      return v.exact ? "exactly" : "conforms";
    case Verdict::Kind::diverges:
      return fmt::format("diverges {}", v.rule ? v.rule->name : "without a rule");
    case Verdict::Kind::not_judged:
      return fmt::format("not judged: {}", v.reason);
  }
  return "";
}

}  // namespace ringtail::kernel
