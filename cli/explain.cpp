// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

#include <fmt/format.h>

#include "checker/prove/prove.h"
#include "checker/witness/json.h"
#include "checker/witness/render.h"
#include "checker/witness/replay.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace ringtail::cli {
namespace {

struct Options {
  std::string witness, dot, html;
  bool json = false;
};

int refuse(const std::string& file, const std::string& why) {
  fmt::print(stderr, "{}: error: {}\n", file, why);
  return kBadInput;
}

int explain(const Options& o) {
  std::ifstream in(o.witness, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return refuse(o.witness, "cannot be read");
  const auto script = witness::parse_script(text);
  if (!script) return refuse(o.witness, script.error());
  std::vector<lang::Define> defines;
  for (const std::string& d : script->defines) {
    const std::size_t equals = d.find('=');
    defines.push_back({d.substr(0, equals), equals == std::string::npos ? "1" : d.substr(equals + 1)});
  }
  const auto spec = lang::load_file(script->spec, defines);
  if (!spec) {
    fmt::print(stderr, "{}", spec.error().text);
    return kBadInput;
  }
  lang::Spec program = *spec;
  if (!script->proof.empty()) {
    const auto& proofs = spec->program.proofs;
    const auto proof = std::find_if(proofs.begin(), proofs.end(),
                                    [&](const ir::Proof& p) { return p.name == script->proof; });
    if (proof == proofs.end()) return refuse(o.witness, "the spec has no PROOF " + script->proof);
    program = prove::spec_of(*spec, static_cast<std::size_t>(proof - proofs.begin()));
  }
  auto execution = witness::replay(program, *script);
  if (!execution) return refuse(o.witness, execution.error());
  const witness::Story story = witness::tell(std::move(*execution));
  const std::string command = "ringtail explain " + o.witness;
  if (!o.dot.empty()) write_text(o.dot, witness::to_dot(story));
  if (!o.html.empty()) write_text(o.html, witness::to_html(story, command));
  if (o.json) fmt::print("{}\n", witness::to_json(story).dump(1));
  else fmt::print("{}", witness::to_text(story, command));
  return kHolds;
}

}  // namespace

void add_explain(CLI::App& app, int& status) {
  auto o = std::make_shared<Options>();
  CLI::App* cmd = app.add_subcommand(
      "explain",
      "replay a witness step by step; exit 0 when machine and model confirm it, 2 when they do not");
  cmd->add_option("witness", o->witness, "what 'ringtail check --witness' wrote")->required();
  cmd->add_option("--dot", o->dot, "write the execution graph for dot(1) to this file")->check(no_file);
  cmd->add_option("--html", o->html, "write a page to step through to this file")->check(no_file);
  cmd->add_flag("--json", o->json, "print JSON instead of text");
  cmd->callback([o, &status] { status = explain(*o); });
}

}  // namespace ringtail::cli
