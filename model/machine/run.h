// SPDX-License-Identifier: GPL-2.0-or-later
// The interpreter proper: a thread's state unpacked from a snapshot, run to its next request, packed again.
// Private to this folder.
//
// run.cpp has the loop and what instructions do to the thread alone, request.cpp those that ask for
// something, deliver.cpp what the answer does, own.cpp the objects that no other thread can see.
#pragma once

#include "model/machine/machine.h"

namespace ringtail::machine {

// Where the arrays of a snapshot lie.
struct Arrays {
  const Frame* frames;
  const Control* controls;
  const LoopMark* loops;
  const Touched* touched;
  const std::uint64_t* locals;
  const std::uint64_t* held;
  const std::int64_t* registers;
  const DepSet* deps;
  const OwnObject* own;
  const std::uint8_t* own_bytes;
  const DepSet* own_deps;
};
Arrays arrays(const Snapshot& s);

class Runner {
 public:
  // Without `deps` no dependencies are tracked.
  Runner(const Machine& m, std::size_t thread, DepTable* deps)
      : m_(m),
        thread_(thread),
        deps_(deps),
        deps_on_(deps != nullptr && m.options().dependencies),
        own_deps_on_(deps_on_ && m.options().carries),
        alone_(thread >= first_alone) {}

  void start(std::uint32_t function, const std::vector<std::int64_t>& args);
  void load(const Snapshot& s);
  const Snapshot* save(Arena& arena);
  void deliver(std::int64_t value, DepSet dep);  // what the pending request gives
  void run();
  const Header& header() const { return h_; }
  void fail(Failure f);
  void await_grace_period(std::uint64_t address);

 private:
  Frame& frame() { return *frame_; }
  const Frame& frame() const { return *frame_; }
  std::uint32_t number() const { return m_.base_[frame().function] + frame().pc; }

  std::int64_t get(const ir::Operand& o) const { return o.is_reg() ? values_[o.reg] : o.constant; }
  DepSet deps(const ir::Operand& o) const { return deps_on_ && o.is_reg() ? value_deps_[o.reg] : 0; }
  void set(ir::Reg dst, std::int64_t value, DepSet dep) {
    if (dst == ir::no_reg) return;
    values_[dst] = value;
    if (deps_on_) value_deps_[dst] = dep;
  }
  DepSet join(DepSet a, DepSet b) const { return deps_on_ ? deps_->join(a, b) : 0; }
  DepSet control() const { return controls_.empty() ? 0 : controls_.back().deps; }

  void call(std::uint32_t function, const std::vector<ir::Operand>& args, ir::Reg result);
  void push(std::uint32_t function, ir::Reg result);
  void interrupt(std::size_t handler);       // of those on its CPU
  void settle();                             // after a frame came or went
  bool ret(std::int64_t value, DepSet dep);  // false: a request comes first
  bool enter_loop(std::uint32_t id);
  bool in_loop(const LoopMark& l) const { return m_.loops_[l.id].has(frames_[l.depth].pc); }
  void leave_loops(std::size_t from);  // all but the first
  bool took_back(std::size_t loop) const;
  void watch(std::size_t loop, bool same);
  void effect();  // that nothing takes back
  void effect(const Request& r, std::int64_t old, bool known, std::int64_t now);
  bool next() {
    ++frame().pc;
    return true;
  }
  bool step();  // false when there is a request, or the thread has stopped

  // One instruction each, as step().
  bool on(const ir::Move& n);
  bool on(const ir::Taint& n);
  bool on(const ir::Binary& n);
  bool on(const ir::Convert& n);
  bool on(const ir::Load& n);
  bool on(const ir::Store& n);
  bool on(const ir::Rmw& n);
  bool on(const ir::Await& n);
  bool on(const ir::Lock& n);
  bool on(const ir::Unlock& n);
  bool on(const ir::TryLock& n);
  bool on(const ir::IsLocked& n);
  bool on(const ir::FenceInstr& n);
  bool on(const ir::SrcuLock& n);
  bool on(const ir::SrcuUnlock& n);
  bool on(const ir::SrcuSync& n);
  bool on(const ir::CallRcu& n);
  bool on(const ir::Allocate& n);
  bool on(const ir::Free& n);
  bool on(const ir::Local& n);
  bool on(const ir::Copy& n);
  bool on(const ir::CurrentTask& n);
  bool on(const ir::IrqSave& n);
  bool on(const ir::IrqRestore& n);
  bool on(const ir::Preempt& n);
  bool on(const ir::MightSleep& n);
  bool on(const ir::Choose& n);
  bool on(const ir::Assume& n);
  bool on(const ir::Check& n);
  bool on(const ir::Branch& n);
  bool on(const ir::Jump& n);
  bool on(const ir::Loop& n);
  bool on(const ir::Call& n);
  bool on(const ir::CallPointer& n);
  bool on(const ir::Ret& n);

  bool may_interrupt();
  bool ask(Request r, const ir::Operand& address, DepSet data);
  bool stop(Failure f);
  bool may_sleep();
  bool shows(memory::Tag t) const;
  bool end();
  Request of_lock(Act act, memory::Tag tag) const;
  bool lock(const ir::Operand& address, ir::LockKind kind, bool blocking);
  memory::Tag tag(ir::Order order) const;
  void push_control(std::uint32_t join_at, DepSet deps);

  // Objects that no other thread can see.
  std::uint64_t make_own(std::uint64_t size);
  void drop_own(std::size_t from);  // all but the first
  bool is_own(std::uint64_t address) const;
  // The byte of own_bytes_ where an access begins; nothing where it is out of bounds.
  std::optional<std::size_t> own_place(std::uint64_t address, std::size_t size) const;
  // False: stopped.
  bool load_own(std::uint64_t address, std::size_t size, std::uint64_t& value, DepSet& deps);
  bool store_own(std::uint64_t address, std::size_t size, std::uint64_t value, DepSet deps);
  bool note(std::uint64_t address, std::uint8_t size, std::int64_t value);

  const Machine& m_;
  std::size_t thread_;
  DepTable* deps_;
  bool deps_on_, own_deps_on_, alone_;
  Header h_;
  // Buffers of the running thread of the process, so that a run allocates nothing.
  struct Buffers {
    std::vector<Frame> frames;
    std::vector<Control> controls;
    std::vector<LoopMark> loops;
    std::vector<Touched> touched;
    std::vector<std::uint64_t> locals, held;
    std::vector<std::int64_t> registers;
    std::vector<DepSet> reg_deps;
    std::vector<OwnObject> own;
    std::vector<std::uint8_t> own_bytes;
    std::vector<DepSet> own_deps;
  };
  static Buffers& buffers();
  Buffers& b_ = buffers();
  std::vector<Frame>& frames_ = b_.frames;
  std::vector<Control>& controls_ = b_.controls;
  std::vector<LoopMark>& loops_ = b_.loops;
  std::vector<Touched>& touched_ = b_.touched;
  std::vector<std::uint64_t>& locals_ = b_.locals;
  std::vector<std::uint64_t>& held_ = b_.held;
  std::vector<std::int64_t>& registers_ = b_.registers;
  std::vector<DepSet>& reg_deps_ = b_.reg_deps;
  std::vector<OwnObject>& own_ = b_.own;
  std::vector<std::uint8_t>& own_bytes_ = b_.own_bytes;
  std::vector<DepSet>& own_deps_ = b_.own_deps;  // of each byte, if they are tracked
  // The innermost frame, its function's code, and its registers.
  Frame* frame_ = nullptr;
  const ir::Instr* code_ = nullptr;
  std::size_t code_size_ = 0;
  std::int64_t* values_ = nullptr;
  DepSet* value_deps_ = nullptr;
};

}  // namespace ringtail::machine
