// SPDX-License-Identifier: GPL-2.0-or-later
// The interpreter proper: a thread's state unpacked from a snapshot, run to its next request, packed again.
// Private to this folder.
#pragma once

#include "model/machine/machine.h"

namespace ringtail::machine {

// Where the arrays of a snapshot lie.
struct Arrays {
  const Frame* frames;
  const Control* controls;
  const LoopMark* loops;
  const std::uint64_t* locals;
  const std::uint64_t* held;
  const std::int64_t* registers;
  const DepSet* deps;
  const OwnObject* own;
  const std::uint8_t* own_bytes;
};
Arrays arrays(const Snapshot& s);

class Runner {
 public:
  Runner(const Machine& m, std::size_t thread, DepTable* deps) : m_(m), thread_(thread), deps_(deps) {}

  void start(std::uint32_t function, const std::vector<std::int64_t>& args);
  void load(const Snapshot& s);
  const Snapshot* save(Arena& arena) const;
  void deliver(std::int64_t value, DepSet dep);  // what the pending request gives
  void run();
  void fail(Failure f);
  void await_grace_period(std::uint64_t address);

 private:
  const ir::Function& function() const;
  const ir::Instr& instr() const { return function().code[frame().pc]; }
  Frame& frame() { return frames_.back(); }
  const Frame& frame() const { return frames_.back(); }
  std::uint32_t number() const;

  std::int64_t get(ir::Operand o) const {
    return o.is_reg() ? registers_[frames_.back().base + o.reg] : o.constant;
  }
  DepSet deps(ir::Operand o) const {
    return deps_on_ && o.is_reg() ? reg_deps_[frames_.back().base + o.reg] : 0;
  }
  void set(ir::Reg dst, std::int64_t value, DepSet dep) {
    if (dst == ir::no_reg) return;
    registers_[frames_.back().base + dst] = value;
    if (deps_on_) reg_deps_[frames_.back().base + dst] = dep;
  }
  DepSet join(DepSet a, DepSet b) const { return deps_on_ ? deps_->join(a, b) : 0; }
  DepSet control() const { return controls_.empty() ? 0 : controls_.back().deps; }

  void call(std::uint32_t function, const std::vector<ir::Operand>& args, ir::Reg result);
  void push(std::uint32_t function, ir::Reg result);
  bool ret(std::int64_t value, DepSet dep);  // false: a request comes first
  void enter_loop(std::uint32_t id);
  bool step();  // false when there is a request, or the thread has stopped
  bool may_interrupt();
  bool ask(Request r, ir::Operand address, DepSet data);
  bool stop(Failure f);
  bool may_sleep();
  bool shows(memory::Tag t) const;
  bool end();
  bool lock(ir::Operand address, ir::LockKind kind, bool blocking);
  bool fence(memory::Tag t);
  memory::Tag tag(ir::Order order) const;
  void push_control(std::uint32_t join_at, DepSet deps);

  // Objects that no other thread can see.
  std::uint64_t make_own(std::uint64_t size);
  void drop_own(std::size_t from);  // all but the first
  bool is_own(std::uint64_t address) const;
  // The byte of own_bytes_ where an access begins; nothing where it is out of bounds.
  std::optional<std::size_t> own_place(std::uint64_t address, std::size_t size) const;
  bool load_own(std::uint64_t address, std::size_t size, std::uint64_t& value);  // false: stopped
  bool store_own(std::uint64_t address, std::size_t size, std::uint64_t value);
  bool note(std::uint64_t address, std::uint8_t size, std::int64_t value);
  bool copy(const ir::Copy& n);

  const Machine& m_;
  std::size_t thread_;
  DepTable* deps_;
  bool deps_on_ = false;
  Header h_;
  // Buffers of the running thread of the process, so that a run allocates nothing.
  struct Buffers {
    std::vector<Frame> frames;
    std::vector<Control> controls;
    std::vector<LoopMark> loops;
    std::vector<std::uint64_t> locals, held;
    std::vector<std::int64_t> registers;
    std::vector<DepSet> reg_deps;
    std::vector<OwnObject> own;
    std::vector<std::uint8_t> own_bytes;
  };
  static Buffers& buffers();
  Buffers& b_ = buffers();
  std::vector<Frame>& frames_ = b_.frames;
  std::vector<Control>& controls_ = b_.controls;
  std::vector<LoopMark>& loops_ = b_.loops;
  std::vector<std::uint64_t>& locals_ = b_.locals;
  std::vector<std::uint64_t>& held_ = b_.held;
  std::vector<std::int64_t>& registers_ = b_.registers;
  std::vector<DepSet>& reg_deps_ = b_.reg_deps;
  std::vector<OwnObject>& own_ = b_.own;
  std::vector<std::uint8_t>& own_bytes_ = b_.own_bytes;
};

}  // namespace ringtail::machine
