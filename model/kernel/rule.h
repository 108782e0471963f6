// SPDX-License-Identifier: GPL-2.0-or-later
// Rules, and how a call is held against them.
//
// A Rule is a named row: the check that the kernel makes, the errno it gives, the versions between which it
// is so, and the place in the kernel's source where that was read. A family keeps its rules in tables and its
// judges walk them in the order in which the kernel makes its checks:
//
//   void judge_munmap(Step& s) {
//     s.checks.fails(kUnaligned, !aligned(addr));       // certain, or certainly not
//     s.checks.fails(kMapCount, may_split ? Tri::maybe : Tri::no);
//     s.checks.returns(0);
//     if (s.succeeded()) s.unmap({addr, addr + len});
//   }
//
// Each check is found by partial knowledge to hit, to miss, or perhaps to hit. The errors that may be seen
// are those of the perhapses up to the first certain hit, and that one; success, when there is no certain
// hit. So the winner among several errors falls out of the order of the lines. Nothing is allocated unless
// the call diverges.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/kernel/call.h"
#include "model/kernel/profile.h"
#include "model/kernel/tri.h"

namespace ringtail::kernel {

struct Rule {
  std::string_view name;   // "munmap.unaligned": the call (or the family), a dot, the check
  int error = 0;           // positive errno; 0 for a rule about a value or about success
  std::string_view cites;  // "mm/mmap.c do_mas_munmap", a commit, or a man page
  Version since = {};
  Version until = kForever;  // the first version that no longer has it

  bool holds(Version v) const { return v >= since && v < until; }
};

struct Verdict {
  enum class Kind : std::uint8_t { conforms, diverges, not_judged };
  Kind kind = Kind::conforms;
  bool exact = false;          // the model allowed exactly one result
  std::string_view reason;     // of not_judged: a literal, counted by the summary
  const Rule* rule = nullptr;  // of diverges
  const Rule* unless_signal =
      nullptr;           // of conforms: a rule that only a signal to the thread excuses. Recorders
                         // show it behind the call, so that whoever sees more decides
  std::string observed;  // "-ENOMEM", "0x7f…", "status[3] = 7"
  std::vector<std::string> allowed;   // in the order of the kernel's checks; success first
  std::vector<std::uint64_t> beside;  // of diverges, where no order of overlapping calls fits (orders.h): the
                                      // lines of all of them
};

// Reasons that every family shares.
namespace reason {
inline constexpr std::string_view kNoResult = "the capture does not show how the call ended";
inline constexpr std::string_view kRestarted = "interrupted by a signal, to be issued again";
inline constexpr std::string_view kArguments = "an argument that decides the result was not recorded";
inline constexpr std::string_view kNotModelled = "not a call of the model";
inline constexpr std::string_view kLost = "the recorder lost events";
inline constexpr std::string_view kCompat = "a call of a 32-bit program";
}  // namespace reason

class Checks {
 public:
  Checks(const Profile& profile, const Outcome& out) : profile_(profile), out_(out) {}

  // The kernel's next check. Ignored when the profile has no such rule or a check before was certain to hit.
  void fails(const Rule& rule, Tri hit) { fails_with(rule, rule.error, hit); }
  void fails(const Rule& rule, bool hit) { fails_with(rule, rule.error, tri(hit)); }
  void may_fail(const Rule& rule) { fails_with(rule, rule.error, Tri::maybe); }
  void fails_with(const Rule& rule, int error, Tri hit) {
    if (hit != Tri::no && !closed_) hits(rule, error, hit);
  }

  // A check before was certain: no later one is reached and success is excluded.
  bool decided() const { return closed_; }
  // Whether a check so far has hit.
  Tri failing() const { return closed_ ? Tri::yes : count_ ? Tri::maybe : Tri::no; }

  // The end of the checks: success returns `value`, or anything that the value rules below leave. `rule` is
  // cited when the kernel failed although no check can have hit.
  void returns(const Rule& rule, std::int64_t value);
  void succeeds(const Rule& rule);

  // A rule about what a success returned or wrote; looked at only when the call did succeed. `observed` and
  // `allowed` are made into text by the caller and only when `fits` is Tri::no: pass callables.
  template <class Observed, class Allowed>
  void expect(const Rule& rule, Tri fits, Observed&& observed, Allowed&& allowed) {
    if (fits == Tri::no && succeeded() && rule.holds(profile_.version) && diverged_ == nullptr && !skipped())
      diverge(rule, observed(), allowed());
  }

  // A rule about success that does not hold when a signal interrupted the call.
  template <class Observed, class Allowed>
  void expect_unless_signal(const Rule& rule, bool fits, Observed&& observed, Allowed&& allowed) {
    if (fits || !rule.holds(profile_.version) || diverged_) return;
    unless_signal_ = &rule;
    observed_ = observed();
    allowed_ = allowed();
  }

  // Gives up on this call; the first reason stays.
  void not_judged(std::string_view reason) {
    if (reason_.empty()) reason_ = reason;
  }
  bool skipped() const { return !reason_.empty(); }

  // For value rules that leave several results, so that `exact` does not count the call.
  void inexact() { exact_ = false; }

  Verdict verdict() const;

 private:
  struct Entry {
    int error;
    const Rule* rule;
  };
  bool succeeded() const { return out_.known() && !out_.failed(); }
  void hits(const Rule& rule, int error, Tri hit);
  void diverge(const Rule& rule, std::string observed, std::string allowed);
  void allow(int error, const Rule& rule);

  static constexpr int kMost = 24;
  const Profile& profile_;
  const Outcome& out_;
  std::array<Entry, kMost> entries_;  // of distinct errors
  int count_ = 0;
  bool closed_ = false;
  bool exact_ = true;
  bool success_ = false;  // reachable
  bool any_value_ = false;
  std::int64_t value_ = 0;
  const Rule* closer_ = nullptr;    // the certain check, or the rule of success
  const Rule* diverged_ = nullptr;  // a value rule that failed
  const Rule* unless_signal_ = nullptr;
  std::string observed_, allowed_;
  std::string_view reason_;
};

// "EINVAL" for 22, "E513" for what has no name; and back, 0 for no such name.
std::string errno_name(int error);
int errno_of(std::string_view name);

}  // namespace ringtail::kernel
