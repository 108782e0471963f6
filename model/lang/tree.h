// SPDX-License-Identifier: GPL-2.0-or-later
// The syntax tree of kernel C, which the threads of a litmus test share.
//
// Nodes are plain structs in closed variants, walked with std::visit and no catch-all arm, so that a new node
// is a list of compile errors. The tree says what was written, after the preprocessor: it has no types and no
// resolved names (lower.h does both), and print.h turns it back into text. Depth is bounded by the parser, so
// a walk may recurse.
//
// A declarator is kept from the name outwards, in the order in which one reads it: `int *a[3]` is a, array of
// 3, pointer, int. Statements follow C: a label, a case and a default carry the statement that they stand
// before.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/lang/source.h"

namespace ringtail::lang {

struct Expr;
struct Stmt;
struct TypeName;
using ExprPtr = std::unique_ptr<Expr>;
using StmtPtr = std::unique_ptr<Stmt>;

enum class UnaryOp : std::uint8_t {
  plus,
  minus,
  logical_not,
  complement,
  dereference,
  address,
  pre_increment,
  pre_decrement,
  post_increment,
  post_decrement
};
enum class BinaryOp : std::uint8_t {
  multiply,
  divide,
  modulo,
  add,
  subtract,
  shift_left,
  shift_right,
  less,
  greater,
  less_equal,
  greater_equal,
  equal,
  not_equal,
  bit_and,
  bit_xor,
  bit_or,
  logical_and,
  logical_or,
  comma
};

// --- expressions

struct Number {
  std::uint64_t value = 0;
  bool is_unsigned = false;  // suffix u, or a value that only an unsigned type of its base can hold
  bool is_long = false;
};
struct String {
  std::string text;  // as written, with its quotes
};
struct Name {
  std::string id;
};
struct Unary {
  UnaryOp op;
  ExprPtr operand;
};
struct Binary {
  BinaryOp op;
  ExprPtr left, right;
};
struct Assign {
  std::optional<BinaryOp> op;  // of a compound assignment
  ExprPtr left, right;
};
struct Conditional {
  ExprPtr condition, then, otherwise;  // `then` is null in a ?: b
};
struct Call {
  ExprPtr callee;
  std::vector<ExprPtr> args;
};
struct Index {
  ExprPtr base, index;
};
struct Member {
  ExprPtr object;
  std::string field;
  bool arrow = false;
};
struct Cast {
  std::unique_ptr<TypeName> type;
  ExprPtr operand;
};
struct Sizeof {
  std::unique_ptr<TypeName> type;  // one of the two is there
  ExprPtr operand;
};
struct Designator {
  std::string field;  // .field, or [index] when there is an index
  ExprPtr index;
  ExprPtr last = nullptr;  // [index ... last]: the same value for each of them
  Loc at;
};
struct OffsetOf {
  std::unique_ptr<TypeName> type;
  std::vector<Designator> path;
};
struct InitItem {
  std::vector<Designator> designators;
  ExprPtr value;
};
struct InitList {
  std::vector<InitItem> items;
};
struct CompoundLiteral {
  std::unique_ptr<TypeName> type;
  ExprPtr list;  // an InitList
};
struct StatementExpr {
  StmtPtr block;
};

struct Expr {
  std::variant<Number, String, Name, Unary, Binary, Assign, Conditional, Call, Index, Member, Cast, Sizeof,
               OffsetOf, InitList, CompoundLiteral, StatementExpr>
      node;
  Loc at;
};

// --- types and declarations

enum class Builtin : std::uint8_t {
  void_,
  bool_,
  char_,
  schar,
  uchar,
  short_,
  ushort,
  int_,
  uint,
  long_,
  ulong  // long long is long: both have 64 bits
};
enum class TagKind : std::uint8_t { struct_, union_, enum_ };

struct Declaration;
struct Enumerator {
  std::string name;
  ExprPtr value;  // may be null
  Loc at;
};
struct Tagged {
  TagKind kind = TagKind::struct_;
  std::string tag;  // may be empty
  bool defined = false;
  std::vector<Declaration> members;
  std::vector<Enumerator> enumerators;
};
struct TypedefName {
  std::string id;
};
struct TypeOf {
  std::unique_ptr<TypeName> type;  // one of the two is there
  ExprPtr operand;
};

// __auto_type x = e;
struct AutoType {};

struct TypeSpec {
  TypeSpec();  // below: clang wants Declaration complete for it
  std::variant<Builtin, Tagged, TypedefName, TypeOf, AutoType> node;
  bool is_const = false, is_volatile = false;
  Loc at;
};

struct Parameter;
struct PointerPart {};
struct ArrayPart {
  ExprPtr size;  // may be null
};
struct FunctionPart {
  std::vector<Parameter> params;
};
using DeclaratorPart = std::variant<PointerPart, ArrayPart, FunctionPart>;

struct Declarator {
  std::string name;  // empty in a type name
  std::vector<DeclaratorPart> parts;
  Loc at;
  std::string cleanup = {};  // the function that is called with its address as its scope ends
};

struct TypeName {
  TypeSpec spec;
  Declarator declarator;
};
struct Parameter {
  TypeSpec spec;
  Declarator declarator;
};

enum class Storage : std::uint8_t { none, static_, extern_, typedef_ };

struct InitDeclarator {
  Declarator declarator;
  ExprPtr init;   // may be null
  ExprPtr width;  // of a bit-field; null: it is none
};
struct Declaration {
  Storage storage = Storage::none;
  bool is_inline = false;
  TypeSpec spec;
  std::vector<InitDeclarator> declarators;
  Loc at;
};
inline TypeSpec::TypeSpec() : node(Builtin::int_) {}

// --- statements

struct ExprStmt {
  ExprPtr expr;  // null: an empty statement
};
struct DeclStmt {
  Declaration declaration;
};
struct Block {
  std::vector<StmtPtr> body;
  Loc end;  // the closing brace
};
struct If {
  ExprPtr condition;
  StmtPtr then, otherwise;
};
struct While {
  ExprPtr condition;
  StmtPtr body;
};
struct DoWhile {
  StmtPtr body;
  ExprPtr condition;
};
struct For {
  StmtPtr init;  // may be null, as the two after it
  ExprPtr condition, step;
  StmtPtr body;
};
struct Switch {
  ExprPtr value;
  StmtPtr body;
};
struct Case {
  ExprPtr low, high;  // high: GNU's case 1 ... 3
  StmtPtr body;
};
struct Default {
  StmtPtr body;
};
struct Label {
  std::string name;
  StmtPtr body;
};
struct Goto {
  std::string label;
};
struct Break {};
struct Continue {};
struct Return {
  ExprPtr value;  // may be null
};

struct StaticAssert {  // of a file, too
  ExprPtr condition;
  Loc at;
};

struct Stmt {
  std::variant<ExprStmt, DeclStmt, Block, If, While, DoWhile, For, Switch, Case, Default, Label, Goto, Break,
               Continue, Return, StaticAssert>
      node;
  Loc at;
};

// --- a whole spec

struct Function {
  Storage storage = Storage::none;
  bool is_inline = false;
  TypeSpec spec;
  Declarator declarator;  // its first part is a FunctionPart
  StmtPtr body;
};

enum class HarnessKind : std::uint8_t { thread, init, finally, irq, irq_on, proof };
struct Harness {
  HarnessKind kind = HarnessKind::thread;
  std::string name;    // empty for INIT and FINALLY
  std::string target;  // IRQ_ON: the thread
  StmtPtr body;
  Loc at;
};

struct Invariant {
  std::string name;  // INVARIANT(name, condition); INVARIANT_UNDER(lock, condition) has a lock instead
  ExprPtr lock;
  ExprPtr condition;
  Loc at;
};

using Item = std::variant<Declaration, Function, Harness, Invariant, StaticAssert>;
struct SpecTree {
  std::vector<Item> items;
};

}  // namespace ringtail::lang
