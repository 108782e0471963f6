// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "checker/witness/render.h"

namespace ringtail::witness {
namespace {

class Table {
 public:
  explicit Table(const Story& s) : s_(s), widths_(s.execution.threads.size()) {}

  void row(std::size_t number, std::size_t thread, std::string cell) {
    widths_[thread] = std::max(widths_[thread], cell.size());
    rows_.push_back({number, thread, std::move(cell)});
  }

  std::string text() {
    std::string out = "     ";
    for (std::size_t t = 0; t < widths_.size(); ++t) {
      if (!s_.execution.threads[t].started) continue;
      widths_[t] = std::max(widths_[t], s_.execution.threads[t].name.size());
      out += fmt::format("  {:<{}}", s_.execution.threads[t].name, widths_[t]);
    }
    trim_end(out);
    for (const Row& r : rows_) {
      out += r.number == 0 ? "     " : fmt::format("{:5}", r.number);
      std::size_t indent = 2;
      for (std::size_t t = 0; t < r.thread; ++t)
        if (s_.execution.threads[t].started) indent += widths_[t] + 2;
      out += std::string(indent, ' ') + r.cell;
      trim_end(out);
    }
    return out;
  }

 private:
  struct Row {
    std::size_t number, thread;
    std::string cell;
  };
  static void trim_end(std::string& out) {
    while (out.back() == ' ') out.pop_back();
    out += '\n';
  }
  const Story& s_;
  std::vector<std::size_t> widths_;
  std::vector<Row> rows_;
};

}  // namespace

std::string to_text(const Story& s, const std::string& command) {
  const Execution& e = s.execution;
  std::string out = fmt::format("{} under {}: {}{}{}\n\n", e.spec, memory::name(e.model), e.kind,
                                e.message.empty() ? "" : ": ", e.message);
  Table table(s);
  std::vector<Place> at(e.threads.size());
  for (std::size_t i = 0; i < s.order.size(); ++i) {
    const Told& t = s.order[i];
    const Step& step = e.threads[t.thread].steps[t.step];
    if (step.at.function != at[t.thread].function) table.row(0, t.thread, step.at.function + "()");
    at[t.thread] = step.at;
    const std::string file = step.at.file == e.spec ? "" : step.at.file + ":";
    std::string cell = fmt::format("{}{}: {}", file, step.at.line, step.text);
    if (t.reaches_memory) cell += " reaches memory";
    else if (!step.outcome.empty()) cell += " " + step.outcome;
    if (t.buffered) cell += ", buffered";
    if (t.from) cell += fmt::format(", from {}", *t.from + 1);
    if (t.initial) cell += ", initial";
    if (t.stale) cell += fmt::format(" (stale: not {})", *t.stale + 1);
    if (step.fails) cell += "  <--";
    table.row(i + 1, t.thread, std::move(cell));
  }
  for (std::size_t t = 0; t < e.threads.size(); ++t)
    if (!e.threads[t].end.empty())
      table.row(
          0, t,
          fmt::format("{}{}: {}", e.threads[t].end_at.file == e.spec ? "" : e.threads[t].end_at.file + ":",
                      e.threads[t].end_at.line, e.threads[t].end));
  out += table.text();
  out += fmt::format("\n{}\n", explanation(s.telling));
  for (const Missing& m : s.missing) out += sentence(e, m) + "\n";
  if (!command.empty()) out += fmt::format("replay: {}\n", command);
  return out;
}

}  // namespace ringtail::witness
