// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/lang/type.h"

#include <algorithm>

#include <fmt/format.h>

namespace ringtail::lang {
namespace {

Type integer(const char* name, std::uint8_t bits, bool is_signed) {
  Type t;
  t.kind = Type::Kind::integer;
  t.width = {bits, is_signed};
  t.name = name;
  return t;
}

void collect(TypeRef t, std::uint64_t offset, const std::string& name, std::vector<Scalar>& out) {
  switch (t->kind) {
    case Type::Kind::void_:
    case Type::Kind::function:
      return;
    case Type::Kind::boolean:
    case Type::Kind::integer:
    case Type::Kind::pointer:
      out.push_back({offset, t, name});
      return;
    case Type::Kind::array:
      for (std::uint64_t i = 0; i < t->count; ++i)
        collect(t->base, offset + i * size_of(t->base), fmt::format("{}[{}]", name, i), out);
      return;
    case Type::Kind::record:
      for (auto f = t->record->fields.begin(); f != t->record->fields.end(); ++f) {
        std::string member = f->name.empty() ? name : name + "." + f->name;
        const auto shares = [&](const Field& other) {
          return f->bits.cell != nullptr && other.bits.cell == f->bits.cell && other.offset == f->offset;
        };
        if (t->record->kind == TagKind::struct_)
          while (f + 1 != t->record->fields.end() && shares(f[1])) member += "|" + (++f)->name;
        collect(f->bits.cell != nullptr ? f->bits.cell : f->type, offset + f->offset, member, out);
        if (t->record->kind == TagKind::union_) return;  // every member has this layout
      }
      return;
  }
}

}  // namespace

TypeTable::TypeTable() {
  Type void_type;
  Type boolean;
  boolean.kind = Type::Kind::boolean;
  boolean.width = {8, false};
  boolean.name = "bool";
  // in the order of Builtin
  builtins_ = {void_type,
               boolean,
               integer("char", 8, true),
               integer("signed char", 8, true),
               integer("unsigned char", 8, false),
               integer("short", 16, true),
               integer("unsigned short", 16, false),
               integer("int", 32, true),
               integer("unsigned int", 32, false),
               integer("long", 64, true),
               integer("unsigned long", 64, false)};
}

TypeRef TypeTable::pointer_to(TypeRef base) {
  TypeRef& out = pointers_[base];
  if (out == nullptr) {
    Type t;
    t.kind = Type::Kind::pointer;
    t.base = base;
    out = &types_.emplace_back(std::move(t));
  }
  return out;
}

TypeRef TypeTable::array_of(TypeRef base, std::uint64_t count) {
  TypeRef& out = arrays_[{base, count}];
  if (out == nullptr) {
    Type t;
    t.kind = Type::Kind::array;
    t.base = base;
    t.count = count;
    out = &types_.emplace_back(std::move(t));
  }
  return out;
}

TypeRef TypeTable::function(TypeRef result, std::vector<TypeRef> params) {
  TypeRef& out = functions_[{result, params}];
  if (out == nullptr) {
    Type t;
    t.kind = Type::Kind::function;
    t.base = result;
    t.params = std::move(params);
    out = &types_.emplace_back(std::move(t));
  }
  return out;
}

TypeRef TypeTable::record(Record* r) {
  TypeRef& out = record_types_[r];
  if (out == nullptr) {
    Type t;
    t.kind = Type::Kind::record;
    t.record = r;
    out = &types_.emplace_back(std::move(t));
  }
  return out;
}

Record* TypeTable::new_record(TagKind kind, std::string tag) {
  Record r;
  r.kind = kind;
  r.tag = std::move(tag);
  return &records_.emplace_back(std::move(r));
}

std::uint64_t size_of(TypeRef t) {
  switch (t->kind) {
    case Type::Kind::void_:
    case Type::Kind::function:
      return 1;  // as GNU C, so that void * can be moved
    case Type::Kind::boolean:
    case Type::Kind::integer:
      return t->width.bits / 8u;
    case Type::Kind::pointer:
      return 8;
    case Type::Kind::array:
      return t->count * size_of(t->base);
    case Type::Kind::record:
      return t->record->size;
  }
  return 0;
}

std::uint64_t align_of(TypeRef t) {
  switch (t->kind) {
    case Type::Kind::void_:
    case Type::Kind::function:
      return 1;
    case Type::Kind::boolean:
    case Type::Kind::integer:
    case Type::Kind::pointer:
      return size_of(t);
    case Type::Kind::array:
      return align_of(t->base);
    case Type::Kind::record:
      return t->record->align;
  }
  return 1;
}

bool is_complete(TypeRef t) {
  switch (t->kind) {
    case Type::Kind::void_:
    case Type::Kind::function:
      return false;
    case Type::Kind::boolean:
    case Type::Kind::integer:
    case Type::Kind::pointer:
      return true;
    case Type::Kind::array:
      return t->count > 0 && is_complete(t->base);
    case Type::Kind::record:
      return t->record->complete;
  }
  return false;
}

TypeRef scalar(TypeRef t) {
  if (t->is_scalar()) return t;
  if (!t->is(Type::Kind::record) || !t->record->complete) return nullptr;
  const std::vector<Field>& fields = t->record->fields;
  if (fields.empty()) return nullptr;
  if (fields[0].bits.cell != nullptr && fields.front().offset == fields.back().offset &&
      fields.front().bits.cell == fields.back().bits.cell)
    return fields[0].bits.cell;
  if (t->record->kind == TagKind::struct_ && fields.size() > 1) return nullptr;
  return fields[0].bits.cell != nullptr ? fields[0].bits.cell : scalar(fields[0].type);
}

bool by_address(TypeRef t) { return t->is(Type::Kind::record) && scalar(t) == nullptr; }

Width width_of(const Bits& bits, TypeRef declared) { return {bits.count, width_of(declared).is_signed}; }

Width width_of(TypeRef t) {
  if (t->is_integer()) return t->width;
  return {64, false};
}

std::vector<Scalar> scalars(TypeRef t) {
  std::vector<Scalar> out;
  collect(t, 0, "", out);
  return out;
}

FoundField find_field(const Record& record, const std::string& name) {
  for (const Field& f : record.fields) {
    if (f.name == name) return {f.type, f.offset, f.bits};
    if (!f.name.empty() || !f.type->is(Type::Kind::record)) continue;
    if (const FoundField inner = find_field(*f.type->record, name); inner.type != nullptr)
      return {inner.type, f.offset + inner.offset, inner.bits};
  }
  return {};
}

std::string describe(TypeRef t) {
  switch (t->kind) {
    case Type::Kind::void_:
      return "void";
    case Type::Kind::boolean:
    case Type::Kind::integer:
      return t->name;
    case Type::Kind::pointer: {
      const std::string base = describe(t->base);
      return base + (base.ends_with('*') ? "*" : " *");
    }
    case Type::Kind::array:
      return fmt::format("{}[{}]", describe(t->base), t->count);
    case Type::Kind::record: {
      const std::string word = t->record->kind == TagKind::union_ ? "union " : "struct ";
      return word + (t->record->tag.empty() ? "{...}" : t->record->tag);
    }
    case Type::Kind::function: {
      std::string out = describe(t->base) + " (";
      for (std::size_t i = 0; i < t->params.size(); ++i) out += (i > 0 ? ", " : "") + describe(t->params[i]);
      return out + ")";
    }
  }
  return "";
}

TypeRef promoted(const TypeTable& table, TypeRef t) { return t->width.bits < 32 ? table.int_type() : t; }

TypeRef common(const TypeTable& table, TypeRef a, TypeRef b) {
  a = promoted(table, a);
  b = promoted(table, b);
  if (a->width == b->width) return a;
  if (a->width.bits != b->width.bits) return a->width.bits > b->width.bits ? a : b;
  return a->width.is_signed ? b : a;  // the unsigned one
}

}  // namespace ringtail::lang
