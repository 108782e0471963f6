// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/oracle/divergence_json.h"
#include "replay/oracle/report.h"

namespace ringtail::oracle {
namespace {

using Json = nlohmann::ordered_json;

Json counts(const Counts& c) {
  return {{"conforms", c.conforms}, {"diverges", c.diverges}, {"not_judged", c.not_judged}};
}

std::string_view name_of(kernel::Profile::Source s) {
  switch (s) {
    case kernel::Profile::Source::assumed:
      return "assumed";
    case kernel::Profile::Source::header:
      return "capture";
    case kernel::Profile::Source::option:
      return "option";
  }
  return "";
}

Json capture(const Summary& s) {
  const Counts all = s.total();
  Json by_call = Json::object();
  for (int i = 0; i < kernel::kSysCount; ++i)
    if (const Counts& c = s.by_sys[static_cast<std::size_t>(i)]; c.all())
      by_call[std::string(kernel::name_of(static_cast<kernel::Sys>(i)))] = counts(c);
  Json reasons = Json::object();
  for (const auto& [why, n] : s.reasons) reasons[std::string(why)] = n;
  Json problems = Json::array();
  for (const auto& p : s.first_problems) problems.push_back({{"line", p.line}, {"what", p.what}});
  return {{"file", s.file},
          {"format", s.format},
          {"kernel", s.profile.release.empty() ? to_string(s.profile.version) : s.profile.release},
          {"kernel_from", name_of(s.profile.source)},
          {"lines", s.lines},
          {"calls", all.all()},
          {"conforms", all.conforms},
          {"diverges", all.diverges},
          {"not_judged", all.not_judged},
          {"exact", s.exact},
          {"windows", s.windows},
          {"orders_tried", s.tried},
          {"orders_untried", s.untried},
          {"unfinished", s.unfinished},
          {"lost", s.lost},
          {"alone", s.alone},
          {"problems", s.problems},
          {"first_problems", problems},
          {"by_call", by_call},
          {"not_judged_reasons", reasons},
          {"divergences", json_of(s.divergences)},
          {"verdict", s.verdict()}};
}

}  // namespace

Json json_of(const std::vector<Divergence>& divergences) {
  Json list = Json::array();
  for (const Divergence& d : divergences) {
    list.push_back({{"line", d.line},
                    {"tid", d.tid},
                    {"call", d.call},
                    {"observed", d.observed},
                    {"allowed", d.allowed},
                    {"rule", d.rule},
                    {"cites", d.cites}});
    if (!d.beside.empty()) list.back()["in_no_order_of_lines"] = d.beside;
  }
  return list;
}

std::string report_json(const std::vector<Summary>& captures) {
  Json list = Json::array();
  for (const Summary& s : captures) list.push_back(capture(s));
  const Json document = {{"captures", list}, {"verdict", verdict_of(captures)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ringtail::oracle
