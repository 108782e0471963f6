// SPDX-License-Identifier: GPL-2.0-or-later
// Initializers: C's rules for braces, designators and what is left out, once for globals and for locals. The
// sink is told every scalar that has a value, in the order written; what it is not told is zero.
#include <fmt/format.h>

#include "model/base/result.h"
#include "model/lang/lowering.h"

namespace ringtail::lang {

namespace {

// The string that initialises an array of characters, with braces around it or without.
const String* characters(TypeRef type, const Expr& init) {
  if (!type->is(Type::Kind::array) || !type->base->is(Type::Kind::integer) || size_of(type->base) != 1)
    return nullptr;
  const auto* list = std::get_if<InitList>(&init.node);
  if (list == nullptr) return std::get_if<String>(&init.node);
  if (list->items.size() != 1 || !list->items[0].designators.empty()) return nullptr;
  return std::get_if<String>(&list->items[0].value->node);
}

}  // namespace

// int a[] = { 1, 2 }: the initializer says how long the array is.
TypeRef Lowering::sized_by(TypeRef type, const Expr& init) {
  if (!type->is(Type::Kind::array) || type->count != 0) return type;
  if (const String* s = characters(type, init))
    return types_.array_of(type->base, bytes_of(*s, init.at).size() + 1);
  const auto* list = std::get_if<InitList>(&init.node);
  if (list == nullptr) return type;
  std::int64_t next = 0, count = 0;
  for (const InitItem& item : list->items) {
    if (!item.designators.empty() && item.designators[0].index) {
      const Designator& d = item.designators[0];
      next = constant(d.last ? *d.last : *d.index, "a designator").value_or(0);
    }
    count = std::max(count, ++next);
  }
  return types_.array_of(type->base, static_cast<std::uint64_t>(std::clamp<std::int64_t>(count, 0, 65536)));
}

void Lowering::initialise(TypeRef type, const Expr& init, const Sink& sink) {
  init_object({type, 0}, init, sink);
}

void Lowering::init_object(const FoundField& where, const Expr& init, const Sink& sink) {
  const auto& [type, offset, bits] = where;
  const auto* list = std::get_if<InitList>(&init.node);
  if (type->is_scalar()) {
    if (list == nullptr) return sink(where, &init);
    if (list->items.size() != 1 || !list->items[0].designators.empty()) {
      fail(init.at, "a scalar takes one value");
      return;
    }
    return init_object(where, *list->items[0].value, sink);
  }
  if (const String* s = characters(type, init)) {
    const std::string bytes = bytes_of(*s, init.at);
    if (bytes.size() > type->count)
      fail(init.at, fmt::format("too many characters for '{}'", describe(type)));
    for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), type->count); ++i) {
      const auto value = static_cast<std::int64_t>(static_cast<signed char>(bytes[i]));
      characters_.push_back({Number{static_cast<std::uint64_t>(value), false, false}, init.at});
      sink({type->base, offset + i}, &characters_.back());
    }
    return;
  }
  if (list == nullptr) {
    if (type->is(Type::Kind::array)) {
      fail(init.at, "an array is initialised by a list in braces");
      return;
    }
    return sink(where, &init);  // struct a = b
  }
  std::size_t next = 0;
  init_list(type, offset, list->items, next, true, init.at, sink);
}

void Lowering::init_list(TypeRef type, std::uint64_t offset, const std::vector<InitItem>& items,
                         std::size_t& next, bool braced, const Loc& at, const Sink& sink) {
  const bool is_array = type->is(Type::Kind::array);
  const bool is_union = !is_array && type->record->kind == TagKind::union_;
  const std::uint64_t count = is_array ? type->count : is_union ? 1 : type->record->fields.size();
  const auto element = [&](std::uint64_t i) {
    if (is_array) return FoundField{type->base, i * size_of(type->base)};
    const Field& f = type->record->fields[i];
    return FoundField{f.type, f.offset, f.bits};
  };
  for (std::uint64_t i = 0; next < items.size();) {
    const InitItem& item = items[next];
    FoundField target;
    std::uint64_t more = 0;  // elements of a range after the first
    if (!item.designators.empty()) {
      if (!braced) return;  // belongs to the list around this one
      TypeRef here = type;
      std::uint64_t inside = 0;
      Bits bits;
      bool first = true;
      for (const Designator& d : item.designators) {
        if (d.index) {
          const auto n = constant(*d.index, "a designator");
          const auto last = d.last ? constant(*d.last, "a designator") : n;
          if (n && last && *last < *n) {
            fail(d.at, "the range of designators is empty");
            ++next;
            return;
          }
          if (d.last && &d != &item.designators.back()) {
            fail(d.at, "a designator after a range of them is outside the subset");
            ++next;
            return;
          }
          if (!here->is(Type::Kind::array) || !n || *n < 0 || !last ||
              static_cast<std::uint64_t>(*last) >= here->count) {
            fail(d.at, here->is(Type::Kind::array) ? "the designator lies outside the array"
                                                   : fmt::format("'{}' is not an array", describe(here)));
            ++next;
            return;
          }
          inside += static_cast<std::uint64_t>(*n) * size_of(here->base);
          here = here->base;
          if (first) i = static_cast<std::uint64_t>(*last);
          more = static_cast<std::uint64_t>(*last - *n);
        } else {
          const FoundField f =
              here->is(Type::Kind::record) ? find_field(*here->record, d.field) : FoundField{};
          if (f.type == nullptr) {
            fail(d.at, fmt::format("'{}' has no member '{}'", describe(here), d.field));
            ++next;
            return;
          }
          if (first)
            for (i = 0; i + 1 < here->record->fields.size() && here->record->fields[i].name != d.field;) ++i;
          inside += f.offset;
          here = f.type;
          bits = f.bits;
        }
        first = false;
      }
      target = {here, offset + inside, bits};
    } else {
      if (i >= count) {
        if (!braced) return;
        fail(item.value->at, fmt::format("too many values for '{}'", describe(type)));
        return;
      }
      target = element(i);
      target.offset += offset;
    }
    const bool list = std::holds_alternative<InitList>(item.value->node);
    const bool elided =
        item.designators.empty() && !list && !target.type->is_scalar() && !target.type->is_void();
    if (elided &&
        target.type->is(Type::Kind::record)) {  // a value of the record's own type, or its members one by one
      const TypeRef given = scratch([&] { return expr(*item.value).type; });
      if (given == nullptr) {
        ++next;
        ++i;
        continue;
      }
      if (given == target.type) {
        sink(target, item.value.get());
        ++next;
      } else {
        init_list(target.type, target.offset, items, next, false, at, sink);
      }
    } else if (elided && target.type->count > 0 && characters(target.type, *item.value) == nullptr) {
      init_list(target.type, target.offset, items, next, false, at, sink);
    } else {
      for (std::uint64_t n = 0; n <= more; ++n, target.offset += size_of(target.type))
        init_object(target, *item.value, sink);
      ++next;
    }
    ++i;
    if (!braced && i >= count) return;
  }
}

void Lowering::init_local(const Place& p, const Expr& init) {
  if (!std::holds_alternative<InitList>(init.node) && characters(p.type, init) == nullptr) {
    const Value v = implicit(expr(init), p.type, init.at, "the initial value");
    if (v.type != nullptr) store(p, v);
    return;
  }
  std::map<std::uint64_t, Value> values;
  std::map<const Expr*, Value> evaluated;  // once, also where a range of designators shares it
  initialise(p.type, init, [&](const FoundField& where, const Expr* value) {
    const auto& [type, offset, bits] = where;
    const auto [it, fresh] = evaluated.try_emplace(value);
    if (fresh) it->second = implicit(expr(*value), type, value->at, "the initial value");
    const Value v = it->second;
    if (v.type == nullptr) return;
    if (bits.cell != nullptr) {
      Value& cell = values.try_emplace(offset, Value{ir::constant(0), bits.cell}).first->second;
      cell.op = with_bits(cell.op, bits, v);
      return;
    }
    if (scalar(type) != nullptr) {
      values[offset] = v;
      return;
    }
    for (const Scalar& s : scalars(type)) {
      Place from;
      from.type = s.type;
      from.address =
          b_->binary(BinaryOp::add, {64, false}, v.op, ir::constant(static_cast<std::int64_t>(s.offset)));
      values[offset + s.offset] = load(from);
    }
  });
  if (p.in_register) {
    const TypeRef inner = scalar(p.type);
    store(p, values.empty() ? Value{ir::constant(0), inner} : values.begin()->second);
    return;
  }
  for (const Scalar& s : scalars(p.type)) {
    Place to;
    to.type = s.type;
    to.address =
        b_->binary(BinaryOp::add, {64, false}, p.address, ir::constant(static_cast<std::int64_t>(s.offset)));
    const auto it = values.find(s.offset);
    store(to, it != values.end() ? it->second : Value{ir::constant(0), s.type});
  }
}

}  // namespace ringtail::lang
