// SPDX-License-Identifier: GPL-2.0-or-later
// The oracle: events of a capture x the syscall model -> a verdict for every call.
//
//   Oracle oracle(profile);
//   for (Event e; reader->next(e);) oracle.take(e);
//   report(oracle.finish(...));
//
// Events come in the order in which the capture shows them: calls in the order of their ends, with an `enter`
// before for those that others may overlap. Each is judged when its end is seen, with what every order that
// its start and end times allow leaves known (model/kernel/overlap.h); where calls are atomic, those orders
// are then tried one by one, once the last of the calls that overlap has ended (model/kernel/orders.h). So
// memory is that of the live state.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/kernel/drive.h"
#include "replay/capture/event.h"
#include "replay/oracle/shown.h"
#include "replay/oracle/summary.h"

namespace ringtail::oracle {

class Oracle {
 public:
  explicit Oracle(kernel::Profile profile) : world_(std::move(profile)) {}

  // The verdict of a `call` event, null for the others. Valid until the next take().
  const kernel::Verdict* take(const capture::Event& e);

  // What is known at this point of the capture. (find() notes whom it found last.)
  kernel::World& world() { return world_; }

  // The capture shows signals: what only one could excuse is a divergence when the thread goes on without.
  void shows_signals(bool b) { shows_signals_ = b; }

  // The recorder may have been told what to show (shown.h): what a call contradicts that it may have left out
  // is no divergence.
  void may_be_filtered(bool b) { filtered_ = b; }

  // What was found so far; `profile` is as the header facts made it.
  Summary& summary() {
    summary_.profile = world_.profile;
    summary_.tried = world_.orders.tried;
    summary_.untried = world_.orders.left;
    return summary_;
  }

 private:
  void take_fact(std::string_view text);
  void count(const capture::Event& e, const kernel::Verdict& v);
  void settle(const capture::Event& e);
  void count_window(bool overlaps);
  void take_misfits();
  void diverges(std::uint64_t line, std::int32_t tid, const kernel::Call&, const kernel::Verdict&);
  void keep(kernel::Sys, Divergence);
  void judge_alone(const capture::Event&);
  void take_back_contexts();
  bool may_lack(const kernel::Rule& rule) const {
    return filtered_ && shown_.may_lack(rule, world_.learned.shows_all);
  }

  kernel::World world_;
  kernel::Verdict verdict_;
  Summary summary_;
  bool in_window_ = false;
  bool unordered_ = false;  // the capture orders the calls of each thread only
  bool shows_signals_ = false;
  bool filtered_ = false;
  Shown shown_;

  // A call that is excused by what happens to its thread next: a signal, or, where it was `cut` short, its
  // end.
  struct Held {
    kernel::Sys sys;
    std::int32_t tid;
    bool cut;
    Divergence otherwise;
  };
  void hold(const capture::Event&, const kernel::Verdict&, const kernel::Rule&, bool cut);
  std::vector<Held> held_;
  std::array<std::uint64_t, kernel::kSysCount>
      of_contexts_{};  // divergences of rules of AIO contexts, by call
};

}  // namespace ringtail::oracle
