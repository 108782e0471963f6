// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/hunt_report.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace ringtail::cli {
namespace {

using nlohmann::ordered_json;

const ModelResult* first_violation(const HuntedShape& s) {
  const auto it = std::find_if(s.results.begin(), s.results.end(),
                               [](const ModelResult& r) { return r.explored.verdict == "violation"; });
  return it == s.results.end() ? nullptr : &*it;
}

std::string kernel_of(const kernel::Profile& p) {
  const std::string name = "Linux " + kernel::to_string(p.version);
  switch (p.source) {
    case kernel::Profile::Source::assumed:
      return name + " (assumed)";
    case kernel::Profile::Source::option:
      return name + " (as asked)";
    case kernel::Profile::Source::header:
      return name;
  }
  return name;
}

std::string plural(std::size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

// `sc: safe, 12 executions; tso: safe, 900 states; lkmm: violation (assertion), 3 executions`
std::string verdicts(const HuntedShape& s) {
  std::string out;
  for (const ModelResult& r : s.results) {
    const Explored& e = r.explored;
    out += fmt::format("{}{}: {}", out.empty() ? "" : "; ", memory::name(r.model), e.verdict);
    if (!e.violation.empty()) out += fmt::format(" ({})", e.violation);
    else if (!e.bound.empty()) out += fmt::format(" ({})", e.bound);
    out += fmt::format(", {}", e.states > 0 ? plural(e.states, "state") : plural(e.executions, "execution"));
  }
  return out;
}

std::string bug_line(const hunt::PathBug& b) {
  return fmt::format("{}{}{} (v{}) {}", b.id, b.commit.empty() ? "" : " ", b.commit,
                     kernel::to_string(b.fixed), b.subject);
}

std::string text_of(const HuntedShape& s) {
  std::string out = fmt::format("{:>9} times from line {}: {}\n", s.found.count, s.found.line,
                                hunt::name_of(s.found.shape));
  out +=
      fmt::format("{:>15} {}; {}.c\n", "",
                  s.results.empty() ? "not explored: --calls 3 asks for that" : verdicts(s), s.program.name);
  const ModelResult* v = first_violation(s);
  if (v == nullptr) return out;
  // Under a weaker model there may be more.
  std::vector<const hunt::PathBug*> told;
  for (const ModelResult& r : s.results)
    for (const hunt::PathBug* b : r.bugs) {
      if (std::find(told.begin(), told.end(), b) != told.end()) continue;
      told.push_back(b);
      out += fmt::format("{:>15} known bug under {}: {}\n", "", memory::name(r.model), bug_line(*b));
    }
  if (!v->known) out += fmt::format("{:>15} no known bug\n", "");
  return out + "\n" + v->explored.story + "\n";
}

ordered_json json_of(const HuntedShape& s) {
  ordered_json results = ordered_json::array();
  for (const ModelResult& r : s.results) {
    const Explored& e = r.explored;
    ordered_json bugs = ordered_json::array();
    for (const hunt::PathBug* b : r.bugs)
      bugs.push_back({{"id", b->id},
                      {"commit", b->commit},
                      {"fixed", "v" + kernel::to_string(b->fixed)},
                      {"subject", b->subject}});
    results.push_back({{"model", memory::name(r.model)},
                       {"verdict", e.verdict},
                       {"class", e.violation.empty() ? ordered_json() : ordered_json(e.violation)},
                       {"message", e.violation.empty() ? e.bound : e.message},
                       {"executions", e.executions},
                       {"blocked", e.blocked},
                       {"states_met", e.states},
                       {"bugs", bugs},
                       {"known", e.verdict != "violation" ? ordered_json() : ordered_json(r.known)},
                       {"witness", e.witness}});
  }
  const hunt::Shape& shape = s.found.shape;
  const bool pages = shape.what == hunt::Touch::What::pages;
  ordered_json operations = {hunt::name_of(shape.first), hunt::name_of(shape.second)};
  if (shape.third) operations.push_back(hunt::name_of(*shape.third));
  return {{"shape", hunt::name_of(shape)},
          {"operations", operations},
          {"relation", pages ? ordered_json(hunt::name_of(shape.relation)) : ordered_json()},
          {"pages", pages ? ordered_json(hunt::name_of(shape.pages.kind)) : ordered_json()},
          {"read_only", shape.pages.read_only},
          {"from_another_process", shape.remote},
          {"of_two_processes", shape.apart},
          {"count", s.found.count},
          {"line", s.found.line},
          {"program", s.program.name + ".c"},
          {"verdict", verdict_of(s)},
          {"results", results}};
}

}  // namespace

bool ended(const HuntedShape& s) {
  return !s.results.empty() && std::none_of(s.results.begin(), s.results.end(), [](const ModelResult& r) {
    return r.explored.verdict == "timeout";
  });
}

std::string_view verdict_of(const HuntedShape& s) {
  if (s.results.empty()) return "not explored";
  if (first_violation(s)) return "violation";
  const bool safe = std::all_of(s.results.begin(), s.results.end(),
                                [](const ModelResult& r) { return r.explored.verdict == "safe"; });
  return safe ? "safe" : "inconclusive";
}

std::string_view verdict_of(const std::vector<HuntedCapture>& captures) {
  bool open = false;
  for (const HuntedCapture& c : captures) {
    open |= c.calls == 0 || c.undecided > 0 || c.lost > 0 || c.unordered;
    for (const HuntedShape& s : c.shapes) {
      if (verdict_of(s) == "violation") return "violation";
      open |= verdict_of(s) != "safe";
    }
  }
  return open ? "inconclusive" : "safe";
}

std::string hunt_text(const std::vector<HuntedCapture>& captures) {
  std::string out;
  for (const HuntedCapture& c : captures) {
    if (!out.empty()) out += "\n";
    out += fmt::format("{}: {}, {}, {}\n", c.file, kernel_of(c.profile), plural(c.calls, "call"),
                       plural(c.shapes.size(), "shape"));
    if (c.calls == 0) out += "inconclusive: there is no call in it that could be looked at\n";
    if (c.problems > 0) out += fmt::format("{} could not be read\n", plural(c.problems, "line"));
    if (c.lost > 0)
      out += fmt::format("the recorder lost events {}: what overlapped there is not known\n",
                         c.lost == 1 ? "once" : fmt::format("{} times", c.lost));
    if (c.undecided > 0)
      out += fmt::format("{} may have overlapped: what the other call was about was not known in time\n",
                         plural(c.undecided, "pair"));
    if (c.unordered) out += "the files have no times: which calls overlapped is not known\n";
    // What there is to do something about comes last, where it is seen.
    std::map<std::string_view, std::size_t> counts;
    for (const std::string_view verdict : {"not explored", "safe", "inconclusive", "violation"})
      for (const HuntedShape& s : c.shapes)
        if (verdict_of(s) == verdict) {
          ++counts[verdict];
          out += text_of(s);
        }
    out += fmt::format("safe: {}, inconclusive: {}, violated: {}", counts["safe"], counts["inconclusive"],
                       counts["violation"]);
    if (counts["not explored"]) out += fmt::format(", not explored: {}", counts["not explored"]);
    out += "\n";
  }
  return out;
}

std::string hunt_json(const std::vector<HuntedCapture>& captures) {
  ordered_json all = ordered_json::array();
  for (const HuntedCapture& c : captures) {
    ordered_json shapes = ordered_json::array();
    for (const HuntedShape& s : c.shapes) shapes.push_back(json_of(s));
    all.push_back({{"file", c.file},
                   {"kernel", kernel::to_string(c.profile.version)},
                   {"lines", c.lines},
                   {"calls", c.calls},
                   {"problems", c.problems},
                   {"lost", c.lost},
                   {"undecided", c.undecided},
                   {"unordered", c.unordered},
                   {"shapes", shapes}});
  }
  return ordered_json{{"captures", all}, {"verdict", verdict_of(captures)}}.dump(2) + "\n";
}

}  // namespace ringtail::cli
