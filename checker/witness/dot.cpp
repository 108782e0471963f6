// SPDX-License-Identifier: GPL-2.0-or-later
#include <set>

#include <fmt/format.h>

#include "checker/witness/render.h"

namespace ringtail::witness {
namespace {

using memory::EventId;
using memory::Graph;
using memory::Kind;

std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
  }
  return out;
}

// a, b, ... z, ba, bb ...: herd7's names of events.
std::string letters(std::size_t n) {
  std::string out(1, static_cast<char>('a' + n % 26));
  while ((n /= 26) > 0) out.insert(out.begin(), static_cast<char>('a' + n % 26));
  return out;
}

class Dot {
 public:
  explicit Dot(const Story& s) : e_(s.execution), g_(s.execution.graph) {
    if (const auto v = memory::violation(g_, memory::Model::sc))
      for (std::size_t i = 0; i < v->cycle.size(); ++i)
        mark(v->cycle[i], v->cycle[(i + 1) % v->cycle.size()]);
  }

  std::string text(const Story& s) {
    out_ = fmt::format(
        "digraph \"{}\" {{\n"
        "  // lay out with dot -Tsvg\n"
        "  label=\"{}\";\n  labelloc=t;\n  fontname=\"Helvetica\";\n  splines=spline;\n"
        "  node [shape=none, fontname=\"Helvetica\", fontsize=11, height=0.3];\n"
        "  edge [fontname=\"Helvetica\", fontsize=10, arrowsize=0.8];\n",
        quoted(e_.spec), label(s));
    for (std::size_t t = 0; t < g_.thread_count(); ++t) thread(t);
    for (EventId e = 0; e < g_.size(); ++e) communication(e);
    return out_ + "}\n";
  }

 private:
  // Program order is drawn from each event to the next, and a step of the cycle may be many of these.
  void mark(EventId from, EventId to) {
    cycle_.insert({from, to});
    if (g_[from].thread != g_[to].thread || g_[from].po > g_[to].po) return;
    const auto events = g_.thread(g_[from].thread);
    for (std::size_t i = g_[from].po; i < g_[to].po; ++i) cycle_.insert({events[i], events[i + 1]});
  }

  std::string label(const Story& s) const {
    std::string text = e_.kind + (e_.message.empty() ? "" : ": " + e_.message) + " (" +
                       std::string(memory::name(e_.model)) + ")";
    for (const Missing& m : s.missing) text += "\n" + sentence(e_, m);
    return quoted(text);
  }

  void thread(std::size_t t) {
    const auto events = g_.thread(t);
    if (events.empty()) return;
    out_ += fmt::format("  subgraph cluster_{} {{\n    label=\"{}\";\n    color=gray;\n", t,
                        quoted(e_.threads[t].name));
    for (const EventId e : events) {
      const Step& step = e_.threads[t].steps[step_of(e_.threads[t], e)];
      const char* kind = g_[e].kind == Kind::read ? "R " : g_[e].kind == Kind::write ? "W " : "F ";
      std::string text = letters(e) + ": " + kind + step.text;
      if (!step.outcome.empty() && g_[e].kind != Kind::fence) text += " " + step.outcome;
      text += fmt::format("\n{}:{} {}()", step.at.file, step.at.line, step.at.function);
      out_ += fmt::format("    e{} [label=\"{}\"];\n", e, quoted(text));
    }
    out_ += "  }\n";
    for (std::size_t i = 0; i + 1 < events.size(); ++i) {
      const bool both = g_.rmw_partner(events[i]) == events[i + 1];
      edge(events[i], events[i + 1], both ? "rmw" : "po", "black", true);
    }
    // Dependencies are drawn beside program order, since they are what orders it.
    for (const EventId e : events) {
      const memory::Dependencies d = g_.dependencies(e);
      for (const std::uint16_t r : d.addr) edge(events[r], e, "addr", "indigo", false);
      for (const std::uint16_t r : d.data) edge(events[r], e, "data", "indigo", false);
      for (const std::uint16_t r : d.ctrl) edge(events[r], e, "ctrl", "indigo", false);
    }
  }

  void communication(EventId e) {
    if (g_[e].kind == Kind::fence) return;
    const auto co = g_.location(g_[e].location).co;
    if (g_[e].kind == Kind::write) {
      const std::size_t at = g_.co_index(e);
      if (at + 1 < co.size()) edge(e, co[at + 1], "co", "blue", false);
      return;
    }
    if (g_[e].rf == memory::no_event) return;
    std::size_t next = 0;
    if (g_[e].rf != memory::initial) {
      edge(g_[e].rf, e, "rf", "red", false);
      next = g_.co_index(g_[e].rf) + 1;
    } else {
      out_ += fmt::format(
          "  i{0} [shape=point, style=invis];\n  i{0} -> e{0} [label=\"rf\", color=red, "
          "fontcolor=red];\n",
          e);
    }
    if (next < co.size() && co[next] != g_.rmw_partner(e)) edge(e, co[next], "fr", "#ffa040", false);
  }

  void edge(EventId from, EventId to, const char* name, const char* color, bool ranks) {
    const bool bold = cycle_.contains({from, to});
    out_ +=
        fmt::format("  e{} -> e{} [label=\"{}\", color=\"{}\", fontcolor=\"{}\"{}{}];\n", from, to, name,
                    color, color, bold ? ", penwidth=3" : "", ranks ? ", weight=10" : ", constraint=false");
  }

  const Execution& e_;
  const Graph& g_;
  std::set<std::pair<EventId, EventId>> cycle_;
  std::string out_;
};

}  // namespace

std::string to_dot(const Story& s) { return Dot(s).text(s); }

}  // namespace ringtail::witness
