// SPDX-License-Identifier: GPL-2.0-or-later
// Local objects that no other thread can see, and what a thread does to them.
#include <algorithm>

#include "model/machine/run.h"

namespace ringtail::machine {

std::uint64_t Runner::make_own(std::uint64_t size) {
  const std::uint64_t address = own_address(thread_, own_.size());
  own_.push_back({static_cast<std::uint32_t>(own_bytes_.size()), static_cast<std::uint32_t>(size)});
  own_bytes_.resize(own_bytes_.size() + size);
  if (own_deps_on_) own_deps_.resize(own_bytes_.size());
  return address;
}

void Runner::drop_own(std::size_t from) {
  if (from == own_.size()) return;
  own_bytes_.resize(own_[from].at);
  if (own_deps_on_) own_deps_.resize(own_[from].at);
  own_.resize(from);
}

bool Runner::is_own(std::uint64_t address) const {
  return address - own_address(thread_, 0) < own_address(thread_, own_.size()) - own_address(thread_, 0);
}

std::optional<std::size_t> Runner::own_place(std::uint64_t address, std::size_t size) const {
  const OwnObject& o = own_[(object_of(address) - own_address(thread_, 0)) >> object_shift];
  const std::uint64_t offset = address - object_of(address);
  if (offset > o.size || size > o.size - offset) return std::nullopt;
  return o.at + offset;
}

bool Runner::load_own(std::uint64_t address, std::size_t size, std::uint64_t& value, DepSet& deps) {
  const auto place = own_place(address, size);
  if (!place) return stop(Failure::out_of_bounds);
  value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | own_bytes_[*place + i];
  deps = 0;
  if (own_deps_on_)
    for (std::size_t i = 0; i < size; ++i) deps = join(deps, own_deps_[*place + i]);
  return true;
}

bool Runner::store_own(std::uint64_t address, std::size_t size, std::uint64_t value, DepSet deps) {
  const auto place = own_place(address, size);
  if (!place) return stop(Failure::out_of_bounds);
  for (std::size_t i = 0; i < size; ++i) own_bytes_[*place + i] = static_cast<std::uint8_t>(value >> (8 * i));
  if (own_deps_on_) std::fill_n(own_deps_.begin() + static_cast<std::ptrdiff_t>(*place), size, deps);
  return true;
}

// Tells of a store, or with size 0 of an object that was made. False if there is nobody to be told.
bool Runner::note(std::uint64_t address, std::uint8_t size, std::int64_t value) {
  if (!m_.options_.notes) return false;
  h_.request = {};
  h_.request.act = Act::note;
  h_.request.tag = tag(ir::Order::plain);
  h_.request.address = address;
  h_.request.size = size;
  h_.request.operand = value;
  h_.request.source = number();
  return true;
}

// Loads and stores in turn; those of own objects at once.
bool Runner::on(const ir::Copy& n) {
  for (; h_.part < 2 * n.parts.size(); ++h_.part) {
    const ir::Copy::Part& part = n.parts[h_.part / 2];
    const bool store = h_.part % 2 != 0;
    const ir::Operand base = store ? n.to : n.from;
    const std::uint64_t at = static_cast<std::uint64_t>(get(base)) + part.offset;
    if (is_own(at)) {
      std::uint64_t value = static_cast<std::uint64_t>(h_.carried);
      if (store ? !store_own(at, part.size, value, h_.carried_deps)
                : !load_own(at, part.size, value, h_.carried_deps))
        return false;
      if (!store) h_.carried = static_cast<std::int64_t>(value);
      if (store && note(at, part.size, h_.carried)) return ++h_.part, false;
      continue;
    }
    Request r;
    r.act = store ? Act::write : Act::read;
    r.tag = tag(ir::Order::plain);
    r.size = part.size;
    r.operand = h_.carried;
    ask(r, base, store ? h_.carried_deps : 0);
    if (!h_.deciding) h_.request.address += part.offset;
    return false;
  }
  h_.part = 0;
  return next();
}

}  // namespace ringtail::machine
