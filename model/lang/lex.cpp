// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/lex.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace ringtail::lang {
namespace {

// Longest first, so that the first match is the right one.
constexpr std::array<std::string_view, 50> kPunctuators = {
    "<<=", ">>=", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=",
    "/=",  "%=",  "&=",  "|=", "^=", "##", "{",  "}",  "[",  "]",  "(",  ")",  ";",  ",",  ":",  "?",  "=",
    "<",   ">",   "+",   "-",  "*",  "/",  "%",  "&",  "|",  "^",  "~",  "!",  ".",  "#",  "$",  "@"};

// Second characters of those that are longer than one.
constexpr std::string_view kSeconds = "<=>-+&|#.";

enum : unsigned char { kSpace = 1, kDigit = 2, kAlpha = 4, kSign = 8, kSecond = 16 };
constexpr auto kClasses = [] {
  std::array<unsigned char, 256> t{};
  for (const char c : std::string_view(" \t\r\f\v\n")) t[static_cast<unsigned char>(c)] |= kSpace;
  for (unsigned c = '0'; c <= '9'; ++c) t[c] |= kDigit;
  for (unsigned c = 'a'; c <= 'z'; ++c) t[c] |= kAlpha;
  for (unsigned c = 'A'; c <= 'Z'; ++c) t[c] |= kAlpha;
  t['_'] |= kAlpha;
  for (const std::string_view p : kPunctuators)
    if (p.size() == 1) t[static_cast<unsigned char>(p[0])] |= kSign;
  for (const char c : kSeconds) t[static_cast<unsigned char>(c)] |= kSecond;
  return t;
}();
constexpr bool is(char c, unsigned classes) {
  return (kClasses[static_cast<unsigned char>(c)] & classes) != 0;
}
static_assert(std::all_of(kPunctuators.begin(), kPunctuators.end(), [](std::string_view p) {
  return is(p[0], kSign) && (p.size() == 1 || is(p[1], kSecond));
}));

bool is_space(char c) { return is(c, kSpace); }
bool is_digit(char c) { return is(c, kDigit); }

std::string_view trim(std::string_view s) {
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
  return s;
}

class Scanner {
 public:
  enum class Dialect { kernel_c, litmus_body, litmus_rest };

  Scanner(const Sources& sources, std::uint32_t file, Errors& errors)
      : text_(sources.text(file)), file_(file), errors_(&errors) {}

  std::size_t position() const { return at_; }
  bool done() const { return at_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void advance(std::size_t n = 1) {
    for (; n > 0 && at_ < text_.size(); --n, ++at_) {
      if (text_[at_] == '\n') {
        ++line_;
        line_begin_ = at_ + 1;
        line_start_ = true;
      }
    }
  }

  Loc here(std::size_t length = 1) const {
    return {file_,
            {line_, static_cast<std::uint32_t>(at_ - line_begin_ + 1), static_cast<std::uint32_t>(length)}};
  }

  // Blanks and comments. A backslash before a newline is a blank and does not begin a line.
  void skip(Dialect dialect, std::vector<Comment>* comments) {
    while (!done()) {
      if (is_space(peek())) {
        space_ = true;
        const char* p = text_.data() + at_;
        while (*p == ' ' || *p == '\t') ++p;
        const std::size_t blanks = static_cast<std::size_t>(p - text_.data()) - at_;
        at_ += blanks;
        if (blanks == 0) advance();
      } else if (peek() == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'))) {
        const bool start = line_start_;
        advance(peek(1) == '\n' ? 2 : 3);
        line_start_ = start;
        space_ = true;
      } else if (peek() == '/' && peek(1) == '/') {
        const Loc at = here(2);
        const std::size_t from = at_ + 2;
        at_ = std::min(text_.find('\n', at_), text_.size());
        if (comments != nullptr) comments->push_back({text_.substr(from, at_ - from), at});
        space_ = true;
      } else if (peek() == '/' && peek(1) == '*') {
        const Loc at = here(2);
        const std::size_t from = at_ + 2;
        const std::size_t close = text_.find("*/", from);
        const bool start = line_start_;
        if (close == std::string_view::npos) {
          errors_->error(at, "comment is not closed", "expected '*/'");
          advance(text_.size() - at_);
          return;
        }
        advance(close + 2 - at_);
        line_start_ = start || line_start_;
        if (comments != nullptr) comments->push_back({text_.substr(from, close - from), at});
        space_ = true;
      } else if (dialect == Dialect::litmus_rest && peek() == '(' && peek(1) == '*') {
        skip_nested();
        space_ = true;
      } else {
        return;
      }
    }
  }

  Token next(Dialect dialect, std::vector<Comment>* comments = nullptr) {
    for (;;) {
      skip(dialect, comments);
      Token token;
      token.line_start = line_start_;
      token.space_before = space_;
      line_start_ = space_ = false;
      token.at = here(0);
      if (done()) return token;
      const std::size_t length = classify(dialect, token);
      if (length == 0) {  // no token begins here
        const unsigned char c = static_cast<unsigned char>(peek());
        errors_->error(here(), c >= 0x20 && c < 0x7f ? fmt::format("unexpected character '{}'", peek())
                                                     : fmt::format("unexpected byte 0x{:02x}", c));
        advance();
        continue;
      }
      token.text = text_.substr(at_, length);
      token.at = here(length);
      at_ += length;  // no token has a newline in it
      return token;
    }
  }

 private:
  void skip_nested() {
    const Loc at = here(2);
    int depth = 0;
    do {
      if (done()) {
        errors_->error(at, "comment is not closed", "expected '*)'");
        return;
      }
      if (peek() == '(' && peek(1) == '*') {
        ++depth;
        advance(2);
      } else if (peek() == '*' && peek(1) == ')') {
        --depth;
        advance(2);
      } else {
        advance();
      }
    } while (depth > 0);
  }

  std::size_t classify(Dialect dialect, Token& token) const {
    const char* const from = text_.data() + at_;  // a text is a string's: '\0' stands behind it
    const char* p = from;
    if (is(*p, kAlpha)) {
      token.kind = TokenKind::identifier;
      while (is(*p, kAlpha | kDigit)) ++p;
      return static_cast<std::size_t>(p - from);
    }
    if (is(*p, kDigit)) {
      token.kind = TokenKind::number;
      while (is(*p, kAlpha | kDigit) || (*p == '.' && dialect == Dialect::kernel_c)) ++p;
      return static_cast<std::size_t>(p - from);
    }
    if (peek() == '"' || peek() == '\'') return quoted(token);
    token.kind = TokenKind::punctuator;
    if (dialect == Dialect::litmus_rest &&
        ((peek() == '/' && peek(1) == '\\') || (peek() == '\\' && peek(1) == '/')))
      return 2;
    if (!is(*from, kSign)) return 0;
    if (!is(from[1], kSecond)) return 1;
    for (const std::string_view sign : kPunctuators)
      if (sign.front() == *from && text_.substr(at_, sign.size()) == sign) return sign.size();
    return 0;
  }

  std::size_t quoted(Token& token) const {
    const char quote = peek();
    token.kind = quote == '"' ? TokenKind::string : TokenKind::character;
    std::size_t n = 1;
    while (at_ + n < text_.size() && peek(n) != quote && peek(n) != '\n')
      n += peek(n) == '\\' && peek(n + 1) != '\n' ? 2 : 1;
    if (peek(n) == quote && at_ + n < text_.size()) return n + 1;
    errors_->error(here(n), fmt::format("missing closing {}", quote));
    return std::min(n, text_.size() - at_);
  }

  std::string_view text_;
  std::uint32_t file_;
  Errors* errors_;
  std::size_t at_ = 0, line_begin_ = 0;
  std::uint32_t line_ = 1;
  bool line_start_ = true, space_ = false;
};

using Dialect = Scanner::Dialect;

// Tokens up to the brace that closes the one just read; the closing brace is read and not kept.
void until_closed(Scanner& scan, Dialect dialect, const Loc& open, std::vector<Token>& out, bool keep,
                  Errors& errors) {
  for (int depth = 1;;) {
    Token token = scan.next(dialect);
    if (token.kind == TokenKind::end) {
      errors.error(open, "'{' is never closed");
      return;
    }
    if (token.is("{")) ++depth;
    if (token.is("}") && --depth == 0) {
      if (keep) out.push_back(token);
      return;
    }
    out.push_back(token);
  }
}

void end_with(std::vector<Token>& tokens, const Loc& at) {
  Token end;
  end.at = at;
  tokens.push_back(end);
}

}  // namespace

Lexed lex(const Sources& sources, std::uint32_t file, Errors& errors) {
  Scanner scan(sources, file, errors);
  Lexed out;
  out.tokens.reserve(sources.text(file).size() / 4);
  do {
    out.tokens.push_back(scan.next(Dialect::kernel_c, &out.comments));
  } while (out.tokens.back().kind != TokenKind::end);
  return out;
}

LexedLitmus lex_litmus(const Sources& sources, std::uint32_t file, Errors& errors) {
  const std::string_view text = sources.text(file);
  Scanner scan(sources, file, errors);
  LexedLitmus out;
  scan.skip(Dialect::litmus_rest, nullptr);
  const Token language = scan.next(Dialect::litmus_rest);
  out.at = language.at;
  if (!language.is("C")) {
    errors.error(language.at, "a litmus test begins with 'C' and the test's name",
                 "only C litmus tests are understood");
    return out;
  }
  while (scan.peek() == ' ' || scan.peek() == '\t') scan.advance();
  const std::size_t name = scan.position();
  out.at = scan.here();
  while (!scan.done() && !is_space(scan.peek())) scan.advance();
  out.name = text.substr(name, scan.position() - name);
  out.at.span.length = static_cast<std::uint32_t>(out.name.size());
  if (out.name.empty()) errors.error(out.at, "expected the test's name after 'C'");

  const std::size_t header = scan.position();
  for (;;) {  // free text, in which only comments are known
    scan.skip(Dialect::litmus_rest, nullptr);
    if (scan.done() || scan.peek() == '{') break;
    scan.advance();
  }
  out.header = trim(text.substr(header, scan.position() - header));
  const Loc open = scan.here();
  if (scan.done()) {
    errors.error(open, "expected the initial state, '{ ... }'");
    return out;
  }
  scan.advance();
  until_closed(scan, Dialect::litmus_rest, open, out.init, false, errors);
  end_with(out.init, scan.here(0));

  for (;;) {  // threads: a head up to '{', then a body
    scan.skip(Dialect::litmus_rest, nullptr);
    const bool thread = (scan.peek() == 'P' && is_digit(scan.peek(1))) ||
                        text.substr(scan.position(), 4) == "void" ||
                        text.substr(scan.position(), 6) == "static";
    if (!thread) break;
    while (!scan.done() && scan.peek() != '{') {
      Token token = scan.next(Dialect::litmus_body);
      if (token.kind != TokenKind::end) out.threads.push_back(token);
      scan.skip(Dialect::litmus_body, nullptr);
    }
    if (scan.done()) break;
    const Token brace = scan.next(Dialect::litmus_body);
    out.threads.push_back(brace);
    until_closed(scan, Dialect::litmus_body, brace.at, out.threads, true, errors);
  }
  end_with(out.threads, scan.here(0));
  do {
    out.condition.push_back(scan.next(Dialect::litmus_rest));
  } while (out.condition.back().kind != TokenKind::end);
  return out;
}

}  // namespace ringtail::lang
