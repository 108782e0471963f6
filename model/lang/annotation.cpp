// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/annotation.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace ringtail::lang {
namespace {

constexpr std::array<std::string_view, 4> kWords = {"source", "bug", "expect", "seed"};
constexpr std::array<std::string_view, 6> kModels = {"sc", "tso", "lkmm", "lkmm-6.1", "all", ""};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '*'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.';
}

std::string_view trim(std::string_view s) {
  while (!s.empty() && is_blank(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_blank(s.back())) s.remove_suffix(1);
  return s;
}

std::string_view take_word(std::string_view& s) {
  s = trim(s);
  std::size_t n = 0;
  while (n < s.size() && is_word(s[n])) ++n;
  const std::string_view word = s.substr(0, n);
  s.remove_prefix(n);
  return word;
}

bool take(std::string_view& s, char c) {
  s = trim(s);
  if (s.empty() || s.front() != c) return false;
  s.remove_prefix(1);
  return true;
}

// Edits from one word to the other, for spelling mistakes.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

struct Line {
  std::string text;  // after the @word and its brackets
  std::string word;
  std::vector<std::string> variant;
  Loc at;
};

class Reader {
 public:
  explicit Reader(Errors& errors) : errors_(errors) {}

  Annotations run(const std::vector<Comment>& comments) {
    for (const Comment& c : comments) split(c);
    for (const Line& line : lines_) {
      if (line.word == "source") out_.sources.push_back(line.text);
      if (line.word == "seed") out_.seed.push_back(line.text);
      if (line.word == "bug") bug(line);
      if (line.word == "expect") expect(line);
    }
    return std::move(out_);
  }

 private:
  void split(const Comment& c) {
    std::string_view rest = c.text;
    Loc at = c.at;
    bool first = true;
    while (first || !rest.empty()) {
      const std::size_t end = rest.find('\n');
      const std::string_view line = rest.substr(0, end);
      one(line, at, first ? at.span.column + 1 : 0);
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
      ++at.span.line;
      first = false;
    }
  }

  void one(std::string_view raw, Loc at, std::uint32_t before) {
    const std::string_view text = trim(raw);
    at.span.column = before + 1 + static_cast<std::uint32_t>(text.empty() ? 0 : text.data() - raw.data());
    at.span.length = static_cast<std::uint32_t>(std::max<std::size_t>(1, text.size()));
    const bool follows = !lines_.empty() && at.span.line == last_line_ + 1 && raw.starts_with("  ");
    if (!text.starts_with('@')) {
      if (follows && !text.empty()) {
        lines_.back().text += " " + std::string(text);
        last_line_ = at.span.line;
      } else if (out_.title.empty() && lines_.empty() && !text.starts_with("SPDX-")) {
        out_.title = text;
      }
      return;
    }
    std::string_view s = text.substr(1);
    Line line;
    line.word = take_word(s);
    line.at = at;
    if (std::find(kWords.begin(), kWords.end(), line.word) == kWords.end()) {
      for (const std::string_view w : kWords)
        if (distance(w, line.word) <= 2)
          errors_.error(at, fmt::format("unknown annotation '@{}'", line.word),
                        fmt::format("is '@{}' meant?", w));
      return;
    }
    if (s.starts_with('[')) {
      take(s, '[');
      do {
        line.variant.emplace_back(take_word(s));
      } while (take(s, ','));
      if (!take(s, ']') || line.variant.back().empty()) {
        errors_.error(at, fmt::format("expected '@{}[MACRO, ...]'", line.word));
        return;
      }
      std::sort(line.variant.begin(), line.variant.end());
    }
    line.text = trim(s);
    last_line_ = at.span.line;
    lines_.push_back(std::move(line));
  }

  void bug(const Line& line) {
    Bug bug;
    bug.variant = line.variant;
    bug.at = line.at;
    std::string_view s = line.text, ahead = s;
    std::string_view word = take_word(ahead);
    const std::size_t dash = word.find('-');
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto hex = [&](char c) { return digit(c) || (c >= 'a' && c <= 'f'); };
    if (dash != std::string_view::npos && dash > 0 &&
        std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(dash), upper) &&
        word.size() > dash + 1 &&
        std::all_of(word.begin() + static_cast<std::ptrdiff_t>(dash) + 1, word.end(), digit)) {
      bug.id = word;
      s = ahead;
      word = take_word(ahead);
    }
    if (word.size() >= 7 && word.size() <= 40 && std::all_of(word.begin(), word.end(), hex)) {
      bug.commit = word;
      s = ahead;
    }
    ahead = s;
    if (take(ahead, '(')) {
      const std::size_t close = ahead.find(')');
      if (close != std::string_view::npos) {
        bug.kernel = trim(ahead.substr(0, close));
        s = ahead.substr(close + 1);
      }
    }
    bug.text = trim(s);
    if (bug.text.empty()) errors_.error(line.at, "expected '@bug [ID] [COMMIT] [(KERNEL)] what it does'");
    out_.bugs.push_back(std::move(bug));
  }

  // models ':' verdict [class], any number of times
  void expect(const Line& line) {
    Expectation e;
    e.variant = line.variant;
    e.at = line.at;
    std::string_view s = line.text;
    while (!trim(s).empty()) {
      std::vector<std::string> models;
      do {
        models.emplace_back(take_word(s));
        if (std::find(kModels.begin(), kModels.end() - 1, models.back()) == kModels.end() - 1)
          return errors_.error(line.at, fmt::format("'{}' is not a memory model", models.back()),
                               "sc, tso, lkmm, lkmm-6.1 or all");
      } while (take(s, ','));
      if (!take(s, ':'))
        return errors_.error(line.at, "expected ':' after the models", "as in '@expect sc, tso: safe'");
      ModelVerdict v;
      const std::string_view verdict = take_word(s);
      if (verdict == "safe") v.verdict = Verdict::safe;
      else if (verdict == "violation") v.verdict = Verdict::violation;
      else if (verdict == "bounded") v.verdict = Verdict::bounded;
      else
        return errors_.error(line.at, fmt::format("'{}' is not a verdict", verdict),
                             "safe, violation or bounded");
      if (take(s, '(')) {
        const std::size_t close = s.find(')');
        if (close == std::string_view::npos)
          return errors_.error(line.at, "expected ')' after the violation's class");
        v.violation = trim(s.substr(0, close));
        std::replace(v.violation.begin(), v.violation.end(), '-', ' ');
        s.remove_prefix(close + 1);
        const auto& classes = violation_classes();
        if (v.verdict != Verdict::violation ||
            std::find(classes.begin(), classes.end(), v.violation) == classes.end())
          return errors_.error(line.at, fmt::format("'{}' is not a class of violations", v.violation),
                               fmt::format("{}", fmt::join(classes, ", ")));
      }
      if (!take(s, ';')) take(s, ',');
      for (const std::string& model : models) {
        for (const ModelVerdict& other : e.verdicts)
          if (other.model == model) return errors_.error(line.at, fmt::format("two verdicts for {}", model));
        v.model = model;
        e.verdicts.push_back(v);
      }
    }
    if (e.verdicts.empty()) return errors_.error(line.at, "expected verdicts, as in '@expect sc, tso: safe'");
    for (const Expectation& other : out_.expectations)
      if (other.variant == e.variant)
        for (const ModelVerdict& a : other.verdicts)
          for (const ModelVerdict& b : e.verdicts)
            if (a.model == b.model)
              return errors_.error(line.at, fmt::format("a second verdict for {}", a.model));
    out_.expectations.push_back(std::move(e));
  }

  Errors& errors_;
  Annotations out_;
  std::vector<Line> lines_;
  std::uint32_t last_line_ = 0;
};

}  // namespace

std::string_view name(Verdict v) {
  switch (v) {
    case Verdict::safe:
      return "safe";
    case Verdict::violation:
      return "violation";
    case Verdict::bounded:
      return "bounded";
  }
  return "";
}

const std::vector<std::string>& violation_classes() {
  static const std::vector<std::string> classes = {"assertion",
                                                   "data race",
                                                   "deadlock",
                                                   "lost wakeup",
                                                   "use after free",
                                                   "double free",
                                                   "out of bounds",
                                                   "leak",
                                                   "invariant",
                                                   "refinement",
                                                   "lock misuse",
                                                   "sleep in atomic context",
                                                   "undefined arithmetic",
                                                   "recursion"};
  return classes;
}

Annotations read_annotations(const std::vector<Comment>& comments, Errors& errors) {
  return Reader(errors).run(comments);
}

const ModelVerdict* find_expectation(const Annotations& a, std::vector<std::string> variant,
                                     std::string_view model) {
  std::sort(variant.begin(), variant.end());
  const ModelVerdict* general = nullptr;
  for (const Expectation& e : a.expectations) {
    if (e.variant != variant) continue;
    for (const ModelVerdict& v : e.verdicts) {
      if (v.model == model) return &v;
      if (v.model == "all") general = &v;
    }
  }
  return general;
}

}  // namespace ringtail::lang
