// SPDX-License-Identifier: GPL-2.0-or-later
#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/kernel/rule.h"
#include "replay/oracle/divergence_json.h"
#include "replay/run/run.h"

namespace ringtail::run {
namespace {

using Json = nlohmann::ordered_json;

std::string status_name(int status) {
  if (status == Tally::kUnwritten) return "unwritten";
  return status < 0 ? "-" + kernel::errno_name(-status) : std::to_string(status);
}

std::string host_lines(const Outcome& o) {
  std::string text =
      fmt::format("{}, {} node{}\n", o.host.kernel, o.host.nodes.size(), o.host.nodes.size() == 1 ? "" : "s");
  for (const host::Node& n : o.host.nodes)
    text += fmt::format("  node {:<4} {:>8} MiB, {} free{}{}; distances {}\n", n.id, n.total_kib / 1024,
                        n.free_kib / 1024, n.cpus ? "" : ", no processor",
                        n.allowed ? "" : ", not for this process", fmt::join(n.distances, " "));
  text += fmt::format("  {}; transparent huge pages {}, hugetlb {}, NUMA balancing {}, KSM {}\n",
                      o.host.swap_kib ? fmt::format("swap of {} MiB", o.host.swap_kib / 1024) : "no swap",
                      o.host.thp, o.host.huge_pages(), o.host.numa_balancing ? "on" : "off",
                      o.host.ksm ? "on" : "off");
  return text;
}

std::string storm_lines(const Outcome& o) {
  const Storm& s = o.storm;
  const Tally& t = s.tally;
  const oracle::Counts c = s.judged.total();
  std::vector<std::string> kinds;
  for (const auto& [kind, n] : s.by_kind) kinds.push_back(fmt::format("{} of {}", n, text_of(kind)));
  std::string text = fmt::format("\n{} rounds ({}), I/O on {}\n", s.rounds, fmt::join(kinds, ", "), s.io);
  text += fmt::format("  pages    {} asked for, {} seen to move; {} calls moved a part\n", t.asked, t.moved,
                      t.partial);
  std::vector<std::string> statuses;
  for (const auto& [status, n] : t.statuses)
    statuses.push_back(fmt::format("{} x {}", status_name(status), n));
  text += fmt::format("  status   {}\n", fmt::join(statuses, ", "));
  text += fmt::format("  beside   {} words written, {} advices, {} forks, {} requests of I/O\n", t.writes,
                      t.advices, t.forks, t.ios);
  text += fmt::format("  content  {} lost writes, {} other errors, {} left under migration\n", t.lost_writes,
                      t.content_errors, t.left_behind);
  text +=
      fmt::format("  calls    {} conform, {} diverge, {} not judged\n", c.conforms, c.diverges, c.not_judged);
  for (const Finding& f : t.findings) text += fmt::format("\n  {}: {}\n", f.what, f.where);
  for (const oracle::Divergence& d : s.judged.divergences)
    text +=
        fmt::format("\n  line {}, thread {}: {}\n    observed  {}\n    allowed   {}\n    rule      {} ({})\n",
                    d.line, d.tid, d.call, d.observed, fmt::join(d.allowed, ", "), d.rule, d.cites);
  return text;
}

std::string copy_lines(const Outcome& o) {
  std::string text =
      fmt::format("\n  {:>4} {:>4} {:>8} {:>8} {:>7} {:>12} {:>8} {:>12} {:>7}\n", "from", "to", "page KB",
                  "threads", "batch", "pages/s", "GB/s", "memcpy GB/s", "share");
  for (const CopyRow& r : o.copy)
    text += fmt::format("  {:>4} {:>4} {:>8} {:>8} {:>7} {:>12.0f} {:>8.3f} {:>12.3f} {:>6.1f}%{}\n", r.from,
                        r.to, r.page_kb, r.threads, r.batch, r.pages_per_s, r.gb_per_s, r.memcpy_gb_per_s,
                        100 * r.share(), r.left ? fmt::format("  {} pages did not arrive", r.left) : "");
  if (const std::size_t batch = best_batch(o.copy))
    text += fmt::format("  batches of {} pages come within 5 % of the best\n", batch);
  return text;
}

std::string verdict_line(const Outcome& o) {
  if (o.violated()) return "\n  violation: this kernel did what it must not\n";
  if (o.did_nothing()) return "\n  inconclusive: nothing that was asked for could be done on this host\n";
  if (o.lacks_node())
    return "\n  inconclusive: all that one node allows holds; what needs a second node could not be done\n";
  return "\n  holds: every page kept its content, and the model allows what every judged call did\n";
}

}  // namespace

std::string report_text(const Outcome& o) {
  std::string text = host_lines(o);
  if (o.storm.rounds) text += storm_lines(o);
  if (!o.copy.empty()) text += copy_lines(o);
  if (!o.left_out.empty()) {
    text += "\n  not done here:\n";
    for (const std::string& what : o.left_out) text += "    " + what + "\n";
  }
  return text + verdict_line(o);
}

std::string report_json(const Outcome& o) {
  Json nodes = Json::array();
  for (const host::Node& n : o.host.nodes)
    nodes.push_back({{"node", n.id},
                     {"total_kib", n.total_kib},
                     {"free_kib", n.free_kib},
                     {"cpus", n.cpus},
                     {"allowed", n.allowed},
                     {"huge_pages", n.huge_pages},
                     {"distances", n.distances}});
  const Storm& s = o.storm;
  const Tally& t = s.tally;
  Json statuses = Json::object();
  for (const auto& [status, n] : t.statuses) statuses[status_name(status)] = n;
  Json findings = Json::array();
  for (const Finding& f : t.findings) findings.push_back({{"what", f.what}, {"where", f.where}});
  Json kinds = Json::object();
  for (const auto& [kind, n] : s.by_kind) kinds[std::string(text_of(kind))] = n;
  Json copy = Json::array();
  for (const CopyRow& r : o.copy)
    copy.push_back({{"from", r.from},
                    {"to", r.to},
                    {"page_kb", r.page_kb},
                    {"threads", r.threads},
                    {"batch", r.batch},
                    {"pages_per_s", r.pages_per_s},
                    {"gb_per_s", r.gb_per_s},
                    {"memcpy_gb_per_s", r.memcpy_gb_per_s},
                    {"share", r.share()},
                    {"left", r.left}});
  const oracle::Counts c = s.judged.total();
  Json document = {
      {"host",
       {{"kernel", o.host.kernel},
        {"nodes", nodes},
        {"swap_kib", o.host.swap_kib},
        {"thp", o.host.thp},
        {"huge_pages", o.host.huge_pages()},
        {"numa_balancing", o.host.numa_balancing},
        {"ksm", o.host.ksm}}},
      {"nodes", o.nodes},
      {"seed", o.seed},
      {"pages", o.pages},
      {"rounds", s.rounds},
      {"kinds", kinds},
      {"asked", t.asked},
      {"moved", t.moved},
      {"partial", t.partial},
      {"statuses", statuses},
      {"writes", t.writes},
      {"advices", t.advices},
      {"forks", t.forks},
      {"io", t.ios},
      {"io_on", s.io},
      {"lost_writes", t.lost_writes},
      {"content_errors", t.content_errors},
      {"left_behind", t.left_behind},
      {"findings", findings},
      {"calls", {{"conforms", c.conforms}, {"diverges", c.diverges}, {"not_judged", c.not_judged}}},
      {"divergences", oracle::json_of(s.judged.divergences)},
      {"not_done", o.left_out},
      {"verdict", o.verdict()},
      {"copy", copy},
      {"best_batch", best_batch(o.copy)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ringtail::run
