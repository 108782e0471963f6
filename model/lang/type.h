// SPDX-License-Identifier: GPL-2.0-or-later
// C's types as the subset has them, with the sizes of a 64-bit kernel (LP64), and the conversions between
// them.
//
// A type is a node owned by a TypeTable and named by its address: two types are the same exactly when the
// pointers are. const and volatile are not part of a type; what they forbid, the C compiler that every spec
// also passes forbids.
//
// A structure with exactly one scalar inside (atomic_t, pte_t, spinlock_t) is handled as that scalar: it can
// live in a register, be passed and be returned by value. `scalar` gives it.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "model/lang/arithmetic.h"
#include "model/lang/source.h"
#include "model/lang/tree.h"

namespace ringtail::lang {

struct Type;
using TypeRef = const Type*;

// Where a bit-field lies within the integer that it shares with its neighbours. That integer is what is
// loaded and stored, and so what races: see record_layout.h.
struct Bits {
  TypeRef cell = nullptr;  // null: no bit-field
  std::uint8_t first = 0, count = 0;
  friend bool operator==(const Bits&, const Bits&) = default;
};

struct Field {
  std::string name;  // empty: an anonymous structure or union, whose fields are found through it
  TypeRef type = nullptr;
  std::uint64_t offset = 0;  // of a bit-field: that of its cell
  Bits bits = {};
};

struct Record {
  TagKind kind = TagKind::struct_;
  std::string tag;
  std::vector<Field> fields;
  std::uint64_t size = 0, align = 1;
  bool complete = false;
};

struct Type {
  enum class Kind : std::uint8_t { void_, boolean, integer, pointer, array, record, function };
  Kind kind = Kind::void_;
  Width width;              // boolean, integer
  TypeRef base = nullptr;   // what a pointer points to, an array consists of, a function returns
  std::uint64_t count = 0;  // array; 0: not known
  Record* record = nullptr;
  std::vector<TypeRef> params;  // function
  std::string name;             // of an integer type, as C spells it

  bool is_integer() const { return kind == Kind::integer || kind == Kind::boolean; }
  bool is_pointer() const { return kind == Kind::pointer; }
  bool is_scalar() const { return is_integer() || is_pointer(); }
  bool is_void() const { return kind == Kind::void_; }
  bool is(Kind k) const { return kind == k; }
};

class TypeTable {
 public:
  TypeTable();
  TypeRef builtin(Builtin b) const { return &builtins_[static_cast<std::size_t>(b)]; }
  TypeRef int_type() const { return builtin(Builtin::int_); }
  TypeRef ulong_type() const { return builtin(Builtin::ulong); }
  TypeRef pointer_to(TypeRef base);
  TypeRef array_of(TypeRef base, std::uint64_t count);
  TypeRef function(TypeRef result, std::vector<TypeRef> params);
  TypeRef record(Record* r);
  Record* new_record(TagKind kind, std::string tag);

 private:
  std::deque<Type> builtins_;
  std::deque<Type> types_;
  std::deque<Record> records_;
  std::map<TypeRef, TypeRef> pointers_;
  std::map<std::pair<TypeRef, std::uint64_t>, TypeRef> arrays_;
  std::map<std::pair<TypeRef, std::vector<TypeRef>>, TypeRef> functions_;
  std::map<Record*, TypeRef> record_types_;
};

std::uint64_t size_of(TypeRef t);
std::uint64_t align_of(TypeRef t);
bool is_complete(TypeRef t);

// The one scalar that values of this type consist of, or null.
TypeRef scalar(TypeRef t);
// Whether values of this type are handed around by the address of one: structures of several members.
bool by_address(TypeRef t);
// What values of a bit-field are, as C counts its bits.
Width width_of(const Bits& bits, TypeRef declared);
// The width of a scalar; pointers are unsigned words.
Width width_of(TypeRef scalar_type);

struct Scalar {  // one scalar within an object
  std::uint64_t offset = 0;
  TypeRef type = nullptr;
  std::string name;  // .tail, [1].data; empty for the object itself
};
// In order of offset; the members of a union once, bit-fields that share a cell as one, named after all: .a|b
std::vector<Scalar> scalars(TypeRef t);

// A field by name, through anonymous members; null where there is none.
struct FoundField {
  TypeRef type = nullptr;
  std::uint64_t offset = 0;
  Bits bits = {};
};
FoundField find_field(const Record& record, const std::string& name);

// As an error message calls it: 'struct page *'.
std::string describe(TypeRef t);

// C's integer promotions and usual arithmetic conversions; the arguments are integers.
TypeRef promoted(const TypeTable& table, TypeRef t);
TypeRef common(const TypeTable& table, TypeRef a, TypeRef b);

}  // namespace ringtail::lang
