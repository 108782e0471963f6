// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/load.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "model/lang/lex.h"
#include "model/lang/litmus.h"
#include "model/lang/lower.h"
#include "model/lang/lower_litmus.h"
#include "model/lang/parse.h"
#include "model/lang/prelude.h"

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

// Finds what a spec includes. Built-in headers are called <ringtail.h>, <prelude/wait.h>; one includes
// another by its name within that folder.
class Headers {
 public:
  // The spec has all of <ringtail.h>.
  explicit Headers(const FindInclude& find) : find_(find) {}
  // It has what it needs of it.
  Headers(const FindInclude& find, const std::string& spec, const std::string& text,
          const std::vector<Define>& defines)
      : find_(find), needed_(std::in_place) {
    for (const Define& d : defines) {
      needed_->take(d.name);
      needed_->take(d.value);
    }
    take(text, spec);
  }

  std::optional<Include> operator()(const std::string& path, bool system, const std::string& from) {
    if (!system && !from.starts_with('<')) return beside(path, from);
    const PreludeFile* const file = prelude_file(path);
    if (!file) return std::nullopt;
    const bool part = needed_ && path == kWhole;
    return Include{"<" + path + ">", part ? needed_->ringtail_h() : std::string(file->text)};
  }

 private:
  static constexpr std::string_view kWhole = "ringtail.h";

  std::optional<Include> beside(const std::string& path, const std::string& from) {
    const auto [it, is_new] = found_.try_emplace({path, from});
    if (is_new) it->second = find_(path, false, from);
    return it->second;
  }

  // What the text says is needed, and what it includes.
  void take(const std::string& text, const std::string& from) {
    needed_->take(text);
    for_includes(text, [&](const std::string& path, bool system) {
      if (system && path == kWhole) return;
      const std::optional<Include> include = (*this)(path, system, from);
      if (include && taken_.insert(include->name).second) take(include->text, include->name);
    });
  }

  // f(path, whether it stands in <>) for each line that begins as an #include does.
  template <class F>
  static void for_includes(std::string_view text, F f) {
    constexpr std::string_view kInclude = "include";
    for (auto at = text.find('#'); at != text.npos; at = text.find('#', at + 1)) {
      const auto word = text.find_first_not_of(" \t", at + 1);
      if (word == text.npos || !text.substr(word).starts_with(kInclude)) continue;
      const auto open = text.find_first_not_of(" \t", word + kInclude.size());
      if (open == text.npos || (text[open] != '"' && text[open] != '<')) continue;
      const auto close = text.find(text[open] == '<' ? '>' : '"', open + 1);
      if (close != text.npos) f(std::string(text.substr(open + 1, close - open - 1)), text[open] == '<');
    }
  }

  const FindInclude& find_;
  std::optional<NeededPrelude> needed_;
  std::map<std::pair<std::string, std::string>, std::optional<Include>>
      found_;  // by path and who includes it
  std::set<std::string> taken_;
};

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

namespace {

Result<Spec, Rejected> load(const std::string& name, const std::string& text,
                            const std::vector<Define>& defines, const FindInclude& find) {
  auto sources = std::make_shared<Sources>();
  Errors errors(*sources);
  const std::uint32_t file = sources->add(name, text);
  const Preprocessed preprocessed = preprocess(*sources, file, defines, find, errors);
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

}  // namespace

Result<Spec, Rejected> load_spec(const std::string& name, std::string text,
                                 const std::vector<Define>& defines, const FindInclude& find) {
  auto spec = load(name, text, defines, Headers(find, name, text, defines));
  return spec ? std::move(spec) : load(name, text, defines, Headers(find));
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
