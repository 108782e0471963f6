// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/live/search.h"

#include <algorithm>

namespace ringtail::live {
namespace {

constexpr int kTries = 8;             // of a program whose calls may overlap
constexpr unsigned kMostRuns = 2000;  // until what there is must be small enough

class Shrinking {
 public:
  Shrinking(Program program, Finding finding)
      : found_{std::move(program), std::move(finding), 0}, rule_(found_.finding.divergence.rule) {}

  Found run() {
    for (bool smaller = true; smaller && found_.runs < kMostRuns;) {
      smaller = false;
      for (std::size_t t = 0; t < threads().size(); ++t) {
        smaller |= cut(t, [](Thread& steps) -> Thread& { return steps; });
        smaller |= drop(t);
        for (std::size_t i = 0; t < threads().size() && i < threads()[t].size(); ++i) {
          smaller |= cut(t, [i](Thread& steps) -> std::vector<Put>& { return steps[i].puts; });
          smaller |= lower(t, i);
        }
      }
    }
    return std::move(found_);
  }

 private:
  std::vector<Thread>& threads() { return found_.program.threads; }

  bool take(const Program& candidate) {
    for (int tries = tries_of(candidate); tries > 0 && found_.runs < kMostRuns; --tries) {
      ++found_.runs;
      Held held = hold(candidate);
      if (!held.finding || held.finding->divergence.rule != rule_) continue;
      found_.program = candidate;
      found_.finding = std::move(*held.finding);
      return true;
    }
    return false;
  }

  // Parts of the list that `in` finds in thread `t`: halves, quarters, and so on down to single elements.
  template <class In>
  bool cut(std::size_t t, In in) {
    bool smaller = false;
    for (std::size_t size = in(threads()[t]).size(); size > 0; size /= 2)
      for (std::size_t at = 0; at < in(threads()[t]).size();) {
        Program p = found_.program;
        auto& list = in(p.threads[t]);
        const auto begin = list.begin() + static_cast<std::ptrdiff_t>(at);
        list.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(size, list.size() - at)));
        if (take(p)) smaller = true;
        else at += size;
      }
    return smaller;
  }

  // A thread that does nothing.
  bool drop(std::size_t t) {
    if (threads().size() == 1 || !threads()[t].empty()) return false;
    Program p = found_.program;
    p.threads.erase(p.threads.begin() + static_cast<std::ptrdiff_t>(t));
    return take(p);
  }

  // Numbers nearer to nothing, as rapidcheck lowers them.
  bool lower(std::size_t t, std::size_t i) {
    bool smaller = false;
    const auto number = [&](auto in) {
      for (bool again = true; again;) {
        again = false;
        auto candidates = rc::shrink::integral(in(threads()[t][i]));
        while (const auto value = candidates.next()) {
          Program p = found_.program;
          in(p.threads[t][i]) = *value;
          if (!take(p)) continue;
          smaller = again = true;
          break;
        }
      }
    };
    for (std::size_t a = 0; a < static_cast<std::size_t>(threads()[t][i].count); ++a)
      number([a](Step& s) -> std::int64_t& { return s.args[a].value; });
    for (std::size_t n = 0; n < threads()[t][i].puts.size(); ++n)
      number([n](Step& s) -> std::int64_t& { return s.puts[n].value.value; });
    number([](Step& s) -> int& { return s.children; });
    return smaller;
  }

  Found found_;
  const std::string_view rule_;
};

}  // namespace

Kind kind_of(std::uint64_t number) {
  const auto n = static_cast<int>(number % (2 * kFamilies + 1));
  if (n == 2 * kFamilies) return {Family::mixed, 3};
  return {static_cast<Family>(n / 2), 1 + n % 2};
}

Program program_of(std::uint64_t number, Kind kind) {
  // Short programs and long ones; rapidcheck takes the size for the most steps of a thread.
  const int size = 1 + static_cast<int>(number * 37 % rc::kNominalSize);
  return programs(kind.family, kind.threads)(rc::Random(number), size).value();
}

int tries_of(const Program& program) {
  const bool clones = std::any_of(program.threads.begin(), program.threads.end(), [](const Thread& t) {
    return std::any_of(t.begin(), t.end(), [](const Step& s) { return s.sys == kernel::Sys::clone; });
  });
  return program.threads.size() > 1 || clones ? kTries : 1;
}

Found shrink(Program program, Finding finding) {
  return Shrinking(std::move(program), std::move(finding)).run();
}

}  // namespace ringtail::live
