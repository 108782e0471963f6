// SPDX-License-Identifier: GPL-2.0-or-later
// The texts that a spec is made of, places in them, and what is wrong there.
//
// Sources owns every text that is read (the spec, its includes, the prelude) for as long as tokens point into
// it; a Loc is a file's number and a span. Errors collects diagnostics of one run, drops repeats at one
// place, and stops taking them at a limit, so that one missing brace does not print a thousand lines.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "model/base/diagnostic.h"

namespace ringtail::lang {

struct Loc {
  std::uint32_t file = 0;  // index into Sources
  Span span;
  friend bool operator==(const Loc&, const Loc&) = default;
};

// The place that begins at `first` and ends where `last` does, when both are on one line; else `first`.
Loc join(const Loc& first, const Loc& last);

class Sources {
 public:
  std::uint32_t add(std::string name, std::string text);
  const std::string& name(std::uint32_t file) const { return files_[file].name; }
  std::string_view text(std::uint32_t file) const { return files_[file].text; }
  std::size_t size() const { return files_.size(); }
  // A text that no file holds (a pasted or built token), kept as long as the files.
  std::string_view intern(std::string text) { return interned_.emplace_back(std::move(text)); }

 private:
  struct File {
    std::string name;
    std::string text;
  };
  std::deque<File> files_;
  std::deque<std::string> interned_;
};

class Errors {
 public:
  explicit Errors(const Sources& sources) : sources_(&sources) {}

  void error(const Loc& at, std::string what, std::string hint = "");
  void note(const Loc& at, std::string what);
  bool ok() const { return count_ == 0; }
  bool full() const { return count_ >= limit; }
  // All diagnostics as one text, each with its source line.
  std::string text() const;
  const std::vector<Diagnostic>& all() const { return found_; }

  static constexpr std::size_t limit = 20;

 private:
  void add(const Loc& at, std::string what, std::string hint, Severity severity);
  const Sources* sources_;
  std::vector<Diagnostic> found_;
  std::vector<std::uint32_t> files_;  // of each diagnostic
  std::size_t count_ = 0;
};

}  // namespace ringtail::lang
