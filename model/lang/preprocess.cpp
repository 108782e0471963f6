// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/preprocess.h"

#include <algorithm>
#include <set>
#include <span>
#include <unordered_map>

#include <fmt/format.h>

#include "model/lang/condition.h"
#include "model/lang/hint.h"

namespace ringtail::lang {
namespace {

constexpr std::size_t kDeepestInclude = 30;
constexpr std::size_t kMostTokens = 2'000'000;
constexpr std::size_t kUsualTokens = 1
                                     << 16;  // of a spec and its headers, at most: none is moved to make room

struct Macro {
  bool function = false, variadic = false;
  std::vector<std::string> params;
  std::vector<Token> body;
  bool active = false;
};

// By name; the texts of names are in Sources, or given with -D.
using Macros = std::unordered_map<std::string_view, Macro>;

Token number_token(std::string_view text, const Token& like) {
  Token out = like;
  out.kind = TokenKind::number;
  out.text = text;
  return out;
}

// Expansion of one run of tokens: behind it a stack of lists, the innermost macro's body on top.
class Expander {
 public:
  Expander(Sources& sources, Macros& macros, Errors& errors, std::size_t& budget, int depth = 0)
      : sources_(sources), macros_(macros), errors_(errors), budget_(budget), depth_(depth) {}

  // Adds to `out` what `tokens` stand for.
  void run(const std::vector<Token>& tokens, std::vector<Token>& out) {
    run_ = tokens;
    Token token;
    while (pull(token)) {
      if (budget_ == 0) {
        errors_.error(token.at, "macros expand to too much text");
        break;
      }
      --budget_;
      if (!expand(token)) out.push_back(token);
    }
    for (Frame& f : stack_) f.macro->active = false;
    stack_.clear();
  }

 private:
  struct Frame {
    Macro* macro;
    std::vector<Token> tokens;
    std::size_t next = 0;
  };

  bool pull(Token& out) {
    for (; !stack_.empty(); stack_.pop_back()) {
      Frame& top = stack_.back();
      if (top.next < top.tokens.size()) return out = top.tokens[top.next++], true;
      top.macro->active = false;
    }
    if (run_.empty()) return false;
    out = run_.front();
    run_ = run_.subspan(1);
    return true;
  }
  const Token* ahead() const {
    for (auto f = stack_.rbegin(); f != stack_.rend(); ++f)
      if (f->next < f->tokens.size()) return &f->tokens[f->next];
    return run_.empty() ? nullptr : &run_.front();
  }

  bool expand(Token& token) {
    if (token.kind != TokenKind::identifier || token.painted) return false;
    if (token.text == "__LINE__") {
      token = number_token(sources_.intern(fmt::format("{}", token.at.span.line)), token);
      return false;
    }
    const auto found = macros_.find(token.text);
    if (found == macros_.end()) return false;
    Macro& macro = found->second;
    if (macro.active) {
      token.painted = true;
      return false;
    }
    std::vector<std::vector<Token>> args;
    if (macro.function) {
      const Token* next = ahead();
      if (next == nullptr || !next->is("(")) return false;
      if (!collect(token, macro, args)) {  // said already; a number keeps the parser quiet
        token = number_token("0", token);
        return false;
      }
    }
    if (stack_.size() >= 200 || depth_ > 100) {
      errors_.error(token.at, fmt::format("macro '{}' nests too deeply", token.text));
      token = number_token("0", token);
      return false;
    }
    std::vector<Token> body = substitute(macro, args, token);
    macro.active = true;
    stack_.push_back({&macro, std::move(body)});
    return true;
  }

  bool collect(const Token& name, const Macro& macro, std::vector<std::vector<Token>>& args) {
    Token token;
    pull(token);  // the parenthesis
    args.emplace_back();
    for (int depth = 1;;) {
      if (!pull(token) || token.kind == TokenKind::end) {
        errors_.error(name.at, fmt::format("the arguments of macro '{}' are not closed", name.text));
        return false;
      }
      if (token.is("(")) ++depth;
      if (token.is(")") && --depth == 0) break;
      const bool rest = macro.variadic && args.size() > macro.params.size();
      if (token.is(",") && depth == 1 && !rest) {
        args.emplace_back();
        continue;
      }
      args.back().push_back(token);
    }
    const std::size_t want = macro.params.size();
    if (want == 0 && !macro.variadic && args.size() == 1 && args[0].empty()) args.clear();
    if (macro.variadic && args.size() == want) args.emplace_back();
    if (args.size() != want + (macro.variadic ? 1 : 0)) {
      errors_.error(name.at, fmt::format("macro '{}' takes {} argument{}, {} given", name.text, want,
                                         want == 1 ? "" : "s", args.size()));
      return false;
    }
    return true;
  }

  static int param_index(const Macro& macro, const Token& token) {
    if (token.kind != TokenKind::identifier) return -1;
    for (std::size_t i = 0; i < macro.params.size(); ++i)
      if (macro.params[i] == token.text) return static_cast<int>(i);
    return macro.variadic && token.text == "__VA_ARGS__" ? static_cast<int>(macro.params.size()) : -1;
  }

  std::vector<Token> substitute(const Macro& macro, const std::vector<std::vector<Token>>& args,
                                const Token& use) {
    std::vector<Token> out;
    const std::vector<Token>& body = macro.body;
    bool paste = false;
    const auto put = [&](Token token) {
      if (paste && !out.empty()) {
        out.back().text = sources_.intern(std::string(out.back().text) + std::string(token.text));
        reclassify(out.back());
        paste = false;
      } else {
        out.push_back(token);
      }
    };
    for (std::size_t i = 0; i < body.size(); ++i) {
      Token token = body[i];
      token.at = use.at;
      if (token.is("##") && i > 0 && i + 1 < body.size()) {
        // GNU's `, ## __VA_ARGS__` drops the comma when there are no arguments
        const bool rest = macro.variadic && body[i + 1].text == "__VA_ARGS__";
        if (rest && args.back().empty() && !out.empty() && out.back().is(",")) out.pop_back();
        paste = !(rest && !out.empty() && out.back().is(","));
        continue;
      }
      if (macro.function && token.is("#") && i + 1 < body.size() && param_index(macro, body[i + 1]) >= 0) {
        put(stringized(args[static_cast<std::size_t>(param_index(macro, body[++i]))], token));
        continue;
      }
      const int param = macro.function ? param_index(macro, token) : -1;
      if (param < 0) {
        put(token);
        continue;
      }
      const std::vector<Token>& arg = args[static_cast<std::size_t>(param)];
      const bool raw = paste || (i + 1 < body.size() && body[i + 1].is("##"));
      std::vector<Token> expanded;
      if (!raw) Expander(sources_, macros_, errors_, budget_, depth_ + 1).run(arg, expanded);
      for (const Token& t : raw ? arg : expanded) put(t);
      paste = false;
    }
    return out;
  }

  static void reclassify(Token& token) {
    const char c = token.text.empty() ? ' ' : token.text[0];
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    token.kind = word                   ? TokenKind::identifier
                 : c >= '0' && c <= '9' ? TokenKind::number
                                        : TokenKind::punctuator;
    token.painted = false;
  }

  Token stringized(const std::vector<Token>& arg, const Token& like) {
    std::string text = "\"";
    for (std::size_t i = 0; i < arg.size(); ++i) {
      if (i > 0 && arg[i].space_before) text += ' ';
      for (const char c : arg[i].text) {
        const bool literal = arg[i].kind == TokenKind::string || arg[i].kind == TokenKind::character;
        if (literal && (c == '"' || c == '\\')) text += '\\';
        text += c;
      }
    }
    Token out = like;
    out.kind = TokenKind::string;
    out.text = sources_.intern(text + "\"");
    return out;
  }

  Sources& sources_;
  Macros& macros_;
  Errors& errors_;
  std::size_t& budget_;
  int depth_;                   // of arguments within arguments
  std::span<const Token> run_;  // what is left of it
  std::vector<Frame> stack_;
};

class Preprocessor {
 public:
  Preprocessor(Sources& sources, const FindInclude& find, Errors& errors)
      : sources_(sources), find_(find), errors_(errors) {}

  Preprocessed run(std::uint32_t file, const std::vector<Define>& defines) {
    main_ = file;
    out_.tokens.reserve(kUsualTokens);
    for (const Define& d : defines) define_text(d);
    define_text({"__RINGTAIL__", "1"});
    process(file, 0);
    flush();
    for (const auto& [name, macro] : macros_) out_.macros.emplace_back(name);
    std::sort(out_.macros.begin(), out_.macros.end());
    std::sort(out_.tested.begin(), out_.tested.end());
    out_.tested.erase(std::unique(out_.tested.begin(), out_.tested.end()), out_.tested.end());
    return std::move(out_);
  }

 private:
  struct Condition {
    bool taken = false, was_taken = false, outer = false, has_else = false;
    Loc at;
  };

  void define_text(const Define& d) {
    const std::uint32_t file = sources_.add("-D " + d.name, d.value);
    Macro macro;
    macro.body = lex(sources_, file, errors_).tokens;
    macro.body.pop_back();
    macros_[sources_.intern(d.name)] = std::move(macro);
  }

  // What stands between directives is expanded at once, so that a macro's arguments may span lines.
  void flush() {
    if (pending_.empty()) return;
    Expander(sources_, macros_, errors_, budget_).run(pending_, out_.tokens);
    pending_.clear();
  }

  void process(std::uint32_t file, std::size_t depth) {
    Lexed lexed = lex(sources_, file, errors_);
    if (file == main_) out_.comments = std::move(lexed.comments);
    const std::vector<Token>& tokens = lexed.tokens;
    std::vector<Condition> conditions;
    std::size_t i = 0;
    while (i < tokens.size() && !errors_.full()) {
      const Token& token = tokens[i];
      if (token.kind == TokenKind::end) break;
      if (token.is("#") && token.line_start) {
        const std::size_t from = ++i;
        while (i < tokens.size() && !tokens[i].line_start && tokens[i].kind != TokenKind::end) ++i;
        directive(token, std::span(tokens).subspan(from, i - from), conditions, file, depth);
        continue;
      }
      if (conditions.empty() || conditions.back().taken) pending_.push_back(token);
      ++i;
    }
    if (!conditions.empty()) errors_.error(conditions.back().at, "this conditional has no #endif");
    if (depth == 0) {
      flush();
      out_.tokens.push_back(tokens.back());
    }
  }

  // The spec itself or what it includes, but for the prelude, whose names are in <>.
  bool is_spec(std::uint32_t file) const { return !sources_.name(file).starts_with('<'); }

  void directive(const Token& hash, std::span<const Token> line, std::vector<Condition>& conditions,
                 std::uint32_t file, std::size_t depth) {
    if (line.empty()) return;
    const Token& word = line[0];
    const bool live = conditions.empty() || conditions.back().taken;
    const auto needs_name = [&] {
      if (line.size() > 1 && line[1].kind == TokenKind::identifier) return true;
      errors_.error(word.at, fmt::format("expected a name after #{}", word.text));
      return false;
    };
    if (word.is("ifdef") || word.is("ifndef")) {
      bool value = false;
      if (needs_name()) {
        if (is_spec(file)) out_.tested.emplace_back(line[1].text);
        value = (macros_.find(line[1].text) != macros_.end()) == word.is("ifdef");
      }
      conditions.push_back({live && value, value, live, false, hash.at});
    } else if (word.is("if")) {
      const bool value = live && condition(word, line, file);
      conditions.push_back({live && value, value, live, false, hash.at});
    } else if (word.is("elif") || word.is("else") || word.is("endif")) {
      if (conditions.empty()) {
        errors_.error(word.at, fmt::format("#{} without #if", word.text));
        return;
      }
      Condition& c = conditions.back();
      if (word.is("endif")) {
        conditions.pop_back();
        return;
      }
      if (c.has_else) errors_.error(word.at, fmt::format("#{} after #else", word.text));
      c.has_else = word.is("else");
      const bool value = c.outer && !c.was_taken && (word.is("else") || condition(word, line, file));
      c.taken = value;
      c.was_taken |= value;
    } else if (!live) {
      return;
    } else if (word.is("define")) {
      flush();
      if (needs_name()) define(line);
    } else if (word.is("undef")) {
      flush();
      if (needs_name()) macros_.erase(line[1].text);
    } else if (word.is("include")) {
      flush();
      include(word, line, file, depth);
    } else if (word.is("pragma")) {
      if (line.size() > 1 && line[1].is("once")) once_.insert(sources_.name(file));
    } else if (word.is("error")) {
      std::string text;
      for (std::size_t i = 1; i < line.size(); ++i) text += (i > 1 ? " " : "") + std::string(line[i].text);
      errors_.error(word.at, "#error " + text);
    } else {
      errors_.error(word.at, fmt::format("unknown directive #{}", word.text));
    }
  }

  void define(std::span<const Token> line) {
    Macro macro;
    std::size_t i = 2;
    if (i < line.size() && line[i].is("(") && !line[i].space_before) {
      macro.function = true;
      for (++i;; ++i) {
        if (i >= line.size()) return errors_.error(line[1].at, "the macro's parameters are not closed");
        if (line[i].is(")")) break;
        if (line[i].is("...")) {
          macro.variadic = true;
        } else if (line[i].kind == TokenKind::identifier) {
          macro.params.emplace_back(line[i].text);
        } else {
          return errors_.error(line[i].at, "expected a parameter's name");
        }
        if (i + 1 < line.size() && line[i + 1].is(",")) ++i;
      }
      ++i;
    }
    macro.body.assign(line.begin() + static_cast<std::ptrdiff_t>(i), line.end());
    if (!macro.body.empty() && (macro.body.front().is("##") || macro.body.back().is("##")))
      return errors_.error(line[1].at, "'##' at the edge of a macro");
    macros_[line[1].text] = std::move(macro);
  }

  void include(const Token& word, std::span<const Token> line, std::uint32_t file, std::size_t depth) {
    std::string path;
    bool system = false;
    Loc at = word.at;
    if (line.size() > 1 && line[1].kind == TokenKind::string) {
      path = std::string(line[1].text.substr(1, line[1].text.size() - 2));
      at = line[1].at;
    } else if (line.size() > 3 && line[1].is("<") && line.back().is(">")) {
      system = true;
      at = join(line[1].at, line.back().at);
      for (std::size_t i = 2; i + 1 < line.size(); ++i) path += line[i].text;
    } else {
      return errors_.error(word.at, "expected \"FILE\" or <FILE> after #include");
    }
    if (depth >= kDeepestInclude) return errors_.error(at, "includes nest too deeply");
    const std::optional<Include> found = find_(path, system, sources_.name(file));
    if (!found) {
      return errors_.error(
          at, fmt::format("'{}' is not found", path),
          system ? fmt::format("<ringtail.h> has what the kernel's headers have; specs may also include "
                               "<{}>",
                               fmt::join(extra_headers(), ">, <"))
                 : "");
    }
    if (once_.contains(found->name)) return;
    process(sources_.add(found->name, found->text), depth + 1);
    flush();
  }

  bool condition(const Token& word, std::span<const Token> line, std::uint32_t file) {
    std::vector<Token> tokens;
    for (std::size_t i = 1; i < line.size(); ++i) {
      if (line[i].kind == TokenKind::identifier && is_spec(file) && !line[i].is("defined"))
        out_.tested.emplace_back(line[i].text);
      if (!line[i].is("defined")) {
        tokens.push_back(line[i]);
        continue;
      }
      const bool parenthesised = i + 1 < line.size() && line[i + 1].is("(");
      i += parenthesised ? 2 : 1;
      if (i >= line.size() || line[i].kind != TokenKind::identifier ||
          (parenthesised && (i + 1 >= line.size() || !line[i + 1].is(")")))) {
        errors_.error(word.at, "expected a name after 'defined'");
        return false;
      }
      if (is_spec(file)) out_.tested.emplace_back(line[i].text);
      tokens.push_back(number_token(macros_.find(line[i].text) != macros_.end() ? "1" : "0", line[i]));
      if (parenthesised) ++i;
    }
    std::vector<Token> expanded;
    Expander(sources_, macros_, errors_, budget_).run(tokens, expanded);
    for (Token& t : expanded)
      if (t.kind == TokenKind::identifier) t = number_token("0", t);
    expanded.emplace_back().at = word.at;
    return evaluate_condition(expanded, errors_);
  }

  Sources& sources_;
  const FindInclude& find_;
  Errors& errors_;
  Macros macros_;
  std::set<std::string> once_;
  std::vector<Token> pending_;
  Preprocessed out_;
  std::uint32_t main_ = 0;
  std::size_t budget_ = kMostTokens;
};

}  // namespace

Preprocessed preprocess(Sources& sources, std::uint32_t file, const std::vector<Define>& defines,
                        const FindInclude& find, Errors& errors) {
  return Preprocessor(sources, find, errors).run(file, defines);
}

}  // namespace ringtail::lang
