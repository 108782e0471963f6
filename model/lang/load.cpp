// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/load.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "model/lang/lex.h"
#include "model/lang/litmus.h"
#include "model/lang/lower.h"
#include "model/lang/lower_litmus.h"
#include "model/lang/parse.h"

namespace ringtail::lang {
namespace {

Unexpected<Rejected> rejected(const Errors& errors) {
  return Unexpected(Rejected{errors.all(), errors.text()});
}

std::optional<std::string> read(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Built-in headers are called <ringtail.h>, <prelude/wait.h>; one includes another by its name within that
// folder.
std::optional<Include> find_prelude(const std::string& path) {
  for (const PreludeFile& file : prelude())
    if (file.name == path) return Include{"<" + path + ">", std::string(file.text)};
  return std::nullopt;
}

// The ways a program can be found wanting. A spec that has none of them would be called safe whatever it
// does.
bool can_fail(const ir::Program& program) {
  if (!program.invariants.empty() || program.finally) return true;
  for (const ir::Function& fn : program.functions)
    for (const ir::Instr& i : fn.code) {
      const bool failing =
          std::holds_alternative<ir::Check>(i.node) || std::holds_alternative<ir::Lock>(i.node) ||
          std::holds_alternative<ir::Await>(i.node) || std::holds_alternative<ir::Free>(i.node) ||
          std::holds_alternative<ir::CallRcu>(i.node);
      const auto* rmw = std::get_if<ir::Rmw>(&i.node);
      if (failing || (rmw != nullptr && rmw->blocking)) return true;
    }
  return false;
}

}  // namespace

Result<Spec, Rejected> load_litmus(const std::string& name, std::string text) {
  auto sources = std::make_shared<Sources>();
  Errors errors(*sources);
  const LexedLitmus lexed = lex_litmus(*sources, sources->add(name, std::move(text)), errors);
  const LitmusTree tree = parse_litmus(lexed, errors);
  if (!errors.ok()) return rejected(errors);
  Spec spec;
  spec.program = lower_litmus(tree, errors);
  if (!errors.ok()) return rejected(errors);
  spec.sources = std::move(sources);
  return spec;
}

Result<Spec, Rejected> load_spec(const std::string& name, std::string text,
                                 const std::vector<Define>& defines, const FindInclude& find) {
  auto sources = std::make_shared<Sources>();
  Errors errors(*sources);
  const std::uint32_t file = sources->add(name, std::move(text));
  const auto find_any = [&](const std::string& path, bool system,
                            const std::string& from) -> std::optional<Include> {
    if (system || from.starts_with('<')) return find_prelude(path);
    return find(path, system, from);
  };
  const Preprocessed preprocessed = preprocess(*sources, file, defines, find_any, errors);
  Spec spec;
  spec.annotations = read_annotations(preprocessed.comments, errors);
  const SpecTree tree = parse(preprocessed.tokens, errors);
  if (!errors.ok()) return rejected(errors);
  spec.program = lower(tree, preprocessed.macros, *sources, errors);
  spec.program.name = name;
  spec.variants = preprocessed.tested;
  const bool expects_violation = std::any_of(
      spec.annotations.expectations.begin(), spec.annotations.expectations.end(), [](const Expectation& e) {
        return std::any_of(e.verdicts.begin(), e.verdicts.end(),
                           [](const ModelVerdict& v) { return v.verdict == Verdict::violation; });
      });
  const Loc whole{file, {0, 0, 1}};
  if (errors.ok() && spec.program.threads.empty() && spec.program.proofs.empty())
    errors.error(whole, "the spec has no THREAD and no PROOF");
  if (errors.ok() && !can_fail(spec.program) && !expects_violation)
    errors.error(whole, "the spec cannot fail",
                 "it needs an assertion, an INVARIANT, a FINALLY, or something that can block or be freed");
  if (!errors.ok()) return rejected(errors);
  spec.sources = std::move(sources);
  return spec;
}

Result<Spec, Rejected> load_file(const std::string& path, const std::vector<Define>& defines) {
  const std::optional<std::string> text = read(path);
  if (!text) {
    const Diagnostic d{path, {0, 0, 1}, "cannot be read", "", Severity::error};
    return Unexpected(Rejected{{d}, render(d, "")});
  }
  if (path.ends_with(".litmus")) return load_litmus(path, *text);
  const auto beside = [](const std::string& wanted, bool, const std::string& from) -> std::optional<Include> {
    const std::string found =
        (std::filesystem::path(from).parent_path() / wanted).lexically_normal().string();
    if (auto text = read(found)) return Include{found, std::move(*text)};
    return std::nullopt;
  };
  return load_spec(path, *text, defines, beside);
}

}  // namespace ringtail::lang
