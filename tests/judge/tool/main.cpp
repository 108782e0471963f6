// SPDX-License-Identifier: GPL-2.0-or-later
// litmus_judge [--json] --model M [--timeout S] FILE...: the judge's answer for each litmus test, in the JSON
// of `ringtail check`. For script/bench litmus --judge and for looking into a disagreement.
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "checker/judge/judge.h"
#include "model/lang/load.h"

namespace {

using namespace ringtail;

nlohmann::json state_json(const std::string& state) {
  nlohmann::json out = nlohmann::json::object();
  std::istringstream in(state);
  std::string word;
  while (in >> word) {
    word.pop_back();  // the semicolon
    const std::size_t equals = word.find('=');
    out[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return out;
}

nlohmann::json answer(const std::string& path, memory::Model model, const judge::Options& options) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  nlohmann::json out = {{"spec", path}, {"model", memory::name(model)}};
  auto loaded = lang::load_litmus(path, text.str());
  if (!loaded) {
    out["message"] = loaded.error().text;
    return out;
  }
  const judge::Judgement j = judge::judge(loaded->program, model, options);
  if (!j.unsupported.empty()) {
    out["message"] = j.unsupported;
    return out;
  }
  out["observation"] = j.observation();
  out["positive"] = j.positive;
  out["negative"] = j.negative;
  out["flags"] = j.flags;
  out["states"] = nlohmann::json::array();
  for (const std::string& s : j.states) out["states"].push_back(state_json(s));
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  std::optional<memory::Model> model = memory::Model::lkmm;
  judge::Options options;
  nlohmann::json checks = nlohmann::json::array();
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "--json") continue;
    if (arg == "--timeout" && i + 1 < argc) {
      options.max_candidates = std::stoull(argv[++i]) * 200'000;
    } else if (arg == "--model" && i + 1 < argc) {
      model = memory::model_named(argv[++i]);
      if (!model) return 2;
    } else {
      checks.push_back(answer(arg, *model, options));
    }
  }
  std::cout << nlohmann::json{{"checks", checks}}.dump() << "\n";
}
