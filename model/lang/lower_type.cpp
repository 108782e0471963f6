// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "model/base/result.h"
#include "model/lang/hint.h"
#include "model/lang/lowering.h"
#include "model/lang/record_layout.h"

namespace ringtail::lang {
namespace {

constexpr std::uint64_t kLargestObject = 1 << 20;

}  // namespace

bool Lowering::complete(TypeRef t, const Loc& at, const std::string& what) {
  if (t == nullptr) return false;
  if (is_complete(t)) return true;
  const std::string tag = t->is(Type::Kind::record) ? t->record->tag : "";
  fail(at, fmt::format("{} has the incomplete type '{}'", what, describe(t)),
       tag.empty() ? "" : hint_for(tag, {}));
  return false;
}

TypeRef Lowering::spec_type(const TypeSpec& spec) {
  return std::visit(
      overloaded{
          [&](const Builtin& b) { return types_.builtin(b); },
          [&](const Tagged& t) { return tagged_type(t, spec.at); },
          [&](const TypedefName& t) -> TypeRef {
            const Symbol* s = find(t.id);
            if (s != nullptr && std::holds_alternative<TypeAlias>(*s)) return std::get<TypeAlias>(*s).type;
            fail(spec.at, fmt::format("'{}' is not a type", t.id));
            return nullptr;
          },
          [&](const AutoType&) -> TypeRef {
            fail(spec.at, "'__auto_type' is for a local variable with an initial value");
            return nullptr;
          },
          [&](const TypeOf& t) -> TypeRef {
            if (t.type) return type_name(*t.type);
            return scratch([&] {
              // an array or a function keeps its type here, as under sizeof
              const auto* call = std::get_if<Call>(&t.operand->node);
              if (call == nullptr && (std::holds_alternative<Name>(t.operand->node) ||
                                      std::holds_alternative<Member>(t.operand->node) ||
                                      std::holds_alternative<Index>(t.operand->node)))
                if (const auto* n = std::get_if<Name>(&t.operand->node);
                    n == nullptr || (find(n->id) && std::holds_alternative<Place>(*find(n->id))))
                  return place(*t.operand).type;
              return expr(*t.operand).type;
            });
          },
      },
      spec.node);
}

TypeRef Lowering::tagged_type(const Tagged& t, const Loc& at) {
  const char* word = t.kind == TagKind::struct_ ? "struct " : t.kind == TagKind::union_ ? "union " : "enum ";
  const std::string key = word + t.tag;
  if (t.kind == TagKind::enum_) {
    bool negative = false;
    if (t.defined) fill_enum(t.enumerators);
    for (const Enumerator& e : t.enumerators)
      if (const Symbol* s = find(e.name); s != nullptr && std::holds_alternative<EnumConstant>(*s))
        negative |= std::get<EnumConstant>(*s).value < 0;
    const TypeRef type = types_.builtin(negative ? Builtin::int_ : Builtin::uint);
    if (t.defined) {
      if (!t.tag.empty()) scopes_.back().tags[key] = type;
      return type;
    }
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
      if (const auto it = scope->tags.find(key); it != scope->tags.end()) return it->second;
    fail(at, fmt::format("'enum {}' is not defined", t.tag));
    return nullptr;
  }
  TypeRef type = nullptr;
  if (!t.tag.empty()) {
    if (t.defined) {
      if (const auto it = scopes_.back().tags.find(key); it != scopes_.back().tags.end()) type = it->second;
    } else {
      for (auto scope = scopes_.rbegin(); scope != scopes_.rend() && type == nullptr; ++scope)
        if (const auto it = scope->tags.find(key); it != scope->tags.end()) type = it->second;
    }
  }
  if (type == nullptr) {
    type = types_.record(types_.new_record(t.kind, t.tag));
    if (!t.tag.empty()) scopes_.back().tags[key] = type;
  }
  if (t.defined) {
    if (type->record->complete) fail(at, fmt::format("'{}' is defined twice", key));
    else fill_record(*type->record, t.members, at);
  }
  return type;
}

void Lowering::fill_record(Record& record, const std::vector<Declaration>& members, const Loc& at) {
  std::set<std::string> seen;
  RecordLayout layout(record, types_);
  const auto fresh = [&](const std::string& name, const Loc& where) {
    if (name.empty() || seen.insert(name).second) return true;
    fail(where, fmt::format("member '{}' is declared twice", name));
    return false;
  };
  const auto add = [&](const std::string& name, TypeRef type, const Loc& where, bool last) {
    if (type == nullptr || !fresh(name, where)) return;
    const bool flexible = type->is(Type::Kind::array) && type->count == 0 && last;
    if (!flexible && !complete(type, where, name.empty() ? "a member" : fmt::format("member '{}'", name)))
      return;
    layout.add(name, type);
  };
  const auto add_bits = [&](const Declarator& d, TypeRef type, const Expr& width) {
    const auto count = constant(width, "a bit-field's width");
    if (type == nullptr || !count || !fresh(d.name, d.at)) return;
    const std::int64_t most = !type->is_integer() ? 0 : type->is(Type::Kind::boolean) ? 1 : type->width.bits;
    if (most == 0) fail(d.at, fmt::format("a bit-field is an integer, not '{}'", describe(type)));
    else if (*count < 0 || *count > most)
      fail(width.at, fmt::format("a bit-field of '{}' has up to {} bit{}, not {}", describe(type), most,
                                 most == 1 ? "" : "s", *count));
    else if (*count == 0 && !d.name.empty())
      fail(width.at, "a bit-field of no bits has no name", "'unsigned : 0;' separates its neighbours");
    else layout.add_bits(d.name, type, static_cast<unsigned>(*count));
  };
  for (std::size_t m = 0; m < members.size(); ++m) {
    const Declaration& member = members[m];
    const TypeRef base = spec_type(member.spec);
    if (member.declarators.empty()) {
      if (base != nullptr && !base->is(Type::Kind::record)) fail(member.at, "a member without a name");
      else add("", base, member.at, false);
    }
    for (std::size_t d = 0; d < member.declarators.size(); ++d) {
      const Declarator& one = member.declarators[d].declarator;
      const ExprPtr& width = member.declarators[d].width;
      if (width) add_bits(one, declared_type(base, one), *width);
      else if (one.name.empty()) fail(one.at, "a member without a name");
      else
        add(one.name, declared_type(base, one), one.at,
            m + 1 == members.size() && d + 1 == member.declarators.size());
    }
  }
  if (const auto unreachable = layout.finish())
    fail(at, fmt::format("the bit-field '{}' shares a word with a member that is none", *unreachable),
         "put the bit-fields first, or give them a smaller type");
  if (record.kind != TagKind::union_ || record.fields.empty()) return;
  // The machine's memory is typed by use, so every member must cut the union into the same scalars.
  const auto type_of = [](const Field& f) { return f.bits.cell != nullptr ? f.bits.cell : f.type; };
  const auto cut = [&](const Field& f) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
    for (const Scalar& s : scalars(type_of(f))) out.push_back({s.offset, size_of(s.type)});
    return out;
  };
  const auto first = cut(record.fields[0]);
  for (std::size_t i = 1; i < record.fields.size(); ++i) {
    const auto other = cut(record.fields[i]);
    const auto [ours, theirs] = std::mismatch(first.begin(), first.end(), other.begin(), other.end());
    if (ours != first.end() && theirs != other.end()) {
      const auto name = [](const Field& f) {
        return f.name.empty() ? describe(f.type) : fmt::format("'{}'", f.name);
      };
      const auto part = [](const auto& at) { return fmt::format("{} bytes at {}", at->second, at->first); };
      fail(at,
           fmt::format("members {} and {} of the union have different layouts: {} and {}",
                       name(record.fields[0]), name(record.fields[i]), part(ours), part(theirs)),
           "each location is stored and loaded as a whole: let all members be cut into the same sizes, or "
           "keep "
           "the largest and take its parts with masks and shifts");
      return;
    }
  }
  // The longest member stands for the union's contents.
  const auto longest =
      std::max_element(record.fields.begin(), record.fields.end(), [&](const Field& a, const Field& b) {
        return scalars(type_of(a)).size() < scalars(type_of(b)).size();
      });
  std::rotate(record.fields.begin(), longest, longest + 1);
}

void Lowering::fill_enum(const std::vector<Enumerator>& enumerators) {
  std::int64_t next = 0;
  for (const Enumerator& e : enumerators) {
    if (e.value) next = constant(*e.value, "an enumerator").value_or(next);
    define(e.name, EnumConstant{next}, e.at);
    ++next;
  }
}

// The parts are in reading order: the last one is nearest to the base type.
TypeRef Lowering::declared_type(TypeRef base, const Declarator& d) {
  TypeRef type = base;
  for (auto part = d.parts.rbegin(); part != d.parts.rend() && type != nullptr; ++part) {
    if (std::holds_alternative<PointerPart>(*part)) {
      type = types_.pointer_to(type);
    } else if (const auto* array = std::get_if<ArrayPart>(&*part)) {
      std::int64_t count = 0;
      if (type->is(Type::Kind::function) || !is_complete(type)) {
        fail(d.at, fmt::format("an array of '{}' is not possible", describe(type)));
        return nullptr;
      }
      if (array->size) {
        const auto n = constant(*array->size, "an array's size");
        if (!n) return nullptr;
        if (*n < 0 || static_cast<std::uint64_t>(*n) * size_of(type) > kLargestObject) {
          fail(array->size->at, fmt::format("an array of {} elements is not possible", *n));
          return nullptr;
        }
        count = *n;
      }
      type = types_.array_of(type, static_cast<std::uint64_t>(count));
    } else {
      if (type->is(Type::Kind::array) || type->is(Type::Kind::function)) {
        fail(d.at, fmt::format("a function cannot return '{}'", describe(type)));
        return nullptr;
      }
      std::vector<TypeRef> params;
      for (const Parameter& p : std::get<FunctionPart>(*part).params) {
        TypeRef param = declared_type(spec_type(p.spec), p.declarator);
        if (param == nullptr) return nullptr;
        if (param->is(Type::Kind::array)) param = types_.pointer_to(param->base);
        if (param->is(Type::Kind::function)) param = types_.pointer_to(param);
        if (param->is_void()) {
          fail(p.declarator.at, "a parameter cannot be void");
          return nullptr;
        }
        params.push_back(param);
      }
      type = types_.function(type, std::move(params));
    }
  }
  return type;
}

}  // namespace ringtail::lang
