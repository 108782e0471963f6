// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/lower.h"

#include <algorithm>

#include <fmt/format.h>

#include "model/base/result.h"
#include "model/lang/addressed.h"
#include "model/lang/hint.h"
#include "model/lang/lowering.h"

namespace ringtail::lang {

Lowering::Lowering(const SpecTree& tree, const std::vector<std::string>& macros, const Sources& sources,
                   Errors& errors)
    : tree_(tree), macros_(macros), sources_(sources), errors_(errors) {
  scopes_.emplace_back();
}

std::string Lowering::hint(const std::string& name, bool called) const {
  std::vector<std::string> known = macros_;
  if (called) known.insert(known.end(), {"assert", "assume", "choose", "kfree", "call_rcu"});
  if (called) each_primitive([&](const std::string& primitive) { known.push_back(primitive); });
  for (const Scope& scope : scopes_)
    for (const auto& [other, symbol] : scope.names)
      if (!std::holds_alternative<TypeAlias>(symbol)) known.push_back(other);
  return hint_for(name, known);
}

bool Lowering::is_prelude(const Loc& at) const { return sources_.name(at.file).starts_with('<'); }

const Lowering::Symbol* Lowering::find(const std::string& name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
    if (const auto it = scope->names.find(name); it != scope->names.end()) return &it->second;
  return nullptr;
}

void Lowering::define(const std::string& name, Symbol symbol, const Loc& at) {
  const auto [it, fresh] = scopes_.back().names.insert_or_assign(name, std::move(symbol));
  if (!fresh) fail(at, fmt::format("'{}' is declared twice", it->first));
  else if (scopes_.size() == 1 && !is_prelude(at) && find_primitive(name))
    fail(at, fmt::format("'{}' is one of the kernel's primitives and cannot be declared", name));
}

// --- items

void Lowering::item(const Item& i) {
  std::visit(overloaded{
                 [&](const Declaration& n) { file_declaration(n); },
                 [&](const Function& n) {
                   const TypeRef base = spec_type(n.spec);
                   const TypeRef type = base == nullptr ? nullptr : declared_type(base, n.declarator);
                   if (type != nullptr) declare_function(n.declarator, type, &n);
                 },
                 [](const Harness&) {},  // these need all names: see run()
                 [](const Invariant&) {},
                 [&](const StaticAssert& n) { static_assertion(n); },
             },
             i);
}

void Lowering::static_assertion(const StaticAssert& n) {
  const auto v = constant(*n.condition, "a static assertion");
  if (v && *v == 0) fail(n.at, "the static assertion does not hold");
}

void Lowering::file_declaration(const Declaration& d) {
  const TypeRef base = spec_type(d.spec);
  for (const InitDeclarator& one : d.declarators) {
    const TypeRef type = base == nullptr ? nullptr : declared_type(base, one.declarator);
    if (!one.declarator.cleanup.empty())
      fail(one.declarator.at, "only a local variable has a scope that ends");
    if (type == nullptr) {
      scopes_.back().names.try_emplace(one.declarator.name, Place{});
    } else if (d.storage == Storage::typedef_) {
      const Symbol* old = find(one.declarator.name);
      const bool same =
          old != nullptr && std::holds_alternative<TypeAlias>(*old) && std::get<TypeAlias>(*old).type == type;
      if (!same) define(one.declarator.name, TypeAlias{type}, one.declarator.at);
    } else if (type->is(Type::Kind::function)) {
      declare_function(one.declarator, type, nullptr);
    } else {
      global(one, type, d.storage);
    }
  }
}

std::vector<ir::Cell> Lowering::cells(TypeRef type) {
  std::vector<ir::Cell> out;
  for (const Scalar& s : scalars(type)) {
    ir::Cell cell;
    cell.offset = static_cast<std::uint32_t>(s.offset);
    cell.size = static_cast<std::uint8_t>(size_of(s.type));
    cell.is_signed = width_of(s.type).is_signed;
    cell.is_pointer = s.type->is_pointer();
    cell.name = s.name;
    out.push_back(std::move(cell));
  }
  return out;
}

std::uint32_t Lowering::layout(TypeRef type) {
  if (!is_complete(type) || type->is(Type::Kind::function)) return 0;
  std::uint32_t& number = layouts_[type];
  if (number == 0) {
    program_.layouts.push_back({size_of(type), cells(type)});
    number = static_cast<std::uint32_t>(program_.layouts.size());
  }
  return number;
}

ir::Reg Lowering::local(TypeRef type, const std::string& name) {
  return b_->local(size_of(type), name, layout(type));
}

Place Lowering::new_global(const std::string& name, TypeRef type, const Loc& at) {
  const std::uint64_t align = std::max<std::uint64_t>(8, align_of(type));
  next_address_ = (next_address_ + align - 1) / align * align;
  ir::Global g;
  g.name = name;
  g.address = next_address_;
  g.size = size_of(type);
  g.prelude = is_prelude(at);
  g.cells = cells(type);
  next_address_ += 2 * g.size + 64;  // what lies behind an object is nobody's, as with KASAN's red zones
  Place p;
  p.type = type;
  p.address = ir::constant(static_cast<std::int64_t>(g.address));
  program_.globals.push_back(std::move(g));
  return p;
}

void Lowering::global(const InitDeclarator& d, TypeRef type, Storage storage) {
  const std::string& name = d.declarator.name;
  const Loc& at = d.declarator.at;
  if (d.init) type = sized_by(type, *d.init);
  const auto known = globals_.find(name);
  if (known == globals_.end()) {
    if (!complete(type, at, fmt::format("'{}'", name))) {
      scopes_.back().names.try_emplace(name, Place{});
      return;
    }
    define(name, new_global(name, type, at), at);
    globals_[name] = {type, program_.globals.size() - 1, storage != Storage::extern_, false, at};
  } else if (known->second.type != type) {
    fail(at, fmt::format("'{}' was declared as '{}'", name, describe(known->second.type)));
    return;
  }
  GlobalInfo& info = globals_[name];
  info.defined |= storage != Storage::extern_;
  if (!d.init) return;
  if (info.initialised) {
    fail(at, fmt::format("'{}' is initialised twice", name));
    return;
  }
  info.initialised = true;
  initialise_global(info.index, type, *d.init);
}

void Lowering::initialise_global(std::size_t index, TypeRef type, const Expr& init) {
  const bool before = constant_mode_;
  constant_mode_ = true;
  initialise(type, init, [&](const FoundField& where, const Expr* value) {
    const TypeRef t = where.type;
    const Value v = scratch([&] { return implicit(expr(*value), t, value->at, "the initial value"); });
    if (v.type == nullptr) return;
    if (v.op.is_reg() || scalar(t) == nullptr) {
      fail(value->at, "the initial value of a global must be a constant");
      return;
    }
    for (ir::Cell& cell : program_.globals[index].cells)
      if (cell.offset == where.offset)
        cell.value =
            where.bits.cell == nullptr
                ? v.op.constant
                : scratch([&] { return with_bits(ir::constant(cell.value), where.bits, v); }).constant;
  });
  constant_mode_ = before;
}

// --- functions

void Lowering::declare_function(const Declarator& d, TypeRef type, const Function* body) {
  const auto usable = [&](TypeRef t) { return t->is_void() || scalar(t) != nullptr || is_complete(t); };
  if (!usable(type->base)) {
    fail(d.at, fmt::format("a function cannot return '{}' here", describe(type->base)),
         "its members are not known yet");
    return;
  }
  for (const TypeRef p : type->params)
    if (!usable(p)) {
      fail(d.at, fmt::format("a function cannot take '{}' here", describe(p)),
           "its members are not known yet");
      return;
    }
  const auto known = function_ids_.find(d.name);
  if (known == function_ids_.end()) {
    const auto id = static_cast<std::uint32_t>(functions_.size());
    function_ids_[d.name] = id;
    functions_.push_back({d.name, type, body, d.at, std::nullopt});
    if (scopes_.front().names.count(d.name) != 0) fail(d.at, fmt::format("'{}' is declared twice", d.name));
    else if (!is_prelude(d.at) && find_primitive(d.name))
      fail(d.at, fmt::format("'{}' is one of the kernel's primitives and cannot be declared", d.name));
    scopes_.front().names[d.name] = FunctionName{id};
    return;
  }
  FunctionInfo& info = functions_[known->second];
  if (info.type != type) fail(d.at, fmt::format("'{}' was declared as '{}'", d.name, describe(info.type)));
  if (body != nullptr) {
    if (info.body != nullptr) fail(d.at, fmt::format("'{}' is defined twice", d.name));
    info.body = body;
    info.at = d.at;
  }
}

std::uint32_t Lowering::function_index(std::uint32_t id) {
  FunctionInfo& info = functions_[id];
  if (!info.index) {
    info.index = static_cast<std::uint32_t>(program_.functions.size());
    program_.functions.emplace_back();
    pending_.push_back(id);
  }
  return *info.index;
}

void Lowering::lower_function(std::uint32_t id) {
  const FunctionInfo info = functions_[id];
  if (info.body == nullptr) {
    fail(info.at, fmt::format("'{}' is called but not defined", info.name));
    return;
  }
  Builder builder(info.name, info.at);
  b_ = &builder;
  result_ = info.type->base;
  function_name_ = info.name;
  addressed_ = addressed_names(*info.body->body);
  labels_.clear();
  leaps_.clear();
  const Inner scope(*this);
  const auto& params = std::get<FunctionPart>(info.body->declarator.parts.front()).params;
  std::vector<ir::Reg> regs;
  for (const Parameter& p : params) regs.push_back(b_->named(p.declarator.name));
  // A structure is passed as the address of what is copied on entry, and returned where a last parameter
  // says.
  const bool returns_structure = by_address(result_);
  returned_ = {};
  if (returns_structure) {
    returned_.type = result_;
    returned_.address = ir::reg(b_->named("the value returned"));
  }
  for (std::size_t i = 0; i < params.size(); ++i) {
    const std::string& name = params[i].declarator.name;
    Place place;
    place.type = info.type->params[i];
    if (name.empty()) {
      fail(params[i].declarator.at, "a parameter without a name");
    } else if (addressed_.count(name) != 0 || by_address(place.type)) {
      place.address = ir::reg(local(place.type, name));
      store(place, {ir::reg(regs[i]), place.type});
      define(name, place, params[i].declarator.at);
    } else {
      place.in_register = true;
      place.reg = regs[i];
      define(name, place, params[i].declarator.at);
    }
  }
  for (const StmtPtr& s : std::get<Block>(info.body->body->node).body) stmt(*s);
  end_scope(0);
  land();
  for (const auto& [name, label] : labels_)
    if (!label.placed) fail(label.use, fmt::format("there is no label '{}' in '{}'", name, info.name));
  ir::Function& fn = program_.functions[*info.index];
  if (builder.too_large()) fail(info.at, fmt::format("'{}' is too large", info.name));
  if (errors_.ok()) fn = builder.finish();
  fn.params = static_cast<std::uint32_t>(params.size() + (returns_structure ? 1 : 0));
  fn.returns = !result_->is_void() && !returns_structure;
  fn.prelude = is_prelude(info.at);
  b_ = nullptr;
  function_name_.clear();
}

// A function that C does not name: a harness's body, an invariant.
std::uint32_t Lowering::generated(const std::string& name, const Stmt* body, const Expr* value,
                                  const Loc& at) {
  Builder builder(name, at);
  b_ = &builder;
  result_ = types_.builtin(value != nullptr ? Builtin::bool_ : Builtin::void_);
  function_name_ = name;
  addressed_ = body != nullptr ? addressed_names(*body) : std::set<std::string>{};
  labels_.clear();
  leaps_.clear();
  const Inner scope(*this);
  if (body != nullptr) stmt(*body);
  if (value != nullptr) {
    const Value v = condition_value(*value);
    if (v.type != nullptr) b_->emit(ir::Ret{is_true(v)});
  }
  land();
  for (const auto& [label, info] : labels_)
    if (!info.placed) fail(info.use, fmt::format("there is no label '{}' in '{}'", label, name));
  if (builder.too_large()) fail(at, fmt::format("'{}' is too large", name));
  ir::Function fn;
  if (errors_.ok()) fn = builder.finish();
  fn.returns = value != nullptr;
  b_ = nullptr;
  function_name_.clear();
  program_.functions.push_back(std::move(fn));
  return static_cast<std::uint32_t>(program_.functions.size() - 1);
}

void Lowering::harness(const Harness& h) {
  const bool named = h.kind != HarnessKind::init && h.kind != HarnessKind::finally;
  const std::string name = h.kind == HarnessKind::init      ? "INIT"
                           : h.kind == HarnessKind::finally ? "FINALLY"
                                                            : h.name;
  if (named) {
    for (const ir::Thread& t : program_.threads)
      if (t.name == h.name) fail(h.at, fmt::format("a second thread '{}'", h.name));
    for (const ir::Proof& p : program_.proofs)
      if (p.name == h.name) fail(h.at, fmt::format("a second proof '{}'", h.name));
  }
  const std::uint32_t function = generated(name, h.body.get(), nullptr, h.at);
  switch (h.kind) {
    case HarnessKind::init:
      inits_.push_back(function);
      return;
    case HarnessKind::finally:
      finallys_.push_back(function);
      return;
    case HarnessKind::proof:
      program_.proofs.push_back({h.name, function});
      return;
    case HarnessKind::thread:
      program_.threads.push_back({h.name, ir::ThreadKind::thread, function, 0});
      return;
    case HarnessKind::irq:
      program_.threads.push_back({h.name, ir::ThreadKind::irq, function, 0});
      return;
    case HarnessKind::irq_on:
      program_.threads.push_back({h.name, ir::ThreadKind::irq_on, function, 0});
      interrupts_.push_back(&h);
      return;
  }
}

void Lowering::invariant(const Invariant& i) {
  ir::Invariant out;
  out.name = i.name;
  out.at = i.at;
  if (i.lock) {
    const bool before = constant_mode_;
    constant_mode_ = true;
    const Value v = scratch([&]() -> Value {
      const auto* u = std::get_if<Unary>(&i.lock->node);
      if (u != nullptr && u->op == UnaryOp::address) return expr(*i.lock);
      const Place p = place(*i.lock);
      return p.type != nullptr && p.type->is(Type::Kind::record) ? Value{p.address, types_.pointer_to(p.type)}
                                                                 : load(p);
    });
    constant_mode_ = before;
    if (v.type == nullptr) return;
    const bool lock = v.type->is_pointer() && v.type->base->is(Type::Kind::record) &&
                      (v.type->base->record->tag == "spinlock" || v.type->base->record->tag == "mutex");
    if (!lock || v.op.is_reg()) {
      fail(i.lock->at, "a spinlock_t or a struct mutex of the spec is wanted here");
      return;
    }
    const auto address = static_cast<std::uint64_t>(v.op.constant);
    out.lock = address;
    for (const ir::Global& g : program_.globals)
      if (address >= g.address && address < g.address + g.size) out.name = "under " + g.name;
  }
  out.function = generated(i.lock ? "INVARIANT_UNDER" : i.name, nullptr, i.condition.get(), i.at);
  program_.invariants.push_back(std::move(out));
}

ir::Program Lowering::run() {
  for (const Item& i : tree_.items) {
    if (errors_.full()) return {};
    item(i);
  }
  for (const Item& i : tree_.items) {
    if (const auto* h = std::get_if<Harness>(&i)) harness(*h);
    if (const auto* v = std::get_if<Invariant>(&i)) invariant(*v);
  }
  for (std::uint32_t id = 0; id < functions_.size();
       ++id)  // the spec's own functions are checked even if unused
    if (functions_[id].body != nullptr && !is_prelude(functions_[id].at)) function_index(id);
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (errors_.full()) return {};
    lower_function(pending_[i]);
  }
  finish();
  return std::move(program_);
}

void Lowering::finish() {
  const auto combined = [&](const char* name,
                            const std::vector<std::uint32_t>& parts) -> std::optional<std::uint32_t> {
    if (parts.empty()) return std::nullopt;
    if (parts.size() == 1) return parts[0];
    Builder builder(name, program_.functions[parts[0]].at);
    for (const std::uint32_t f : parts) builder.emit(ir::Call{ir::no_reg, f, {}});
    program_.functions.push_back(builder.finish());
    return static_cast<std::uint32_t>(program_.functions.size() - 1);
  };
  program_.init = combined("INIT", inits_);
  program_.finally = combined("FINALLY", finallys_);
  for (const Harness* h : interrupts_) {
    ir::Thread* interrupt = nullptr;
    std::optional<std::uint32_t> target;
    for (std::uint32_t t = 0; t < program_.threads.size(); ++t) {
      if (program_.threads[t].name == h->name) interrupt = &program_.threads[t];
      if (program_.threads[t].name == h->target && program_.threads[t].kind == ir::ThreadKind::thread)
        target = t;
    }
    if (!target) fail(h->at, fmt::format("there is no thread '{}' to interrupt", h->target));
    else if (interrupt != nullptr) interrupt->target = *target;
  }
  for (const auto& [name, g] : globals_)
    if (!g.defined && !program_.globals[g.index].prelude)
      fail(g.at, fmt::format("'{}' is declared extern and defined nowhere", name));
}

ir::Program lower(const SpecTree& tree, const std::vector<std::string>& macros, const Sources& sources,
                  Errors& errors) {
  return Lowering(tree, macros, sources, errors).run();
}

}  // namespace ringtail::lang
