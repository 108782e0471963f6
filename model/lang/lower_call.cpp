// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "model/lang/lowering.h"
#include "model/lang/print.h"

namespace ringtail::lang {
namespace {

// What is neither a function nor one of the primitives that primitive.h decodes. Names with two leading
// underscores are for the prelude.
enum class Builtin_ : std::uint8_t {
  assert_,
  bug_on,
  warn_on,
  assume,
  choose,
  kfree,
  call_rcu,
  alloc,
  task,
  per_cpu,
  irq_save,
  irq_restore,
  preempt,
  might_sleep,
  await,
  sleep,
  block_add,
  sleep_add,
  abort_
};
struct Row {
  std::string_view name;
  Builtin_ what;
  std::size_t args;
};
constexpr std::array<Row, 19> kBuiltins = {{
    {"assert", Builtin_::assert_, 1},
    {"BUG_ON", Builtin_::bug_on, 1},
    {"WARN_ON", Builtin_::warn_on, 1},
    {"assume", Builtin_::assume, 1},
    {"choose", Builtin_::choose, 2},
    {"kfree", Builtin_::kfree, 1},
    {"call_rcu", Builtin_::call_rcu, 2},
    {"__rt_alloc", Builtin_::alloc, 2},
    {"__rt_task", Builtin_::task, 0},
    {"__rt_per_cpu", Builtin_::per_cpu, 1},  // (pointer to what each CPU has): the first CPU's
    {"__rt_irq_save", Builtin_::irq_save, 0},
    {"__rt_irq_restore", Builtin_::irq_restore, 1},
    {"__rt_preempt", Builtin_::preempt, 1},
    {"__rt_might_sleep", Builtin_::might_sleep, 0},
    {"__rt_await", Builtin_::await, 3},          // (guard, pointer, value): waits in a busy loop
    {"__rt_sleep", Builtin_::sleep, 3},          // the same, asleep
    {"__rt_block_add", Builtin_::block_add, 4},  // (guard, pointer, n, value): waits, then adds, with acquire
    {"__rt_sleep_add", Builtin_::sleep_add, 4},  // the same, asleep
    {"BUG", Builtin_::abort_, 0},
}};

ir::Guard guard_of(std::string_view name) {
  if (name == "eq") return ir::Guard::equal;
  if (name == "ne") return ir::Guard::not_equal;
  if (name == "gt") return ir::Guard::greater;
  if (name == "lt") return ir::Guard::less;
  if (name == "clear") return ir::Guard::mask_zero;
  return ir::Guard::mask_set;
}

}  // namespace

// The argument of a check as the author of the spec wrote it, macros and all: what stands in parentheses,
// with blanks for lines and tabs. Empty where `at` is something else, such as a macro of his that the check
// is in.
std::string Lowering::written_check(const Loc& at) const {
  static constexpr std::array<std::string_view, 7> kChecks = {
      "assert", "BUG_ON", "WARN_ON", "WARN_ON_ONCE", "VM_BUG_ON", "VM_WARN_ON", "VM_WARN_ON_ONCE"};
  std::string_view text = sources_.text(at.file);
  for (std::uint32_t line = 1; line < at.span.line; ++line) text.remove_prefix(text.find('\n') + 1);
  text.remove_prefix(at.span.column - 1);
  const std::string_view name = text.substr(0, text.find_first_of(" ("));
  if (std::find(kChecks.begin(), kChecks.end(), name) == kChecks.end()) return "";
  text.remove_prefix(name.size());
  std::string out;
  int depth = 0;
  for (const char c : text) {
    if (c == ')' && --depth == 0) return out;
    if (depth == 0 && c != '(' && c != ' ') return "";
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (c == '"' || c == '/' || (blank && (out.empty() || out.back() == ' '))) {
      if (!blank) return "";  // a string, a comment or a division: not worth a scanner
    } else if (depth > 0) {
      out += blank ? ' ' : c;
    }
    depth += c == '(' ? 1 : 0;
  }
  return "";
}

Value Lowering::call(const Call& c, const Loc& at) {
  if (constant_mode_) return fail(at, "a call cannot be part of a constant");
  if (function_name_.empty()) return fail(at, "a call needs a function around it");
  if (const auto* name = std::get_if<Name>(&c.callee->node)) {
    const Symbol* s = find(name->id);
    if (s != nullptr && std::holds_alternative<FunctionName>(*s)) {
      const std::uint32_t id = std::get<FunctionName>(*s).id;
      const std::uint32_t index = function_index(id);
      return call_function(name->id, functions_[id].type, index, {}, c.args, at);
    }
    if (s == nullptr) {
      if (auto v = builtin(name->id, c.args, at)) return *v;
      if (const auto p = find_primitive(name->id)) return primitive(name->id, *p, c.args, at);
      if (name->id == "data_race" && c.args.size() == 1) {
        ++races_meant_;
        const Value v = expr(*c.args[0]);
        --races_meant_;
        return v;
      }
      if (name->id == "ACCESS_ONCE" && c.args.size() == 1) {
        Place p = place(*c.args[0]);
        if (!no_bits(p.bits, at, "ACCESS_ONCE()")) return {};
        p.order = ir::Order::once;
        return load(p);
      }
      return fail(at, fmt::format("'{}' is neither a function nor one of the kernel's primitives", name->id),
                  hint(name->id, true));
    }
  }
  const Value callee = expr(*c.callee);
  if (callee.type == nullptr) return {};
  if (!callee.type->is_pointer() || !callee.type->base->is(Type::Kind::function))
    return fail(at, fmt::format("'{}' cannot be called", describe(callee.type)));
  return call_function("the function", callee.type->base, std::nullopt, callee.op, c.args, at);
}

Value Lowering::call_function(const std::string& name, TypeRef type, std::optional<std::uint32_t> index,
                              ir::Operand pointer, const std::vector<ExprPtr>& args, const Loc& at) {
  if (args.size() != type->params.size())
    return fail(at, fmt::format("'{}' takes {} argument{}, {} given", name, type->params.size(),
                                type->params.size() == 1 ? "" : "s", args.size()));
  std::vector<ir::Operand> ops;
  bool good = true;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const Value v =
        implicit(expr(*args[i]), type->params[i], args[i]->at, fmt::format("argument {}", i + 1).c_str());
    good &= v.type != nullptr;
    ops.push_back(v.op);
  }
  if (!good) return {};
  b_->at(at);
  const bool structure = by_address(type->base);
  ir::Operand returned = ir::constant(0);
  if (structure) ops.push_back(returned = ir::reg(local(type->base, "returned")));
  const ir::Reg dst = type->base->is_void() || structure ? ir::no_reg : b_->temp();
  if (index) b_->emit(ir::Call{dst, *index, std::move(ops)});
  else b_->emit(ir::CallPointer{dst, pointer, std::move(ops)});
  return {dst == ir::no_reg ? returned : ir::reg(dst), type->base};
}

bool Lowering::lock_type_fits(const Primitive& p, TypeRef pointee) const {
  const std::string tag = pointee->is(Type::Kind::record) ? pointee->record->tag : "";
  switch (p.kind) {
    case PrimitiveKind::srcu_lock:
    case PrimitiveKind::srcu_unlock:
    case PrimitiveKind::srcu_sync:
      return tag == "srcu_struct";
    case PrimitiveKind::lock:
    case PrimitiveKind::unlock:
    case PrimitiveKind::trylock:
    case PrimitiveKind::is_locked:
      return tag == (p.lock == ir::LockKind::mutex ? "mutex" : "spinlock");
    case PrimitiveKind::load_place:
    case PrimitiveKind::store_place:
    case PrimitiveKind::load_pointer:
    case PrimitiveKind::store_pointer:
    case PrimitiveKind::store_mb:
    case PrimitiveKind::fence:
    case PrimitiveKind::rmw:
    case PrimitiveKind::cmpxchg:
    case PrimitiveKind::try_cmpxchg:
      break;
  }
  return true;
}

Value Lowering::primitive(const std::string& name, const Primitive& p, const std::vector<ExprPtr>& args,
                          const Loc& at) {
  const Value nothing{ir::constant(0), types_.builtin(Builtin::void_)};
  if (args.size() != p.args)
    return fail(at, fmt::format("'{}' takes {} argument{}, {} given", name, p.args, p.args == 1 ? "" : "s",
                                args.size()));
  if (p.kind == PrimitiveKind::fence) {
    emit_primitive(*b_, p, {}, {}, {});
    return nothing;
  }
  const bool value_first = p.kind == PrimitiveKind::rmw && !p.pointer_first && p.args == 2;
  const bool by_place = p.kind == PrimitiveKind::load_place || p.kind == PrimitiveKind::store_place ||
                        (p.kind == PrimitiveKind::store_mb && name == "smp_store_mb");
  const Expr& where = *args[value_first ? 1 : 0];

  // the location: `whole` is what it is declared as, `type` the scalar in it (of an atomic_t, a pte_t)
  TypeRef type = nullptr, whole = nullptr;
  ir::Operand address;
  if (by_place) {
    const Place target = place(where);
    if (target.type == nullptr || !no_bits(target.bits, where.at, name + "()")) return {};
    whole = target.type;
    type = scalar(whole);
    if (type == nullptr)
      return fail(where.at, fmt::format("'{}' works on numbers and pointers, not on '{}'", name,
                                        describe(target.type)));
    if (target.in_register) {  // nobody else can see it: an assignment
      if (args.size() == 1) return load(target);
      const Value v = implicit(expr(*args[1]), target.type, args[1]->at, "the value assigned");
      if (v.type != nullptr) store(target, v);
      return nothing;
    }
    address = target.address;
  } else {
    const Value pointer = expr(where);
    if (pointer.type == nullptr) return {};
    if (!pointer.type->is_pointer() || pointer.type->base->is_void() ||
        pointer.type->base->is(Type::Kind::function))
      return fail(where.at, fmt::format("'{}' needs a pointer here, not '{}'", name, describe(pointer.type)));
    if (!lock_type_fits(p, pointer.type->base))
      return fail(where.at, fmt::format("'{}' does not take '{}'", name, describe(pointer.type)));
    whole = pointer.type->base;
    type = scalar(whole);
    if (type == nullptr)
      return fail(where.at, fmt::format("'{}' works on numbers and pointers, not on '{}'", name,
                                        describe(pointer.type->base)));
    address = pointer.op;
  }
  if (p.kind == PrimitiveKind::try_cmpxchg) return try_cmpxchg(p, type, address, args, at);
  if (name.starts_with("atomic")) whole = type;  // these give and take the number

  std::vector<ir::Operand> values;
  for (const ExprPtr& arg : args) {
    if (arg.get() == &where) continue;
    Value v = expr(*arg);
    if (v.type == nullptr) return {};
    const bool index = p.kind == PrimitiveKind::srcu_unlock;
    v = implicit(v, index ? types_.int_type() : whole, arg->at, "this value");
    if (v.type == nullptr) return {};
    values.push_back(v.op);
  }
  b_->at(at);
  const Cell cell{static_cast<std::uint8_t>(size_of(type)), width_of(type).is_signed};
  const auto result = emit_primitive(*b_, p, cell, address, values);
  if (!result) return nothing;
  const bool yes_or_no = p.result == RmwResult::guard_held || p.result == RmwResult::updated_is_zero ||
                         p.result == RmwResult::updated_is_negative || p.kind == PrimitiveKind::trylock ||
                         p.kind == PrimitiveKind::is_locked || p.kind == PrimitiveKind::srcu_lock;
  return {*result, yes_or_no ? types_.int_type() : whole};
}

// try_cmpxchg(p, &old, new): on failure, what was found is written to old.
Value Lowering::try_cmpxchg(const Primitive& p, TypeRef type, ir::Operand address,
                            const std::vector<ExprPtr>& args, const Loc& at) {
  const Value pointer = expr(*args[1]);
  if (pointer.type == nullptr) return {};
  if (!pointer.type->is_pointer() || scalar(pointer.type->base) != type)
    return fail(args[1]->at, fmt::format("the address of the expected '{}' is wanted here, not '{}'",
                                         describe(type), describe(pointer.type)));
  Place expected;
  expected.type = type;
  expected.address = pointer.op;
  const Value old = load(expected);
  const Value fresh = implicit(expr(*args[2]), type, args[2]->at, "the new value");
  if (fresh.type == nullptr) return {};
  b_->at(at);
  const Cell cell{static_cast<std::uint8_t>(size_of(type)), width_of(type).is_signed};
  const ir::Operand found = *emit_primitive(*b_, p, cell, address, {old.op, fresh.op});
  const ir::Operand done = b_->binary(BinaryOp::equal, width_of(type), found, old.op);
  const auto failed = b_->label(), end = b_->label();
  b_->branch(done, end, failed);
  b_->place(failed);
  store(expected, {found, type});
  b_->place(end);
  return {done, types_.builtin(Builtin::bool_)};
}

std::optional<Value> Lowering::builtin(const std::string& name, const std::vector<ExprPtr>& args,
                                       const Loc& at) {
  const Row* row = nullptr;
  for (const Row& r : kBuiltins)
    if (r.name == name) row = &r;
  if (row == nullptr) return std::nullopt;
  if (args.size() != row->args)
    return fail(at, fmt::format("'{}' takes {} argument{}, {} given", name, row->args,
                                row->args == 1 ? "" : "s", args.size()));
  const Value nothing{ir::constant(0), types_.builtin(Builtin::void_)};
  const bool guarded = row->what == Builtin_::await || row->what == Builtin_::sleep ||
                       row->what == Builtin_::block_add || row->what == Builtin_::sleep_add;
  std::vector<Value> v;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const bool word = guarded && i == 0;  // the guard's name
    v.push_back(word ? nothing : expr(*args[i]));
    if (v.back().type == nullptr) return Value{};
    if (!word && !v.back().type->is_scalar())
      return fail(args[i]->at, fmt::format("'{}' cannot take '{}'", name, describe(v.back().type)));
  }
  b_->at(at);
  const auto result = [&](auto node, TypeRef type) {
    node.dst = b_->temp();
    b_->emit(node);
    return Value{ir::reg(node.dst), type};
  };
  const auto check = [&](ir::Operand holds, ir::CheckKind kind) {
    const std::string text = args.empty() ? "BUG()" : written_check(at);
    b_->emit(ir::Check{holds, kind, text.empty() ? print(*args[0]) : text});
  };
  const auto is_zero = [&](const Value& x) {
    return b_->binary(BinaryOp::equal, width_of(x.type), x.op, ir::constant(0));
  };
  switch (row->what) {
    case Builtin_::assert_:
      check(is_true(v[0]), ir::CheckKind::assertion);
      return nothing;
    case Builtin_::bug_on:
      check(is_zero(v[0]), ir::CheckKind::bug_on);
      return nothing;
    case Builtin_::warn_on: {
      const ir::Operand bad = is_true(v[0]);
      check(is_zero(v[0]), ir::CheckKind::warn_on);
      return Value{bad, types_.builtin(Builtin::bool_)};
    }
    case Builtin_::abort_:
      check(ir::constant(0), ir::CheckKind::bug_on);
      return nothing;
    case Builtin_::assume:
      b_->emit(ir::Assume{is_true(v[0])});
      return nothing;
    case Builtin_::choose: {
      const bool integers =
          v[0].type != nullptr && v[1].type != nullptr && v[0].type->is_integer() && v[1].type->is_integer();
      const TypeRef type = integers ? common(types_, v[0].type, v[1].type) : types_.int_type();
      const Value low = implicit(v[0], type, args[0]->at, "the lowest value");
      const Value high = implicit(v[1], type, args[1]->at, "the highest value");
      if (low.type == nullptr || high.type == nullptr) return Value{};
      const bool is_signed = width_of(type).is_signed;
      const auto above = [&](std::int64_t a, std::int64_t b) {
        return is_signed ? a > b : static_cast<std::uint64_t>(a) > static_cast<std::uint64_t>(b);
      };
      if (!low.op.is_reg() && !high.op.is_reg() && above(low.op.constant, high.op.constant))
        return fail(at, "there is nothing to choose from: the lowest value is above the highest");
      return result(ir::Choose{0, low.op, high.op, is_signed}, type);
    }
    case Builtin_::kfree:
      if (!v[0].type->is_pointer())
        return fail(args[0]->at, fmt::format("'kfree' needs a pointer, not '{}'", describe(v[0].type)));
      b_->emit(ir::Free{v[0].op});
      return nothing;
    case Builtin_::call_rcu: {
      const bool function = v[1].type->is_pointer() && v[1].type->base->is(Type::Kind::function) &&
                            v[1].type->base->params.size() == 1 && v[1].type->base->params[0] == v[0].type;
      if (!v[0].type->is_pointer() || !function)
        return fail(at, "call_rcu() takes a struct rcu_head * and a function that takes the same");
      b_->emit(ir::CallRcu{v[1].op, v[0].op});
      return nothing;
    }
    case Builtin_::alloc: {
      const Value size = convert(v[0], types_.ulong_type());
      if (v[1].op.is_reg()) return fail(at, "whether the memory is zeroed must be a constant");
      return result(ir::Allocate{0, size.op, v[1].op.constant != 0},
                    types_.pointer_to(types_.builtin(Builtin::void_)));
    }
    case Builtin_::task:
      return result(ir::CurrentTask{}, types_.int_type());
    case Builtin_::per_cpu: {  // an array, DEFINE_PER_CPU()'s, or what alloc_percpu() gave
      const TypeRef type = v[0].type;
      if (!type->is_pointer())
        return fail(args[0]->at, fmt::format("'{}' is nothing that each CPU has", describe(type)));
      if (!type->base->is(Type::Kind::array)) return v[0];
      return Value{v[0].op, types_.pointer_to(type->base->base)};
    }
    case Builtin_::irq_save:
      return result(ir::IrqSave{}, types_.ulong_type());
    case Builtin_::irq_restore:
      b_->emit(ir::IrqRestore{v[0].op});
      return nothing;
    case Builtin_::preempt:
      b_->emit(ir::Preempt{v[0].op.constant != 0});
      return nothing;
    case Builtin_::might_sleep:
      b_->emit(ir::MightSleep{});
      return nothing;
    case Builtin_::await:
    case Builtin_::sleep:
    case Builtin_::block_add:
    case Builtin_::sleep_add: {
      const auto* word = std::get_if<Name>(&args[0]->node);
      const TypeRef pointee = v[1].type->is_pointer() ? scalar(v[1].type->base) : nullptr;
      if (word == nullptr || pointee == nullptr) return fail(at, fmt::format("'{}' is not for specs", name));
      const auto size = static_cast<std::uint8_t>(size_of(pointee));
      if (args.size() == 4) {
        ir::Rmw rmw;
        rmw.address = v[1].op;
        rmw.value = v[2].op;
        rmw.op = ir::RmwOp::add;
        rmw.guard = guard_of(word->id);
        rmw.guard_value = v[3].op;
        rmw.size = size;
        rmw.is_signed = width_of(pointee).is_signed;
        rmw.order = ir::Order::acquire;
        rmw.blocking = true;
        rmw.wait = row->what == Builtin_::sleep_add ? ir::WaitKind::sleep : ir::WaitKind::spin;
        return result(rmw, pointee);
      }
      ir::Await await;
      await.address = v[1].op;
      await.guard = guard_of(word->id);
      await.guard_value = v[2].op;
      await.size = size;
      await.is_signed = width_of(pointee).is_signed;
      await.wait = row->what == Builtin_::sleep ? ir::WaitKind::sleep : ir::WaitKind::spin;
      return result(await, pointee);
    }
  }
  return nothing;
}

}  // namespace ringtail::lang
