// SPDX-License-Identifier: GPL-2.0-or-later
#include "checker/witness/script.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace ringtail::witness {
namespace {

using nlohmann::ordered_json;

std::string line(const ordered_json& j) {
  return j.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// Members of one object, each looked for by name and type; the first that is not there is the error.
class Members {
 public:
  Members(const ordered_json& j, std::string where) : j_(j), where_(std::move(where)) {}

  std::string text(const char* name, bool required = true) {
    const ordered_json* m = member(name, required);
    if (m == nullptr) return {};
    if (m->is_string()) return m->get<std::string>();
    return fail(name, "a string"), std::string();
  }
  bool flag(const char* name, bool required = true) {
    const ordered_json* m = member(name, required);
    if (m != nullptr && !m->is_boolean()) fail(name, "true or false");
    return m != nullptr && m->is_boolean() && m->get<bool>();
  }
  std::optional<std::int64_t> number(const char* name, bool required) {
    const ordered_json* m = member(name, required);
    if (m == nullptr) return std::nullopt;
    if (m->is_number_integer()) return m->get<std::int64_t>();
    return fail(name, "an integer"), std::nullopt;
  }
  // What counts steps.
  std::optional<std::size_t> count(const char* name, bool required) {
    const auto n = number(name, required);
    if (n && (*n < 0 || *n > 1 << 20)) return fail(name, "a step's number"), std::nullopt;
    return n ? std::optional<std::size_t>(static_cast<std::size_t>(*n)) : std::nullopt;
  }
  const ordered_json& array(const char* name, bool required = true) {
    static const ordered_json none = ordered_json::array();
    const ordered_json* m = member(name, required);
    if (m != nullptr && m->is_array()) return *m;
    if (m != nullptr) fail(name, "an array");
    return none;
  }
  void fail(const char* name, const char* expected) {
    if (error.empty()) error = fmt::format("{}\"{}\" must be {}", where_, name, expected);
  }
  std::string error;

 private:
  const ordered_json* member(const char* name, bool required) {
    const auto it = j_.is_object() ? j_.find(name) : j_.end();
    if (j_.is_object() && it != j_.end()) return &*it;
    if (required && error.empty()) error = fmt::format("{}\"{}\" is missing", where_, name);
    return nullptr;
  }
  const ordered_json& j_;
  std::string where_;
};

}  // namespace

std::string print(const Script& s) {
  std::string out = fmt::format(
      "{{\"ringtail-witness\": 1,\n \"spec\": {},\n \"defines\": {},\n \"model\": {},\n \"plain_is_once\": "
      "{},\n \"unroll\": {},\n{} \"class\": {},\n \"message\": {},\n \"steps\": [",
      line(s.spec), line(s.defines), line(memory::name(s.model)), s.plain_is_once, s.unroll,
      (s.proof.empty() ? "" : fmt::format(" \"proof\": {},\n", line(s.proof))) +
          (s.init.empty() ? "" : fmt::format(" \"init\": {},\n", line(s.init))),
      line(s.kind), line(s.message));
  for (std::size_t i = 0; i < s.steps.size(); ++i) {
    const ScriptStep& step = s.steps[i];
    out += fmt::format("{}\n  {{\"step\": {}, \"thread\": {}, \"at\": {}, \"text\": {}", i == 0 ? "" : ",",
                       i + 1, line(step.thread), line(step.at), line(step.text));
    if (step.value) out += fmt::format(", \"value\": {}", *step.value);
    if (step.from) out += fmt::format(", \"from\": {}", *step.from);
    if (step.fails) out += ", \"fails\": true";
    out += "}";
  }
  out += "],\n \"coherence\": [";
  for (std::size_t i = 0; i < s.coherence.size(); ++i)
    out += fmt::format("{}{}", i == 0 ? "" : ", ", line(s.coherence[i]));
  return out + "]}\n";
}

Result<Script> parse_script(const std::string& text) {
  const auto j = ordered_json::parse(text, nullptr, false);
  if (j.is_discarded()) return Unexpected(std::string("not a witness: the JSON is broken"));
  if (!j.is_object()) return Unexpected(std::string("not a witness: a JSON object is expected"));
  Members m(j, "");
  if (m.number("ringtail-witness", true) != 1) return Unexpected(std::string("not a witness of version 1"));
  Script s;
  s.spec = m.text("spec");
  for (const ordered_json& d : m.array("defines"))
    if (d.is_string()) s.defines.push_back(d.get<std::string>());
    else m.fail("defines", "an array of strings");
  const std::string model = m.text("model");
  if (const auto known = memory::model_named(model)) s.model = *known;
  else m.fail("model", "sc, tso, lkmm or lkmm-6.1");
  s.plain_is_once = m.flag("plain_is_once");
  s.unroll = static_cast<std::uint32_t>(m.count("unroll", true).value_or(0));
  s.proof = m.text("proof", false);
  for (const ordered_json& n : m.array("init", false))
    if (n.is_number_integer()) s.init.push_back(n.get<std::int64_t>());
    else m.fail("init", "an array of integers");
  s.kind = m.text("class");
  s.message = m.text("message");
  for (const ordered_json& step : m.array("steps")) {
    Members n(step, fmt::format("step {}: ", s.steps.size() + 1));
    if (n.count("step", true) != s.steps.size() + 1) n.fail("step", "the step's place, counted from 1");
    s.steps.push_back({n.text("thread"), n.text("at"), n.text("text"), n.number("value", false),
                       n.count("from", false), n.flag("fails", false)});
    if (!n.error.empty()) return Unexpected(n.error);
  }
  for (const ordered_json& order : m.array("coherence")) {
    std::vector<std::size_t> steps;
    for (const ordered_json& n : order)
      if (n.is_number_unsigned() && n.get<std::uint64_t>() >= 1 && n.get<std::uint64_t>() <= s.steps.size())
        steps.push_back(n.get<std::size_t>());
      else m.fail("coherence", "arrays of numbers of steps");
    s.coherence.push_back(std::move(steps));
  }
  if (!m.error.empty()) return Unexpected(m.error);
  return s;
}

Script script_of(const Story& s) {
  using memory::EventId;
  const Execution& e = s.execution;
  const memory::Graph& g = e.graph;
  Script out;
  out.spec = e.spec;
  out.model = e.model;
  out.kind = e.kind;
  out.message = e.message;
  out.init = e.init_choices;
  std::vector<std::size_t> number(g.size());
  std::vector<const Step*> told;
  for (const Told& t : s.order) {
    if (t.reaches_memory) continue;
    const Step& step = e.threads[t.thread].steps[t.step];
    out.steps.push_back({e.threads[t.thread].name,
                         fmt::format("{}:{}", step.at.file, step.at.line),
                         step.text,
                         step.chosen,
                         {},
                         step.stops});
    for (const EventId i : step.events) number[i] = out.steps.size();
    told.push_back(&step);
  }
  for (std::size_t i = 0; i < told.size(); ++i)
    for (const EventId r : told[i]->events)
      if (g[r].kind == memory::Kind::read) {
        out.steps[i].value = g[r].value;
        out.steps[i].from = g[r].rf < g.size() ? number[g[r].rf] : 0;
      }
  for (std::size_t l = 0; l < g.location_count(); ++l) {
    if (g.location(l).co.size() < 2) continue;
    std::vector<std::size_t> order;
    for (const EventId w : g.location(l).co) order.push_back(number[w]);
    out.coherence.push_back(std::move(order));
  }
  return out;
}

}  // namespace ringtail::witness
