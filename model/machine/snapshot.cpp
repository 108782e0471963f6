// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/machine/snapshot.h"

#include "model/machine/run.h"

namespace ringtail::machine {
namespace {

template <class T>
const T* take(const std::byte*& at, std::size_t n) {
  const T* p = reinterpret_cast<const T*>(at);
  at += (n * sizeof(T) + 7) & ~std::size_t{7};
  return p;
}

template <class T>
void give(std::byte*& at, const std::vector<T>& from) {
  if (!from.empty()) std::memcpy(at, from.data(), from.size() * sizeof(T));
  at += (from.size() * sizeof(T) + 7) & ~std::size_t{7};
}

template <class T>
std::size_t bytes(std::size_t n) {
  return (n * sizeof(T) + 7) & ~std::size_t{7};
}

}  // namespace

std::size_t size_of(const Header& h) {
  return sizeof(Snapshot) + bytes<Frame>(h.frames) + bytes<Control>(h.controls) + bytes<LoopMark>(h.loops) +
         bytes<Touched>(h.touched) + bytes<std::uint64_t>(h.locals) + bytes<std::uint64_t>(h.held) +
         bytes<std::int64_t>(h.registers) + bytes<DepSet>(h.deps) + bytes<OwnObject>(h.own) +
         bytes<std::uint8_t>(h.own_bytes) + bytes<DepSet>(h.own_deps);
}

Arrays arrays(const Snapshot& s) {
  const Header& h = s.header;
  const std::byte* at = reinterpret_cast<const std::byte*>(&s) + sizeof(Snapshot);
  Arrays a;
  a.frames = take<Frame>(at, h.frames);
  a.controls = take<Control>(at, h.controls);
  a.loops = take<LoopMark>(at, h.loops);
  a.touched = take<Touched>(at, h.touched);
  a.locals = take<std::uint64_t>(at, h.locals);
  a.held = take<std::uint64_t>(at, h.held);
  a.registers = take<std::int64_t>(at, h.registers);
  a.deps = take<DepSet>(at, h.deps);
  a.own = take<OwnObject>(at, h.own);
  a.own_bytes = take<std::uint8_t>(at, h.own_bytes);
  a.own_deps = take<DepSet>(at, h.own_deps);
  return a;
}

Runner::Buffers& Runner::buffers() {
  static thread_local Buffers b;
  return b;
}

void Runner::load(const Snapshot& s) {
  h_ = s.header;
  const Arrays a = arrays(s);
  frames_.assign(a.frames, a.frames + h_.frames);
  controls_.assign(a.controls, a.controls + h_.controls);
  loops_.assign(a.loops, a.loops + h_.loops);
  touched_.assign(a.touched, a.touched + h_.touched);
  locals_.assign(a.locals, a.locals + h_.locals);
  held_.assign(a.held, a.held + h_.held);
  registers_.assign(a.registers, a.registers + h_.registers);
  reg_deps_.assign(a.deps, a.deps + h_.deps);
  if (deps_on_) reg_deps_.resize(registers_.size());  // nothing was tracked before the first answer
  own_.assign(a.own, a.own + h_.own);
  own_bytes_.assign(a.own_bytes, a.own_bytes + h_.own_bytes);
  own_deps_.assign(a.own_deps, a.own_deps + h_.own_deps);
  if (own_deps_on_) own_deps_.resize(own_bytes_.size());
  settle();
}

const Snapshot* Runner::save(Arena& arena) {
  h_.frames = static_cast<std::uint16_t>(frames_.size());
  h_.controls = static_cast<std::uint16_t>(controls_.size());
  h_.loops = static_cast<std::uint16_t>(loops_.size());
  h_.touched = static_cast<std::uint16_t>(touched_.size());
  h_.locals = static_cast<std::uint16_t>(locals_.size());
  h_.held = static_cast<std::uint16_t>(held_.size());
  h_.registers = static_cast<std::uint16_t>(registers_.size());
  h_.deps = static_cast<std::uint16_t>(reg_deps_.size());
  h_.own = static_cast<std::uint16_t>(own_.size());
  h_.own_bytes = static_cast<std::uint32_t>(own_bytes_.size());
  h_.own_deps = static_cast<std::uint32_t>(own_deps_.size());
  auto* const s = static_cast<Snapshot*>(arena.get(size_of(h_)));
  std::memcpy(static_cast<void*>(&s->header), &h_, sizeof h_);
  s->memo.n = 0;
  s->memo.kept = false;
  std::byte* at = reinterpret_cast<std::byte*>(s) + sizeof(Snapshot);
  give(at, frames_);
  give(at, controls_);
  give(at, loops_);
  give(at, touched_);
  give(at, locals_);
  give(at, held_);
  give(at, registers_);
  give(at, reg_deps_);
  give(at, own_);
  give(at, own_bytes_);
  give(at, own_deps_);
  return s;
}

}  // namespace ringtail::machine
