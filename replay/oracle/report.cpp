// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/oracle/report.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace ringtail::oracle {
namespace {

using kernel::Family;
using kernel::Profile;

constexpr Family kFamilies[] = {Family::memory,    Family::process, Family::madvise,
                                Family::migration, Family::aio,     Family::descriptor};

std::string plural(std::uint64_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string kernel_line(const Profile& p) {
  switch (p.source) {
    case Profile::Source::header:
      return fmt::format("{}, as the capture says", p.release);
    case Profile::Source::option:
      return fmt::format("{}, as --kernel says", to_string(p.version));
    case Profile::Source::assumed:
      return fmt::format("{} assumed: the capture names none; --kernel V says which", to_string(p.version));
  }
  return "";
}

std::string share(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? "" : fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(of));
}

}  // namespace

std::string report_text(const Summary& s) {
  std::string out;
  auto put = std::back_inserter(out);
  const Counts other = s.by_sys[static_cast<std::size_t>(kernel::Sys::other)];
  Counts judged = s.total();
  judged.not_judged -= other.not_judged;

  fmt::format_to(put, "{}\n", s.file);
  fmt::format_to(put, "  capture  {}, {}, {}", s.format, plural(s.lines, "line"),
                 plural(judged.all(), "call"));
  if (other.all()) fmt::format_to(put, " of the model and {} of others", other.all());
  fmt::format_to(put, "\n  kernel   {}\n", kernel_line(s.profile));
  if (s.windows)
    fmt::format_to(put,
                   "  overlap  {} of several threads overlapped; judged by what any order of them allows\n",
                   s.windows == 1 ? "once calls" : fmt::format("{} times calls", s.windows));
  if (s.problems) {
    fmt::format_to(put, "  trouble  {} could not be read; the calls around them were judged\n",
                   plural(s.problems, "line"));
    for (const auto& p : s.first_problems) fmt::format_to(put, "             line {}: {}\n", p.line, p.what);
    if (s.problems > s.first_problems.size())
      fmt::format_to(put, "             and {} more\n", s.problems - s.first_problems.size());
  }
  if (s.lost)
    fmt::format_to(put, "  trouble  the recorder lost events {}; what was known before was forgotten\n",
                   s.lost == 1 ? "once" : fmt::format("{} times", s.lost));
  if (s.alone)
    fmt::format_to(put,
                   "  trouble  the recorder leaves calls out; {} not held against what was known before\n",
                   s.alone == 1 ? "one call was" : fmt::format("{} calls were", s.alone));
  if (s.unfinished)
    fmt::format_to(put, "  cut      {} without an end in the capture\n", plural(s.unfinished, "call"));

  fmt::format_to(put, "\n  {:<12}{:>10}{:>10}{:>10}{:>12}\n", "family", "calls", "conform", "diverge",
                 "not judged");
  for (const Family f : kFamilies) {
    Counts c;
    for (int i = 0; i < kernel::kSysCount; ++i)
      if (kernel::family_of(static_cast<kernel::Sys>(i)) == f) c.add(s.by_sys[static_cast<std::size_t>(i)]);
    if (c.all())
      fmt::format_to(put, "  {:<12}{:>10}{:>10}{:>10}{:>12}\n", kernel::name_of(f), c.all(), c.conforms,
                     c.diverges, c.not_judged);
  }
  fmt::format_to(put, "  {:<12}{:>10}{:>10}{:>10}{:>12}\n", "all", judged.all(), judged.conforms,
                 judged.diverges, judged.not_judged);

  const auto not_judged = judged.not_judged;
  if (not_judged) {
    fmt::format_to(put, "\n  not judged, because\n");
    for (const auto& [why, n] : s.reasons)
      if (why != kernel::reason::kNotModelled || n > other.not_judged)
        fmt::format_to(put, "  {:>10}  {}\n", n, why);
  }

  const Counts all = s.total();
  for (const Divergence& d : s.divergences) {
    fmt::format_to(put, "\n  line {}", d.line);
    if (d.tid) fmt::format_to(put, ", thread {}", d.tid);
    fmt::format_to(put, ": {}\n    observed  {}\n    allowed   {}\n    rule      {} ({})\n", d.call,
                   d.observed, d.allowed.empty() ? "nothing" : fmt::format("{}", fmt::join(d.allowed, ", ")),
                   d.rule, d.cites);
    if (!d.beside.empty())
      fmt::format_to(put,
                     "    orders    the calls of lines {} overlap; no order of them explains this result\n",
                     fmt::join(d.beside, ", "));
  }
  if (all.diverges > s.divergences.size())
    fmt::format_to(put, "\n  and {} more divergences\n", all.diverges - s.divergences.size());

  if (all.diverges)
    fmt::format_to(put, "\n  diverges: {} did what the model of this kernel does not allow\n",
                   plural(all.diverges, "call"));
  else if (all.conforms)
    fmt::format_to(put,
                   "\n  conforms: the model allows what every judged call did; for {} of them ({}) it "
                   "allowed nothing else\n",
                   s.exact, share(s.exact, all.conforms));
  else fmt::format_to(put, "\n  not judged: no call in this capture could be held against the model\n");
  return out;
}

std::string_view verdict_of(const std::vector<Summary>& captures) {
  Counts c;
  for (const Summary& s : captures) c.add(s.total());
  return c.diverges ? "diverges" : c.conforms ? "conforms" : "not_judged";
}

}  // namespace ringtail::oracle
