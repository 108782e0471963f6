// SPDX-License-Identifier: GPL-2.0-or-later
// A witness says that an object is used after kfree(). Replay believes it only if nothing makes the access
// come before.
#include <gtest/gtest.h>

#include "checker/witness/replay.h"
#include "model/lang/load.h"
#include "model/machine/machine.h"

namespace ringtail::witness {
namespace {

using memory::Model;

// Accesses in one thread, kfree() in the other, ordered by `store` and `load` of a flag, which `load` sees.
Result<Execution> claim(const std::string& store, const std::string& load, const std::string& seen,
                        const std::string& grace, Model model) {
  const auto spec = lang::load_spec("free.c", R"(
#include <ringtail.h>
static int *object, flag;
INIT { object = kzalloc(sizeof(int), GFP_KERNEL); }
THREAD(user)
{
	rcu_read_lock();
	WRITE_ONCE(*object, 1);
	)" + store + R"(;
	rcu_read_unlock();
}
THREAD(owner)
{
	int *o = object;
	)" + load + ";\n\t" + grace + R"(
	kfree(o);
}
)",
                                    {}, {});
  if (!spec) return Unexpected(spec.error().text);
  // whatever the explorer thinks of it: the steps by hand
  Script s;
  s.spec = "free.c";
  s.model = model;
  s.kind = "use after free";
  const std::int64_t address = static_cast<std::int64_t>(machine::object_address(250, 0));
  const auto step = [&](const char* thread, int line, std::string text,
                        std::optional<std::int64_t> value = {}, std::optional<std::size_t> from = {}) {
    s.steps.push_back({thread, "free.c:" + std::to_string(line), std::move(text), value, from, false});
    return s.steps.size();
  };
  step("user", 7, "rcu_read_lock()");
  step("user", 8, "object", address, 0);
  step("user", 8, "WRITE_ONCE(INIT.object0, 1)");
  const std::size_t stored =
      step("user", 9, store.starts_with("smp") ? "smp_store_release(&flag, 1)" : store);
  step("user", 10, "rcu_read_unlock()");
  step("owner", 14, "object", address, 0);
  step("owner", 15, load, seen == "1", seen == "1" ? stored : 0);
  if (!grace.empty()) step("owner", 16, "synchronize_rcu()");
  step("owner", 17, "kfree(&INIT.object0)");
  return replay(*spec, s);
}

std::string why(const Result<Execution>& r) { return r ? "" : r.error(); }
const std::string kNot = "the execution is possible, but shows no use after free";

TEST(UseAfterFree, is_one_unless_the_access_comes_first) {
  for (const Model m : {Model::sc, Model::tso, Model::lkmm}) {
    EXPECT_EQ(why(claim("WRITE_ONCE(flag, 1)", "READ_ONCE(flag)", "0", "", m)), "") << memory::name(m);
    EXPECT_EQ(why(claim("smp_store_release(&flag, 1)", "smp_load_acquire(&flag)", "1", "", m)), kNot)
        << memory::name(m);
  }
}

TEST(UseAfterFree, is_one_where_the_model_lets_the_access_be_late) {
  EXPECT_EQ(why(claim("WRITE_ONCE(flag, 1)", "READ_ONCE(flag)", "1", "", Model::sc)), kNot);
  EXPECT_EQ(why(claim("WRITE_ONCE(flag, 1)", "READ_ONCE(flag)", "1", "", Model::lkmm)), "");
}

TEST(UseAfterFree, is_none_after_a_grace_period_that_waits_for_the_access) {
  for (const Model m : {Model::sc, Model::tso, Model::lkmm}) {
    EXPECT_EQ(why(claim("WRITE_ONCE(flag, 1)", "READ_ONCE(flag)", "1", "synchronize_rcu();", m)), kNot)
        << memory::name(m);
    EXPECT_EQ(why(claim("WRITE_ONCE(flag, 1)", "READ_ONCE(flag)", "0", "synchronize_rcu();", m)), "")
        << memory::name(m);
  }
}

}  // namespace
}  // namespace ringtail::witness
