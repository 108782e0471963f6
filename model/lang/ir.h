// SPDX-License-Identifier: GPL-2.0-or-later
// The intermediate representation: what both notations are lowered to, and all that the machine knows of a
// program.
//
// A function is a list of instructions over virtual registers of 64 bits. Registers hold integers, kept sign-
// or zero-extended as their C type says, and addresses. Memory is bytes in objects; a location is an address
// and a size.
//
//   r = READ_ONCE(x); if (r) WRITE_ONCE(y, r + 1);
//
//     0  load   r0 = [&x] size 4 once
//     1  branch r0 ? 2 : 4  join 4
//     2  binary r1 = r0 + 1  (32 bits, signed)
//     3  store  [&y] = r1 size 4 once
//     4  ret
//
// Invariants:
//  1. Only load, store, rmw, await, lock, unlock, trylock, is_locked, fence and srcu_* become events of the
//  execution
//     graph. Everything else is local to its thread.
//  2. Dependencies are syntactic and flow through registers: the result of an instruction depends on what its
//  operands
//     depend on. What a value depends on beyond its operands (the condition that chose it) is made explicit
//     by the lowering as `taint`: dst = a, depending on b too.
//  3. A branch orders what is control-dependent on it: everything until its thread reaches `join` in the same
//  frame, the
//     branch's immediate postdominator (one past the end when there is none). In a litmus test that is an arm
//     of an `if`, as herd7 has it.
//  4. Calls go to functions by index or through a pointer; arguments are copied into the callee's first
//  registers.
//  5. A `local` object lives until its function returns. Using it afterwards is a use after free.
//  6. `loop` marks a loop's head, once an iteration. What repeats without a change of state is a wait; the
//  machine counts
//     the others against --unroll.
//  7. Addresses: 0 is NULL, globals lie from `global_base` on at the addresses that Global::address says,
//  functions have
//     function_base + index, anything else is the machine's to give.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "model/lang/arithmetic.h"
#include "model/lang/source.h"

namespace ringtail::ir {

using Reg = std::uint16_t;
inline constexpr Reg no_reg = 0xffff;
inline constexpr std::uint64_t global_base = 0x10000;
inline constexpr std::uint64_t function_base = 0x7f00'0000'0000;

// A register or a constant.
struct Operand {
  Reg reg = no_reg;
  std::int64_t constant = 0;
  bool is_reg() const { return reg != no_reg; }
  friend bool operator==(const Operand&, const Operand&) = default;
};
inline Operand reg(Reg r) { return {r, 0}; }
inline Operand constant(std::int64_t c) { return {no_reg, c}; }

// How an access is marked in the source, in LKMM's words.
enum class Order : std::uint8_t {
  plain,
  once,  // READ_ONCE, WRITE_ONCE and the _relaxed read-modify-writes
  data_race,
  acquire,
  release,
  full,     // a read-modify-write without suffix that returns something: full barriers around it
  noreturn  // a read-modify-write that returns nothing: atomic_inc()
};

enum class Fence : std::uint8_t {
  mb,
  rmb,
  wmb,
  barrier,
  before_atomic,
  after_atomic,
  after_spinlock,
  after_unlock_lock,
  after_srcu_read_unlock,
  after_ctrl_dep,
  rcu_lock,
  rcu_unlock,
  sync_rcu
};

// new = old `op` value
enum class RmwOp : std::uint8_t { exchange, add, subtract, bit_and, bit_or, bit_xor, and_not };
// The write happens when the value read compares so with `guard`.
enum class Guard : std::uint8_t { always, equal, not_equal, greater, less, mask_zero, mask_set };

enum class LockKind : std::uint8_t {
  spin,  // taking it twice in a thread is a deadlock; sleeping is not allowed while it is held
  mutex  // sleeps: not allowed where sleeping is not
};

enum class CheckKind : std::uint8_t { assertion, bug_on, warn_on };

// Why a thread waits: decides the class of the verdict when nothing can wake it.
enum class WaitKind : std::uint8_t {
  spin,  // a busy loop or a lock built of read-modify-writes: deadlock
  sleep  // schedule(), a completion: lost wakeup
};

// --- instructions

struct Move {  // dst = a
  Reg dst = no_reg;
  Operand a;
};
struct Taint {  // dst = a, which depends on b too
  Reg dst = no_reg;
  Operand a, b;
};
struct Binary {  // dst = a op b; no logical_and, logical_or, comma. Undefined results are errors of the
                 // program
  Reg dst = no_reg;
  lang::BinaryOp op;
  lang::Width width;  // of the operands; a comparison gives 0 or 1
  Operand a, b;
};
struct Convert {  // dst = wrap(a, width)
  Reg dst = no_reg;
  Operand a;
  lang::Width width;
};
struct Load {
  Reg dst = no_reg;
  Operand address;
  std::uint8_t size;
  bool is_signed;
  Order order;
};
struct Store {
  Operand address, value;
  std::uint8_t size;
  Order order;
};
// dst = old value. With `blocking` the thread waits until the guard holds.
struct Rmw {
  Reg dst = no_reg;
  Operand address, value, guard_value;
  RmwOp op = RmwOp::exchange;
  Guard guard = Guard::always;
  std::uint8_t size = 4;
  bool is_signed = true;
  Order order = Order::full;
  bool blocking = false;
  WaitKind wait = WaitKind::spin;  // of a blocking one
};
// A load that waits until the value read satisfies the guard: one event, and none for the iterations that did
// not.
struct Await {
  Reg dst = no_reg;
  Operand address, guard_value;
  Guard guard = Guard::equal;
  std::uint8_t size = 4;
  bool is_signed = true;
  Order order = Order::once;
  WaitKind wait = WaitKind::spin;
};
struct Lock {
  Operand address;
  LockKind kind;
};
struct Unlock {
  Operand address;
  LockKind kind;
};
struct TryLock {  // dst = 1 when taken
  Reg dst = no_reg;
  Operand address;
  LockKind kind;
};
struct IsLocked {
  Reg dst = no_reg;
  Operand address;
};
struct FenceInstr {
  Fence fence;
};
struct SrcuLock {  // dst = index
  Reg dst = no_reg;
  Operand address;
};
struct SrcuUnlock {
  Operand address, index;
};
struct SrcuSync {
  Operand address;
};
// After a grace period that begins here, `function(argument)` runs in a thread of its own.
struct CallRcu {
  Operand function, argument;
};
struct Allocate {  // dst = address of `size` fresh bytes
  Reg dst = no_reg;
  Operand size;
  bool zero;
  std::uint32_t layout = 0;  // what it is for, as far as that is seen: Program::layouts, from 1; 0: not known
};
struct Free {  // kfree(NULL) is nothing
  Operand address;
};
struct Local {  // dst = address of a fresh object of this frame
  Reg dst = no_reg;
  std::uint64_t size;
  std::string name;
  std::uint32_t layout = 0;
};
struct Copy {  // structure assignment: plain loads and stores, one a scalar member, in order
  Operand to, from;
  struct Part {
    std::uint32_t offset;
    std::uint8_t size;
  };
  std::vector<Part> parts;
};
struct CurrentTask {  // dst = the number of this thread, from 0
  Reg dst = no_reg;
};
struct IrqSave {  // holds off the interrupts of this thread (IRQ_ON); dst, where there is one: 1 if they were
                  // on before
  Reg dst = no_reg;
};
struct IrqRestore {  // lets them in again where `on` is not 0
  Operand on;
};
struct Preempt {  // preempt_disable: sleeping is not allowed between
  bool enable;
};
struct MightSleep {};  // an error of the program where sleeping is not allowed
struct Choose {        // dst = any value of low ... high
  Reg dst = no_reg;
  Operand low, high;
  bool is_signed = true;  // how they compare
};
struct Assume {  // executions in which it does not hold are dropped
  Operand a;
};
struct Check {
  Operand a;  // holds when not 0
  CheckKind kind;
  std::string text;  // as written
};
struct Branch {
  Operand a;
  std::uint32_t then, otherwise, join;
};
struct Jump {
  std::uint32_t to;
};
struct Loop {
  std::uint32_t id;
};
struct Call {
  Reg dst = no_reg;  // no_reg: nothing is returned
  std::uint32_t function;
  std::vector<Operand> args;
};
struct CallPointer {
  Reg dst = no_reg;
  Operand pointer;
  std::vector<Operand> args;
};
struct Ret {
  Operand value;
};

using Node = std::variant<Move, Taint, Binary, Convert, Load, Store, Rmw, Await, Lock, Unlock, TryLock,
                          IsLocked, FenceInstr, SrcuLock, SrcuUnlock, SrcuSync, CallRcu, Allocate, Free,
                          Local, Copy, CurrentTask, IrqSave, IrqRestore, Preempt, MightSleep, Choose, Assume,
                          Check, Branch, Jump, Loop, Call, CallPointer, Ret>;
// Node::index() of an instruction of this kind.
template <class T, std::size_t i = 0>
constexpr std::size_t kind_from() {
  if constexpr (std::is_same_v<std::variant_alternative_t<i, Node>, T>) return i;
  else return kind_from<T, i + 1>();
}
template <class T>
inline constexpr std::size_t kind = kind_from<T>();

struct Instr {
  Node node;
  lang::Loc at;
};

struct Function {
  std::string name;
  std::uint32_t params = 0;  // registers 0 .. params-1
  std::uint32_t regs = 0;
  std::vector<Instr> code;
  std::vector<std::string> reg_names;  // empty for a temporary
  bool returns = false;
  bool prelude = false;  // not of the spec: a witness shows the call instead
  lang::Loc at;
};

// A scalar cell of an object, for printing values by name: ring.tail, ring.ev[1].data.
struct Cell {
  std::uint32_t offset = 0;
  std::uint8_t size = 0;
  bool is_signed = true;
  bool is_pointer = false;
  std::string name;        // without the object's own name: ".tail", "[1]", ""
  std::int64_t value = 0;  // initially; the address of an object or function where it is one
};

struct Layout {  // of a type, for whoever names what is in an object
  std::uint64_t size = 0;
  std::vector<Cell> cells;
};

struct Global {
  std::string name;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::vector<Cell> cells;  // by offset, not overlapping
  bool prelude = false;
};

enum class ThreadKind : std::uint8_t { thread, irq, irq_on };
struct Thread {
  std::string name;
  ThreadKind kind = ThreadKind::thread;
  std::uint32_t function = 0;
  std::uint32_t target = 0;  // irq_on: index of the thread that it interrupts
};

struct Invariant {
  std::string name;
  std::uint32_t function = 0;         // returns 0 where it is violated; reads memory and has no other effect
  std::optional<std::uint64_t> lock;  // holds whenever this lock is free; without one: after every step
  lang::Loc at;
};

// Runs alone, with every choose() a free input; for the solver.
struct Proof {
  std::string name;
  std::uint32_t function = 0;
};

// --- a litmus test's question

struct Place {  // a register's last value, or a location's
  std::optional<std::uint32_t> thread;
  Reg reg = no_reg;  // with a thread; no_reg: the thread has no such register, its value is 0
  std::uint64_t address = 0;
  std::uint8_t size = 8;
  std::string name;  // as printed: 0:r1, x, [x]
};
struct Condition;
struct ConditionAtom {
  Place left;
  bool equal = true;
  std::variant<std::int64_t, Place> right;  // an address is its number
};
struct ConditionAll {
  std::vector<Condition> parts;
};
struct ConditionAny {
  std::vector<Condition> parts;
};
struct ConditionNot {
  std::vector<Condition> parts;  // one
};
struct Condition {
  std::variant<ConditionAtom, ConditionAll, ConditionAny, ConditionNot> node;
};
enum class Quantifier : std::uint8_t { exists, not_exists, forall };

struct Litmus {
  std::string name;
  Quantifier quantifier = Quantifier::exists;
  bool has_condition = false;
  Condition condition;         // without one: true
  std::string condition_text;  // as herd7 prints it, without the quantifier
  std::optional<Condition> filter;
  std::vector<Place> shown;  // what a state consists of, in the order in which it is printed
};

struct Program {
  std::string name;  // the spec's path or the litmus test's name
  std::vector<Function> functions;
  std::vector<Global> globals;
  std::vector<Layout> layouts;
  std::vector<Thread> threads;
  std::optional<std::uint32_t> init, finally;  // functions that run before and after all threads
  // What choose() gives in `init`, in order; after these, its lowest values.
  std::vector<std::int64_t> init_choices = {};
  std::vector<Invariant> invariants;
  std::vector<Proof> proofs;
  std::optional<Litmus> litmus;
  std::uint32_t loops = 0;  // ids of Loop are below this
};

// A listing, for tests and for people.
std::string print(const Program& program);
std::string print(const Instr& instr);

}  // namespace ringtail::ir
