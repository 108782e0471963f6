// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/load.h"

#include "model/lang/lex.h"
#include "model/lang/litmus.h"
#include "model/lang/lower_litmus.h"

namespace ringtail::lang {
namespace {

Unexpected<Rejected> rejected(const Errors& errors) {
  return Unexpected(Rejected{errors.all(), errors.text()});
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

}  // namespace ringtail::lang
