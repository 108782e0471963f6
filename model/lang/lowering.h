// SPDX-License-Identifier: GPL-2.0-or-later
// The lowering of kernel C, private to this folder. Its members are spread over lower.cpp (items and
// globals), lower_type.cpp, lower_init.cpp, lower_statement.cpp, lower_expression.cpp, lower_operator.cpp and
// lower_call.cpp.
//
// An expression gives a Value, a place in memory or in a register a Place. A null type means that an error
// was reported already; whoever meets one passes it on and says nothing, so that one mistake is one message.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "model/lang/builder.h"
#include "model/lang/primitive.h"
#include "model/lang/tree.h"
#include "model/lang/type.h"

namespace ringtail::lang {

// Of a record with more than one scalar, `op` is the address.
struct Value {
  ir::Operand op;
  TypeRef type = nullptr;
};

struct Place {
  TypeRef type = nullptr;
  bool in_register = false;
  ir::Reg reg = ir::no_reg;
  ir::Operand address;
  ir::Order order = ir::Order::plain;  // ACCESS_ONCE() makes it `once`
  Bits bits = {};
  ir::Operand cell = {};  // of a bit-field that was just loaded: what its cell held
  bool loaded = false;
};

class Lowering {
 public:
  Lowering(const SpecTree& tree, const std::vector<std::string>& macros, const Sources& sources,
           Errors& errors);
  ir::Program run();

 private:
  // --- names
  struct FunctionName {
    std::uint32_t id;
  };
  struct EnumConstant {
    std::int64_t value;
  };
  struct TypeAlias {
    TypeRef type;
  };
  using Symbol = std::variant<Place, FunctionName, EnumConstant, TypeAlias>;
  struct Scope {
    std::map<std::string, Symbol> names;
    std::map<std::string, TypeRef> tags;  // "struct page"
  };
  class Inner {  // a scope for as long as it lives
   public:
    explicit Inner(Lowering& l) : l_(l), cleanups_(l.cleanups_.size()) { l_.scopes_.emplace_back(); }
    ~Inner() {
      l_.end_scope(cleanups_);
      l_.scopes_.pop_back();
    }
    Inner(const Inner&) = delete;
    Inner& operator=(const Inner&) = delete;

   private:
    Lowering& l_;
    const std::size_t cleanups_;
  };
  // A variable whose scope ends with a call: `__attribute__((cleanup(f)))`.
  struct Cleanup {
    std::uint32_t number = 0;  // in the program
    Place variable;
    std::uint32_t function = 0;
  };
  // A goto out of such scopes goes by way of their calls, which stand behind the function's body.
  struct Leap {
    std::string label;
    std::vector<Cleanup> from;
    std::optional<Builder::Label> by_way_of;
    Loc at;
  };
  struct FunctionInfo {
    std::string name;
    TypeRef type = nullptr;
    const Function* body = nullptr;
    Loc at;
    std::optional<std::uint32_t> index;  // in the program, once something refers to it
  };
  struct GlobalInfo {
    TypeRef type;
    std::size_t index;  // into program_.globals
    bool defined, initialised;
    Loc at;
  };

  // --- lower_cleanup.cpp
  void cleanup(const std::string& function, const Place& variable, const Loc& at);
  void clean_up(const std::vector<Cleanup>& these, std::size_t down_to);
  void end_scope(std::size_t cleanups);
  void leap(const std::string& label, const Loc& at);
  void land();

  // --- lower.cpp
  void item(const Item& i);
  void file_declaration(const Declaration& d);
  void static_assertion(const StaticAssert& n);
  void global(const InitDeclarator& d, TypeRef type, Storage storage);
  static std::vector<ir::Cell> cells(TypeRef type);
  std::uint32_t layout(TypeRef type);  // its number in the program, from 1
  ir::Reg local(TypeRef type, const std::string& name);
  Place new_global(const std::string& name, TypeRef type, const Loc& at);
  void initialise_global(std::size_t index, TypeRef type, const Expr& init);
  void declare_function(const Declarator& d, TypeRef type, const Function* body);
  std::uint32_t function_index(std::uint32_t id);
  void lower_function(std::uint32_t id);
  void harness(const Harness& h);
  void invariant(const Invariant& i);
  std::uint32_t generated(const std::string& name, const Stmt* body, const Expr* value, const Loc& at);
  void finish();
  bool is_prelude(const Loc& at) const;
  void define(const std::string& name, Symbol symbol, const Loc& at);
  const Symbol* find(const std::string& name) const;
  std::string hint(const std::string& name, bool called) const;  // what an unknown name may have meant
  bool is_variable(const Name* name) const {
    const Symbol* symbol = name != nullptr ? find(name->id) : nullptr;
    return symbol != nullptr && std::holds_alternative<Place>(*symbol);
  }

  // --- lower_type.cpp
  TypeRef spec_type(const TypeSpec& spec);
  TypeRef tagged_type(const Tagged& t, const Loc& at);
  void fill_record(Record& record, const std::vector<Declaration>& members, const Loc& at);
  void fill_enum(const std::vector<Enumerator>& enumerators);
  TypeRef declared_type(TypeRef base, const Declarator& d);
  TypeRef type_name(const TypeName& t) { return declared_type(spec_type(t.spec), t.declarator); }
  bool complete(TypeRef t, const Loc& at, const std::string& what);

  // --- lower_init.cpp
  using Sink = std::function<void(const FoundField& where, const Expr* value)>;
  TypeRef sized_by(TypeRef type, const Expr& init);
  void initialise(TypeRef type, const Expr& init, const Sink& sink);
  void init_object(const FoundField& where, const Expr& init, const Sink& sink);
  void init_list(TypeRef type, std::uint64_t offset, const std::vector<InitItem>& items, std::size_t& next,
                 bool braced, const Loc& at, const Sink& sink);
  void init_local(const Place& place, const Expr& init);

  // --- lower_statement.cpp
  void stmt(const Stmt& s);
  void local_declaration(const Declaration& d);
  Place new_local(const std::string& name, TypeRef type);
  void loop(const Expr* condition, const Stmt& body, const Expr* step, bool body_first);
  void switch_stmt(const Switch& s, const Loc& at);
  void collect_cases(const Stmt& s, TypeRef type);
  void return_stmt(const Return& r, const Loc& at);
  Builder::Label named_label(const std::string& name, const Loc& use);

  // --- lower_expression.cpp
  Value expr(const Expr& e);
  Value scalar_expr(const Expr& e, const char* what);
  Value condition_value(const Expr& e) { return scalar_expr(e, "a condition"); }
  Place place(const Expr& e);
  Place member_place(const Member& m, const Loc& at);
  Place index_place(const Index& i, const Loc& at);
  Value load(const Place& p);
  Value load_to_change(Place& p);  // a store to it then does not load a bit-field's cell once more
  Value store(const Place& p, const Value& v);  // what the place holds then
  ir::Order order_of(const Place& p) const {
    return p.order == ir::Order::plain && races_meant_ > 0 ? ir::Order::data_race : p.order;
  }
  Value from_bits(ir::Operand cell, const Bits& bits, TypeRef declared);
  ir::Operand with_bits(ir::Operand cell, const Bits& bits, const Value& v);
  bool no_bits(const Bits& bits, const Loc& at, std::string_view what);
  Value address_of(const Expr& operand, const Loc& at);
  void condition(const Expr& e, Builder::Label then, Builder::Label otherwise, const ir::Reg* tested);
  void logical(const Binary& b, Builder::Label then, Builder::Label otherwise, const ir::Reg* tested);
  Value truth(const Binary& b);
  Value conditional(const Conditional& c, const Loc& at);
  Value statement_expr(const StatementExpr& s);
  Value string(const String& s, const Loc& at);
  std::string bytes_of(const String& s, const Loc& at);
  std::optional<std::uint64_t> offset_of(const OffsetOf& o);
  std::optional<std::int64_t> constant(const Expr& e, const char* what);
  template <class F>
  auto scratch(F f);  // runs f and forgets the instructions
  Value fail(const Loc& at, std::string what, std::string hint = "");

  // --- lower_operator.cpp
  Value unary(const Unary& u, const Loc& at);
  Value step(const Unary& u, const Loc& at);
  Value binary(const Binary& b, const Loc& at);
  Value binary(BinaryOp op, Value left, Value right, const Loc& at);
  Value add_to_pointer(BinaryOp op, const Value& pointer, const Value& n, const Loc& at);
  Value compare(BinaryOp op, Value left, Value right, const Loc& at);
  Value assign(const Assign& a, const Loc& at);
  Value convert(const Value& v, TypeRef to);  // both scalar; nothing is refused
  Value implicit(const Value& v, TypeRef to, const Loc& at, const char* context);
  Value cast(const Cast& c, const Loc& at);
  ir::Operand is_true(const Value& v);

  // --- lower_call.cpp
  Value call(const Call& c, const Loc& at);
  Value call_function(const std::string& name, TypeRef type, std::optional<std::uint32_t> index,
                      ir::Operand pointer, const std::vector<ExprPtr>& args, const Loc& at);
  Value primitive(const std::string& name, const Primitive& p, const std::vector<ExprPtr>& args,
                  const Loc& at);
  Value try_cmpxchg(const Primitive& p, TypeRef type, ir::Operand address, const std::vector<ExprPtr>& args,
                    const Loc& at);
  std::string written_check(const Loc& at) const;
  std::optional<Value> builtin(const std::string& name, const std::vector<ExprPtr>& args, const Loc& at);
  bool lock_type_fits(const Primitive& p, TypeRef pointee) const;

  const SpecTree& tree_;
  const std::vector<std::string>& macros_;
  std::map<TypeRef, std::uint32_t> layouts_;
  const Sources& sources_;
  Errors& errors_;
  TypeTable types_;
  ir::Program program_;
  std::vector<Scope> scopes_;
  std::vector<FunctionInfo> functions_;
  std::map<std::string, std::uint32_t> function_ids_;
  std::map<std::string, GlobalInfo> globals_;
  std::vector<std::uint32_t> pending_;  // functions that something refers to and that are not lowered yet
  std::vector<const Harness*> interrupts_;
  std::vector<std::uint32_t> inits_, finallys_;
  std::uint64_t next_address_ = ir::global_base;
  std::uint32_t strings_ = 0;

  // --- of the function that is being lowered
  Builder* b_ = nullptr;
  TypeRef result_ = nullptr;
  Place returned_;  // of a function that returns a structure: where its caller wants it
  std::string function_name_;
  std::set<std::string> addressed_;
  struct NamedLabel {
    Builder::Label label;
    bool placed = false;
    Loc use;
    std::vector<std::uint32_t> cleanups = {};  // around it, by number
  };
  std::map<std::string, NamedLabel> labels_;
  struct Exits {
    std::optional<Builder::Label> break_to, continue_to;
    std::size_t cleanups = 0;  // around it
  };
  std::vector<Exits> exits_;
  std::vector<Cleanup> cleanups_;  // of the scopes that are open
  std::vector<Leap> leaps_;
  std::uint32_t next_cleanup_ = 0;
  std::map<const Stmt*, Builder::Label> case_labels_;
  struct SwitchCase {
    std::int64_t low, high;
    Builder::Label label;
  };
  struct SwitchInfo {
    std::vector<SwitchCase> cases;
    std::optional<Builder::Label> otherwise;
  };
  SwitchInfo* switch_ = nullptr;
  bool constant_mode_ = false;
  std::deque<Expr> characters_;  // of strings that initialise arrays
  int call_depth_ = 0;
  int races_meant_ = 0;  // within data_race(): what is plain is not told of
};

template <class F>
auto Lowering::scratch(F f) {
  Builder forgotten("", b_ != nullptr ? b_->at() : Loc{});
  Builder* const kept = b_;
  b_ = &forgotten;
  auto out = f();
  b_ = kept;
  return out;
}

}  // namespace ringtail::lang
