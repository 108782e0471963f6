// SPDX-License-Identifier: GPL-2.0-or-later
// The requests of one AIO context that may not have been seen to complete yet.
//
// A request is put in when io_submit may have accepted it and taken out by the event that reports it. What
// recorders leave out makes that a question of sets: strace does not print the address of an iocb, and many
// programs leave aio_data at 0, so that an event may belong to any of several requests. They are therefore
// kept as a multiset: by (aio_data, address of the iocb or 0 where it is not recorded), and within that by
// Shape, the set of results that such a request can have. The multiset never holds fewer requests than the
// kernel has, and holds exactly those as long as every event is read by a recorded call.
//
// An event takes the least capable request that can have produced it: if request A can have every result that
// B can, whoever takes B first never regrets it. Where k candidates have no least (a small read and a poll,
// say) one of each goes and k - 1 requests of any result take their place, which forgets a little and
// excludes nothing.
//
// The reference for all this is a plain list of requests with backtracking, in the tests.
#pragma once

#include <cstdint>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include "model/kernel/call.h"

namespace ringtail::kernel {

// The results that a request can have.
struct Shape {
  enum class Kind : std::uint8_t {
    sync,  // 0 or an error
    rw,    // 0 to `limit` bytes, or an error
    poll,  // a mask that meets the low 16 bits of `limit`; 0 when it was cancelled, or with kZero
    any,
  };
  static constexpr std::uint64_t kZero = 1u << 16;

  Kind kind = Kind::any;
  std::uint64_t limit = 0;

  bool allows(std::int64_t res, bool cancelled) const;
  // Whether this allows every result that `o` does.
  bool covers(const Shape& o) const;
  friend bool operator==(const Shape&, const Shape&) = default;
};

// What io_submit was given, as far as it was recorded.
Shape shape_of(const Iocb& cb);

class Requests {
 public:
  void add(const Iocb& cb);
  // `n` requests of which nothing is known.
  void add_unknown(std::int64_t n) { unknown_ += n, total_ += n; }

  // Takes out a request that was added but that io_submit did not accept. False when events have already been
  // seen for all that it could be.
  bool reject(const Iocb& cb);
  bool reject_unknown(std::int64_t n);

  // Takes out a request that this event can report; false, and nothing is changed, when there is none.
  // `cancelled`: a request may have been cancelled.
  bool complete(const IoEvent& e, bool cancelled);
  // `n` events of which nothing is known.
  bool complete_unknown(std::int64_t n);

  // Whether there is a request whose data and address agree with the event's, whatever its result.
  bool knows(const IoEvent& e) const;
  // Whether a poll request of this data and address (absent for any) may be there.
  bool may_poll(Word data, Word address) const;

  std::int64_t total() const { return total_; }
  bool empty() const { return total_ == 0; }
  void clear() { bags_.clear(), unknown_ = total_ = 0; }

 private:
  struct Key {
    std::uint64_t data = 0, address = 0;
    friend bool operator==(const Key&, const Key&) = default;
    template <class H>
    friend H AbslHashValue(H h, const Key& k) {
      return H::combine(std::move(h), k.data, k.address);
    }
  };
  struct Bucket {
    Shape shape;
    std::int64_t count = 0;
  };
  using Bag = absl::InlinedVector<Bucket, 2>;

  // A program that reads its events in user space and numbers its requests would fill the table for ever.
  static constexpr std::size_t kMostBags = 16384;

  static Key key_of(Word data, Word address) { return {data.value, address.known() ? address.value : 0}; }
  Bag* find(const Key& k);
  static bool take(Bag& bag, Word res, bool cancelled);
  void forget();

  absl::flat_hash_map<Key, Bag> bags_;  // a bag stays when it is empty: programs use the same data again
  std::int64_t unknown_ = 0;
  std::int64_t total_ = 0;
};

}  // namespace ringtail::kernel
