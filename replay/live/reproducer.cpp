// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/live/reproducer.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "replay/live/field.h"
#include "replay/live/scene.h"

namespace ringtail::live {
namespace {

// The scene of scene.h and run.cpp, for a reader who has neither.
constexpr const char* kHead = R"(#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

typedef unsigned long u64;

#define PAGE 4096ul
#define ARENA 0x200000000000ul /* where the calls play; nothing is mapped there at first */
#define SCENE 0x210000000000ul /* where their structures are */

struct raw_iocb {
	u64 data;
	unsigned key, rw_flags;
	unsigned short opcode;
	short reqprio;
	int fildes;
	u64 buf, nbytes;
	long offset;
	u64 reserved2;
	unsigned flags, resfd;
};

struct raw_event {
	u64 data, obj;
	long res, res2;
};

/* What the calls of a thread point at. */
struct scratch {
	u64 pages[16];
	int nodes[16], status[16];
	u64 policy, pair, context;
	u64 iov[4][2];
	u64 iocbpp[8];
	long timeout[2];
	u64 sigset[2];
	struct raw_event cancelled, events[16];
	struct raw_iocb iocbs[8];
	u64 mask2[4], mask[20];
};

/* What all threads share: contexts, descriptors, file names. */
static struct common {
	u64 contexts[4];
	int fds[16];
	char names[4][32];
} *const common = (struct common *)SCENE;

struct call {
	int thread;
	const char *name;
	u64 a[6];
	long result;
};

static struct shared {
	int threads, ready, go, calls;
	int segment;
	u64 brk;
	char stacks[8][64 << 10] __attribute__((aligned(16)));
	struct call log[1024];
} *shared;

#define SCRATCH ((u64)s)
#define BUFFER ((u64)s + PAGE)
#define PUT(place, value) (s->place = (__typeof__(s->place))(value))

static inline struct scratch *scratch_of(int thread)
{
	return (struct scratch *)(SCENE + PAGE * (1 + 64 * (u64)thread));
}

/* Not syscall(): errno is shared with a child that shares the memory. */
static long raw(long number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	register u64 r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall" : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static inline long call(int thread, const char *name, long number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	long result = raw(number, a, b, c, d, e, f);
	int n = __atomic_fetch_add(&shared->calls, 1, __ATOMIC_SEQ_CST);

	if (n < 1024)
		shared->log[n] = (struct call){ thread, name, { a, b, c, d, e, f }, result };
	return result;
}

/* The child runs `run` with a scratch of its own, and ends. */
static int child_of(void *run)
{
	int index = *(int *)((char *)run + sizeof(void *));

	(*(void (**)(int))run)(index);
	raw(SYS_exit_group, 0, 0, 0, 0, 0, 0);
	return 0;
}

static inline void spawn(int thread, u64 flags, void (*run)(int))
{
	int index = __atomic_fetch_add(&shared->threads, 1, __ATOMIC_SEQ_CST), n;
	char *stack;
	long pid;

	if (index >= 8)
		return;
	stack = shared->stacks[index];
	memcpy(stack, &run, sizeof(run));
	memcpy(stack + sizeof(run), &index, sizeof(index));
	pid = clone(child_of, stack + sizeof(shared->stacks[0]), (int)flags, stack);
	n = __atomic_fetch_add(&shared->calls, 1, __ATOMIC_SEQ_CST);
	if (n < 1024)
		shared->log[n] = (struct call){ thread, "clone", { flags }, pid };
}

/* A descriptor that a call returned goes into the table. */
static inline void keep(int slot, long result, int descriptor)
{
	if (result >= 0)
		common->fds[slot] = descriptor;
}

)";

constexpr const char* kTail = R"(
static void *run(void *arg)
{
	int thread = (int)(long)arg;

	__atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&shared->go, __ATOMIC_SEQ_CST))
		raw(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
	threads[thread](thread);
	return 0;
}

static void make_descriptors(void)
{
	static const char *const names[4] = { "/dev/zero", "/dev/null", "/", "/no/such/file" };
	char link[32], path[] = "./ringtail-live-XXXXXX";
	int two[2], i, file;

	for (i = 0; i < 4; i++)
		strcpy(common->names[i], names[i]);
	for (i = 0; i < 16; i++)
		common->fds[i] = -1;
	common->fds[0] = memfd_create("live", 0);
	if (ftruncate(common->fds[0], 8 * PAGE))
		exit(1);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", common->fds[0]);
	common->fds[1] = open(link, O_RDONLY);
	if (pipe2(two, O_NONBLOCK))
		exit(1);
	common->fds[2] = two[0];
	common->fds[3] = two[1];
	common->fds[4] = eventfd(0, EFD_NONBLOCK);
	file = mkostemp(path, O_DIRECT);
	if (file >= 0)
		unlink(path);
	common->fds[5] = file >= 0 ? file : memfd_create("direct", 0);
	if (ftruncate(common->fds[5], 4 * PAGE))
		exit(1);
	common->fds[6] = open("/", O_RDONLY | O_DIRECTORY);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, two))
		exit(1);
	common->fds[7] = two[0];
}

static void program(void)
{
	const struct rlimit most = { 128 << 10, 128 << 10 };
	pthread_t handles[COUNT];
	long i;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &most);
	if (mmap((void *)SCENE, PAGE * (1 + 64 * 8), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != (void *)SCENE)
		exit(1);
	make_descriptors();
	shared->threads = COUNT;
	for (i = 1; i < COUNT; i++)
		if (pthread_create(&handles[i], 0, run, (void *)i))
			exit(1);
	while (__atomic_load_n(&shared->ready, __ATOMIC_SEQ_CST) != COUNT - 1)
		sched_yield();
	shared->brk = (u64)raw(SYS_brk, 0, 0, 0, 0, 0, 0);
	__atomic_store_n(&shared->go, 1, __ATOMIC_SEQ_CST);
	run(0);
	for (i = 1; i < COUNT; i++)
		pthread_join(handles[i], 0);
	while (raw(SYS_wait4, (u64)-1, 0, 0, 0, 0, 0) > 0)
		;
}

int main(void)
{
	int i, j;

	shared = mmap(0, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	shared->segment = shmget(IPC_PRIVATE, 3 * PAGE, 0600);
	if (!fork()) {
		program();
		_exit(0);
	}
	wait(0);
	shmctl(shared->segment, IPC_RMID, 0);
	for (i = 0; i < shared->calls && i < 1024; i++) {
		printf("thread %d: %s(", shared->log[i].thread, shared->log[i].name);
		for (j = 0; j < 6; j++)
			printf("%s%#lx", j ? ", " : "", shared->log[i].a[j]);
		printf(") = %ld\n", shared->log[i].result);
	}
	return 0;
}
)";

std::string number(std::int64_t v) {
  if (v >= 0 && v < 4096) return std::to_string(v);
  if (v < 0 && v > -4096) return fmt::format("(u64){}", v);
  return fmt::format("{:#x}ul", static_cast<std::uint64_t>(v));
}

std::string offset(const std::string& base, std::int64_t v) {
  if (v == 0) return base;
  return fmt::format("{} {} {:#x}", base, v < 0 ? '-' : '+',
                     v < 0 ? -static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v));
}

std::string text_of(const Arg& a) {
  switch (a.base) {
    case Arg::Base::literal:
      return number(a.value);
    case Arg::Base::arena:
      return offset("ARENA", a.value);
    case Arg::Base::brk:
      return offset("shared->brk", a.value);
    case Arg::Base::last:
      return offset("last", a.value);
    case Arg::Base::segment:
      return offset("(u64)shared->segment", a.value);
    case Arg::Base::scratch:
      if (const std::string name = a.value < 0 ? "" : object_at(static_cast<std::size_t>(a.value));
          !name.empty())
        return "(u64)&s->" + name;
      return offset("SCRATCH", a.value);
    case Arg::Base::buffer:
      return offset("BUFFER", a.value);
    case Arg::Base::context:
      return fmt::format("common->contexts[{}]", a.value);
    case Arg::Base::fd:
      return fmt::format("(u64)common->fds[{}]", a.value);
    case Arg::Base::self:
      return offset("(u64)raw(SYS_getpid, 0, 0, 0, 0, 0, 0)", a.value);
  }
  return {};
}

bool returns_address(kernel::Sys s) {
  return s == kernel::Sys::mmap || s == kernel::Sys::mremap || s == kernel::Sys::shmat;
}

bool needs_last(const Step& s) {
  const auto is = [](const Arg& a) { return a.base == Arg::Base::last; };
  return std::any_of(s.args.begin(), s.args.end(), is) ||
         std::any_of(s.puts.begin(), s.puts.end(), [&](const Put& p) { return is(p.value); });
}

// The functions of one thread and of the children that it makes.
class Writer {
 public:
  explicit Writer(int thread) : thread_(thread) {}

  // Children first: C wants them declared.
  std::string of(const Thread& steps) {
    function(fmt::format("thread_{}", thread_), steps.data(), steps.data() + steps.size(), false);
    return out_;
  }

 private:
  void function(const std::string& name, const Step* begin, const Step* end, bool child) {
    const bool uses_last = std::any_of(begin, end, needs_last);
    std::string body;
    for (const Step* s = begin; s != end; ++s) {
      if (s->sys != kernel::Sys::clone) {
        body += step(*s, uses_last);
      } else if (!child) {  // which has no scratch to give to children of its own
        const Step* behind = s + 1 + std::min<std::ptrdiff_t>(s->children, end - s - 1);
        const std::string of_child = fmt::format("child_{}_{}", thread_, children_++);
        function(of_child, s + 1, behind, true);
        body += puts(*s) + fmt::format("\tspawn(thread, {}, {});\n", text_of(s->args[0]), of_child);
        s = behind - 1;
      }
    }
    const auto uses = [&](const char* what) { return body.find(what) != body.npos; };
    out_ += fmt::format("static void {}(int thread)\n{{\n", name);
    if (uses("PUT(") || uses(" s->") || uses("&s->") || uses("SCRATCH") || uses("BUFFER"))
      out_ += "\tstruct scratch *s = scratch_of(thread);\n";
    if (uses_last) out_ += "\tu64 last = ARENA;\n";
    if (uses("result")) out_ += "\tlong result;\n";
    if (!uses("thread")) out_ += "\t(void)thread;\n";
    out_ += "\n" + body + "}\n\n";
  }

  static std::string puts(const Step& s) {
    std::string out;
    for (const Put& p : s.puts)
      out += fmt::format("\tPUT({}, {});\n", field_at(p.at, p.size), text_of(p.value));
    return out;
  }

  static std::string step(const Step& s, bool uses_last) {
    std::string args;
    for (const Arg& a : s.args) args += ", " + text_of(a);
    std::string out = puts(s);
    if (s.slot >= 0) out += "\tPUT(context, 0);\n";
    if (s.hidden) return out + fmt::format("\traw({}{}); /* a page fault */\n", s.hidden, args);
    const std::string name(kernel::name_of(s.sys));
    const bool address = uses_last && returns_address(s.sys), kept = s.keep >= 0 || address;
    out += fmt::format("\t{}call(thread, \"{}\", SYS_{}{});\n", kept ? "result = " : "", name, name, args);
    if (s.slot >= 0) out += fmt::format("\tcommon->contexts[{}] = s->context;\n", s.slot);
    if (address) out += "\tif (result > 0)\n\t\tlast = (u64)result;\n";
    if (s.keep >= 0) {
      const bool pair = s.sys == kernel::Sys::pipe2 || s.sys == kernel::Sys::socketpair;
      out += fmt::format("\tkeep({}, result, {});\n", s.keep, pair ? "(int)s->pair" : "(int)result");
    }
    return out;
  }

  const int thread_;
  int children_ = 0;
  std::string out_;
};

}  // namespace

std::string reproducer(const Program& program, const std::string& why) {
  std::string out = "/*\n";
  std::istringstream lines(why);
  for (std::string line; std::getline(lines, line);) out += " *" + (line.empty() ? "" : " " + line) + "\n";
  out += " *\n * gcc -O1 -pthread -o again FILE.c && ./again\n */\n";
  out += kHead;
  std::string table;
  for (std::size_t t = 0; t < program.threads.size(); ++t) {
    out += Writer(static_cast<int>(t)).of(program.threads[t]);
    table += fmt::format("{}thread_{}", t ? ", " : "", t);
  }
  out += fmt::format("#define COUNT {}\nstatic void (*const threads[COUNT])(int) = {{ {} }};\n",
                     program.threads.size(), table);
  return out + kTail;
}

}  // namespace ringtail::live
