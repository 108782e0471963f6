// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/json.h"

namespace ringtail::witness {

using nlohmann::ordered_json;

ordered_json to_json(const Story& s) {
  const Execution& e = s.execution;
  ordered_json out{{"spec", e.spec},
                   {"model", memory::name(e.model)},
                   {"class", e.kind},
                   {"message", e.message},
                   {"telling", name(s.telling)},
                   {"explanation", explanation(s.telling)},
                   {"threads", ordered_json::array()},
                   {"steps", ordered_json::array()},
                   {"missing", ordered_json::array()}};
  for (const Thread& t : e.threads) {
    ordered_json thread{{"name", t.name}};
    if (!t.end.empty()) {
      thread["end"] = t.end;
      thread["file"] = t.end_at.file;
      thread["line"] = t.end_at.line;
    }
    out["threads"].push_back(std::move(thread));
  }
  for (const Told& t : s.order) {
    const Step& step = e.threads[t.thread].steps[t.step];
    ordered_json j{{"thread", t.thread},
                   {"file", step.at.file},
                   {"line", step.at.line},
                   {"function", step.at.function},
                   {"text", step.text}};
    if (!step.outcome.empty() && !t.reaches_memory) j["outcome"] = step.outcome;
    if (t.from) j["from"] = *t.from;
    if (t.initial) j["initial"] = true;
    if (t.stale) j["stale"] = *t.stale;
    if (t.buffered) j["buffered"] = true;
    if (t.reaches_memory) j["reaches_memory"] = true;
    if (step.fails) j["fails"] = true;
    out["steps"].push_back(std::move(j));
  }
  for (const Missing& m : s.missing) {
    const Thread& t = e.threads[e.graph[m.before].thread];
    out["missing"].push_back({{"fence", memory::name(m.fence)},
                              {"thread", e.graph[m.before].thread},
                              {"before", t.steps[step_of(t, m.before)].at.line},
                              {"after", t.steps[step_of(t, m.after)].at.line},
                              {"text", sentence(e, m)}});
  }
  return out;
}

}  // namespace ringtail::witness
