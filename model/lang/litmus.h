// SPDX-License-Identifier: GPL-2.0-or-later
// The second notation: C litmus tests of the Linux-kernel memory model, as herd7 reads them.
//
//   C MP                                    name, then free text
//   { x=0; int *p=&y; 1:r5=x; }             initial state; a bare name as a value is an address
//   P0(int *x) { WRITE_ONCE(*x, 1); }       threads; parameters are the addresses of the globals they name
//   locations [0:r0; x;]                    shown in the states beside what the condition names
//   filter (0:r0=1)                         executions that do not satisfy it are not counted
//   exists (1:r1=1 /\ ~1:r2=0)              or ~exists, forall; may be absent
//
// Threads share kernel C's tree and parser. All values are machine words, so types and casts are parsed and
// then ignored.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/lang/lex.h"
#include "model/lang/tree.h"

namespace ringtail::lang {

// A register of a thread, or a global variable, or an element of a global array.
struct LitmusPlace {
  std::optional<std::uint32_t> thread;
  std::string name;
  std::optional<std::uint64_t> index;
  Loc at;
};

struct LitmusAddress {
  std::string name;
  std::optional<std::uint64_t> index;
};
using LitmusValue = std::variant<std::int64_t, LitmusAddress, LitmusPlace>;

struct LitmusInit {
  std::optional<TypeSpec> type;
  std::uint32_t pointers = 0;
  LitmusPlace place;  // its index is the size of a declared array
  bool is_array = false;
  std::vector<LitmusValue> values;  // one, or an array's; none: zero
};

struct LitmusAtom {
  LitmusPlace left;
  bool equal = true;
  LitmusValue right;
};
struct LitmusCondition;
struct LitmusAll {
  std::vector<LitmusCondition> parts;  // none: true
};
struct LitmusAny {
  std::vector<LitmusCondition> parts;  // none: false
};
struct LitmusNot {
  std::unique_ptr<LitmusCondition> operand;
};
struct LitmusCondition {
  std::variant<LitmusAtom, LitmusAll, LitmusAny, LitmusNot> node;
  Loc at;
};

struct LitmusThread {
  std::uint32_t id = 0;
  std::vector<Parameter> params;
  StmtPtr body;
  Loc at;
};

enum class Quantifier : std::uint8_t { exists, not_exists, forall };

struct LitmusTree {
  std::string name;
  std::string header;
  std::vector<LitmusInit> init;
  std::vector<LitmusThread> threads;
  std::vector<LitmusPlace> locations;
  std::optional<LitmusCondition> filter;
  std::optional<Quantifier> quantifier;
  std::optional<LitmusCondition> condition;
  Loc at;
};

LitmusTree parse_litmus(const LexedLitmus& lexed, Errors& errors);

}  // namespace ringtail::lang
