// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/source.h"

namespace ringtail::lang {

Loc join(const Loc& first, const Loc& last) {
  if (first.file != last.file || first.span.line != last.span.line || last.span.column < first.span.column)
    return first;
  Loc both = first;
  both.span.length = last.span.column + last.span.length - first.span.column;
  return both;
}

std::uint32_t Sources::add(std::string name, std::string text) {
  files_.push_back({std::move(name), std::move(text)});
  return static_cast<std::uint32_t>(files_.size() - 1);
}

void Errors::error(const Loc& at, std::string what, std::string hint) {
  if (full()) return;
  for (const Diagnostic& d : found_)
    if (d.severity == Severity::error && d.span.line == at.span.line && d.span.column == at.span.column &&
        d.file == sources_->name(at.file))
      return;
  ++count_;
  add(at, std::move(what), std::move(hint), Severity::error);
}

void Errors::note(const Loc& at, std::string what) {
  if (!full()) add(at, std::move(what), "", Severity::note);
}

void Errors::add(const Loc& at, std::string what, std::string hint, Severity severity) {
  found_.push_back({sources_->name(at.file), at.span, std::move(what), std::move(hint), severity});
  files_.push_back(at.file);
}

std::string Errors::text() const {
  std::string out;
  for (std::size_t i = 0; i < found_.size(); ++i) out += render(found_[i], sources_->text(files_[i]));
  if (full()) out += "too many errors, the rest is not shown\n";
  return out;
}

}  // namespace ringtail::lang
