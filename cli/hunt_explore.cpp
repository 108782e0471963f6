// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/hunt_explore.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "cli/check_print.h"
#include "cli/ends.h"
#include "cli/tell.h"
#include "model/lang/load.h"
#include "replay/hunt/headers.h"

namespace ringtail::cli {
namespace {

using nlohmann::ordered_json;

// Of the explorer, before it is asked by states: less than a second, and the same on every machine.
constexpr std::uint64_t kFirstSteps = 50'000;

std::optional<lang::Include> find_header(const std::string& wanted, bool, const std::string& from) {
  const std::string name = (std::filesystem::path(from).parent_path() / wanted).lexically_normal().string();
  for (const hunt::Header& h : hunt::headers())
    if (h.name == name) return lang::Include{name, std::string(h.text)};
  return std::nullopt;
}

std::string to_text(const Explored& e) {
  return ordered_json{{"verdict", e.verdict}, {"class", e.violation},       {"message", e.message},
                      {"bound", e.bound},     {"executions", e.executions}, {"blocked", e.blocked},
                      {"states", e.states},   {"story", e.story},           {"witness", e.witness},
                      {"limit", e.limit}}
      .dump();
}

std::optional<Explored> of_text(const std::string& text) {
  const ordered_json j = ordered_json::parse(text, nullptr, false);
  if (!j.is_object() || !j.contains("limit") || !j["executions"].is_number_unsigned() ||
      !j["states"].is_number_unsigned())
    return std::nullopt;
  return Explored{j["verdict"], j["class"],  j["message"], j["bound"], j["executions"],
                  j["blocked"], j["states"], j["story"],   j["limit"], j["witness"]};
}

// Whether there is nothing more to be had with this limit.
bool answers(const Explored& e, double limit) { return e.verdict != "timeout" || e.limit >= limit; }

Explored not_asked(std::string why) {
  Explored out;
  out.verdict = "timeout";
  out.bound = std::move(why);
  return out;
}

// What plain accesses of old code mean is not the question here: they are taken as marked.
Explored explore_now(const hunt::Program& program, memory::Model model, double timeout) {
  Explored out;
  const std::string name = program.name + ".c";
  const auto spec = lang::load_spec(name, program.text(), {}, find_header);
  if (!spec) {
    out.verdict = "bounded";
    out.bound = "the program cannot be read: " + spec.error().text;
    return out;
  }
  explore::Options options;
  options.model = model;
  options.timeout = timeout;
  options.plain_is_once = true;
  Checked c{name, {}, {}, &*spec, model, all_ends(spec->program, options, kFirstSteps), 0};
  out.verdict = verdict_name(c.outcome.result);
  out.bound = c.outcome.bound;
  if (out.verdict == "timeout") {
    out.limit = timeout;
    out.bound = fmt::format("no end in {:g} s", timeout);
  }
  out.executions = c.outcome.executions;
  out.blocked = c.outcome.blocked;
  out.states = c.outcome.states;
  if (!c.outcome.violation) return out;
  out.violation = c.outcome.violation->kind;
  out.message = c.outcome.violation->message;
  CheckOptions how;
  how.plain = "once";
  how.without_finally = true;
  std::tie(out.story, out.witness) = tell(c, how, *c.outcome.violation);
  return out;
}

}  // namespace

Explored Explorer::explore(const hunt::Program& program, memory::Model model, double limit,
                           Deadline deadline) {
  const std::string question = fmt::format("{} {}\n{}", memory::name(model), program.name, program.body);
  std::optional<Explored> before;
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = known_.find(question); it != known_.end()) before = it->second;
  }
  if (before && answers(*before, limit)) return *before;
  std::optional<Explored> out;
  if (const auto text = cache_.find(question)) out = of_text(*text);
  const bool found = out && answers(*out, limit);
  if (!found) {
    const double left = std::chrono::duration<double>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return before ? *before : not_asked("the budget is spent");
    out = explore_now(program, model, std::min(limit, left));
    cache_.put(question, to_text(*out));
  }
  const std::lock_guard lock(mutex_);
  ++(found ? found_ : explored_);
  return known_[question] = *out;
}

std::vector<ModelResult> Explorer::explore(const hunt::Shape& shape, kernel::Version version,
                                           const std::vector<memory::Model>& models, double limit,
                                           Deadline deadline) {
  const std::vector<const hunt::PathBug*> all = hunt::bugs_of(version, hunt::domain_of(shape));
  std::vector<const hunt::PathBug*> path;  // what is no bug, and stays
  for (const hunt::PathBug* b : all)
    if (b->id.empty()) path.push_back(b);
  std::vector<ModelResult> out;
  for (const memory::Model model : models) {
    const auto ask = [&](const std::vector<const hunt::PathBug*>& bugs) {
      return explore(hunt::compose(shape, bugs), model, limit, deadline);
    };
    if (!out.empty() && out.back().explored.verdict == "timeout") {
      out.push_back(
          {model, not_asked(fmt::format("{} has not ended", memory::name(out.back().model))), {}, false});
      continue;
    }
    ModelResult& r = out.emplace_back(ModelResult{model, ask(all), {}, false});
    if (r.explored.verdict != "violation") continue;
    r.known = ask(path).verdict == "safe";
    for (const hunt::PathBug* b : all) {
      if (b->id.empty()) continue;
      std::vector<const hunt::PathBug*> one = path;
      one.push_back(b);
      if (ask(one).verdict == "violation") r.bugs.push_back(b);
    }
  }
  return out;
}

}  // namespace ringtail::cli
