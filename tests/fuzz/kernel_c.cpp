// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes as a spec: no crash, no hang, an error has a message, and what parses prints to what parses
// again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "model/lang/load.h"
#include "model/lang/parse.h"
#include "model/lang/print.h"

using namespace ringtail::lang;

namespace {

std::optional<Include> no_include(const std::string&, bool, const std::string&) { return std::nullopt; }

std::string printed(const std::string& text, bool& good) {
  Sources sources;
  Errors errors(sources);
  const Preprocessed p = preprocess(sources, sources.add("fuzz.c", text), {}, no_include, errors);
  const std::string out = print(parse(p.tokens, errors));
  good = errors.ok();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto spec = load_spec("fuzz.c", text, {}, no_include);
  if (spec) ringtail::ir::print(spec->program);
  else if (spec.error().text.empty()) std::abort();
  bool good = false, again = false;
  const std::string once = printed(text, good);
  if (!good) return 0;
  const std::string twice = printed(once, again);
  if (!again || once != twice) std::abort();
  return 0;
}
