// SPDX-License-Identifier: GPL-2.0-or-later
// Text to tokens, for both notations.
//
// The two share C's tokens; they differ in comments. In kernel C a comment is C's, and comments are kept
// because annotations (@expect and friends) live in them. A litmus file has (* ... *) comments, nested, in
// its header, its initial state and its condition, but in a thread's body "(*" begins a dereference: f(*x).
// So a litmus file is cut into its three sections here, by counting braces, and each is scanned by its own
// rules.
//
// A token's text points into Sources. Tokens of an expanded macro carry the place of the macro's use.
#pragma once

#include "model/lang/source.h"

namespace ringtail::lang {

enum class TokenKind : std::uint8_t { identifier, number, character, string, punctuator, end };

struct Token {
  std::string_view text;
  Loc at;
  TokenKind kind = TokenKind::end;
  bool line_start = false;    // first on its line: where a directive may begin
  bool space_before = false;  // matters to '#' and to telling FOO(x) from FOO (x) in a #define
  bool painted = false;       // a macro's name met during its own expansion: never expanded again

  bool is(std::string_view s) const {
    return text.size() == s.size() && text.front() == s.front() && text == s &&
           (kind == TokenKind::punctuator || kind == TokenKind::identifier);
  }
};

struct Comment {
  std::string_view text;  // without the comment's own signs
  Loc at;
};

struct Lexed {
  std::vector<Token> tokens;  // ends with an `end` token
  std::vector<Comment> comments;
};

Lexed lex(const Sources& sources, std::uint32_t file, Errors& errors);

struct LexedLitmus {
  std::string_view name;    // "C MP+foo" gives "MP+foo"
  std::string_view header;  // what stands between the name and the initial state, trimmed
  Loc at;                   // the name
  std::vector<Token> init, threads, condition;
};

LexedLitmus lex_litmus(const Sources& sources, std::uint32_t file, Errors& errors);

}  // namespace ringtail::lang
