// SPDX-License-Identifier: GPL-2.0-or-later
// Judges complete execution graphs, and gathers what they say into an Outcome: a litmus test's states, or
// what is wrong. Whoever makes the graphs (every one: explore.cpp; some: checker/schedule) has the same
// judge.
#pragma once

#include <absl/container/flat_hash_map.h>

#include "checker/explore/always.h"
#include "checker/explore/explore.h"
#include "checker/explore/search.h"

namespace ringtail::explore {

template <int W>
class Judge {
 public:
  Judge(const ir::Program& program, const Options& options, Outcome& out)
      : program_(program), options_(options), out_(out) {}

  // False ends the search.
  bool operator()(Search<W>& search, State<W>& s);

 private:
  // False where something is wrong.
  bool judge(Search<W>& search, State<W>& s);
  bool found(Search<W>& search, State<W>& s, std::string kind, std::string message,
             std::vector<Slot> culprits = {});
  Violation execution(Search<W>& search, State<W>& s, std::string kind, std::string message,
                      std::vector<Slot> culprits);
  // Keeps the first execution of a litmus test that decides its question.
  void exemplify(Search<W>& search, State<W>& s, std::uint64_t positive_before);
  std::string thread_name(Search<W>& search, std::size_t t) const;
  std::string text_of(Search<W>& search, machine::Failure f, std::uint32_t at) const;
  // Tells of an access that a free has led to.
  bool after_free(Search<W>& search, State<W>& s);
  bool fails(Search<W>& search, State<W>& s);
  bool waits_for_ever(Search<W>& search, State<W>& s);
  // Whether all accesses to objects could have come before kfree(), the execution being what it is.
  bool all_may_come_before(Search<W>& search, const State<W>& s);
  // Whether the access could have come after kfree(), grace periods considered: asked of the model by letting
  // it see what kfree() writes.
  bool may_follow(Search<W>& search, const State<W>& s, Slot a, Slot f) const;
  // No access to an object that kfree() may have taken, and no race.
  bool memory_is_well(Search<W>& search, State<W>& s);
  bool ends_well(Search<W>& search, State<W>& s);
  // FINALLY, what is observed, and leaks: of the memory that the execution leaves. Where an assumption of
  // FINALLY does not hold, the execution does not count.
  bool leaves_well(Search<W>& search, State<W>& s, bool& counts);
  bool invariants_hold(Search<W>& search, State<W>& s);
  // What is observed in memory after FINALLY: empty if it is allowed, else in words.
  std::string refused(const Initial& memory);
  // Only some events can be misused or race.
  static bool may_flag(const State<W>& s);
  void flag(Search<W>& search, State<W>& s);

  const ir::Program& program_;
  const Options& options_;
  Outcome& out_;
  Initial memory_;  // as the last execution left it: the next one's places are mostly the same
  std::vector<Remembered> invariants_;
  // What executions left that ended well (what threads wrote, made and freed), and whether they count.
  static constexpr std::size_t most_ends = 1u << 16;
  absl::flat_hash_map<std::vector<std::int64_t>, bool> ended_well_;
};

}  // namespace ringtail::explore
