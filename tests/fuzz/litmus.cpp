// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes as a litmus test: no crash, no hang, an error has a message, and what parses prints to what
// parses again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "model/lang/load.h"
#include "model/lang/print.h"

using namespace ringtail::lang;

namespace {

std::string printed(const std::string& text, bool& good) {
  Sources sources;
  Errors errors(sources);
  const LexedLitmus lexed = lex_litmus(sources, sources.add("fuzz.litmus", text), errors);
  const std::string out = print(parse_litmus(lexed, errors));
  good = errors.ok();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto spec = load_litmus("fuzz.litmus", text);
  if (spec) ringtail::ir::print(spec->program);
  else if (spec.error().text.empty()) std::abort();
  bool good = false, again = false;
  const std::string once = printed(text, good);
  if (!good) return 0;
  const std::string twice = printed(once, again);
  if (!again || once != twice) std::abort();
  return 0;
}
