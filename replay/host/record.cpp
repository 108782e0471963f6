// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/host/record.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/kernel/call.h"
#include "replay/capture/sink.h"
#include "replay/host/facts.h"
#include "replay/host/scrub.h"

namespace ringtail::host {
namespace {

constexpr std::string_view kDelayed = " (DELAYED)";
constexpr int kExecHoldMicroseconds = 20000;
constexpr int kCannotExec = 127;

std::string failure(std::string_view what) { return fmt::format("{}: {}", what, std::strerror(errno)); }

// All calls of the model, and those that `ringtail hunt` looks for writes to memory in, but for write(): that
// is every program's. `?` lets an older strace ignore those that it does not know.
std::string call_list(std::string_view prefix) {
  std::string out = fmt::format("{0}pwrite64,{0}process_vm_writev", prefix);
  for (int i = 0; i < kernel::kSysCount; ++i) {
    const auto sys = static_cast<kernel::Sys>(i);
    if (sys == kernel::Sys::other) continue;
    out += ',';
    out += prefix;
    out += kernel::name_of(sys);
  }
  return out;
}

// A folder of our own with the pipe that the recorder writes to; gone with this object.
class Fifo {
 public:
  static Result<Fifo> make() {
    std::error_code bad;
    std::string folder = (std::filesystem::temp_directory_path(bad) / "ringtail-XXXXXX").string();
    if (bad || mkdtemp(folder.data()) == nullptr) return Unexpected(failure("temporary folder"));
    Fifo f(folder);
    if (mkfifo(f.path().c_str(), 0600) != 0) return Unexpected(failure("mkfifo"));
    return f;
  }
  Fifo(Fifo&& o) noexcept : folder_(std::exchange(o.folder_, {})) {}
  Fifo(const Fifo&) = delete;
  ~Fifo() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  std::string path() const { return folder_ + "/trace"; }

 private:
  explicit Fifo(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

pid_t spawn(const std::vector<std::string>& argv) {
  std::vector<char*> words;
  for (const std::string& a : argv) words.push_back(const_cast<char*>(a.c_str()));
  words.push_back(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  execvp(words[0], words.data());
  _exit(kCannotExec);
}

// The keyboard's SIGINT reaches command and recorder by themselves; what is left to us is to read to the end.
class IgnoreInterrupts {
 public:
  IgnoreInterrupts() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGINT, &ignore, &old_);
  }
  ~IgnoreInterrupts() { sigaction(SIGINT, &old_, nullptr); }

 private:
  struct sigaction old_ {};
};

// Lines from the recorder until it closes the pipe or is gone.
class LineSource {
 public:
  LineSource(int fd, pid_t writer) : fd_(fd), writer_(writer) {}
  bool next(std::string& line) {
    for (;;) {
      const std::size_t end = buffer_.find('\n', at_);
      if (end != std::string::npos) {
        line.assign(buffer_, at_, end - at_);
        at_ = end + 1;
        return true;
      }
      buffer_.erase(0, at_);
      at_ = 0;
      if (!fill()) return false;
    }
  }
  std::optional<int> status;  // of the writer, once it is reaped

 private:
  bool fill() {
    char chunk[1 << 16];
    for (;;) {
      pollfd p{fd_, POLLIN, 0};
      poll(&p, 1, 100);
      const ssize_t n = read(fd_, chunk, sizeof chunk);
      if (n > 0) {
        seen_ = true;
        buffer_.append(chunk, static_cast<std::size_t>(n));
        return true;
      }
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      // End of file: before the writer has opened the pipe, too. Only its end or its close counts.
      if (n == 0 && seen_) return false;
      int s = 0;
      if (!status && waitpid(writer_, &s, WNOHANG) == writer_) {
        status = s;
        continue;  // what it wrote before it went is still in the pipe
      }
      if (status) return false;
      poll(nullptr, 0, 5);
    }
  }
  int fd_;
  pid_t writer_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool seen_ = false;
};

// Takes strace's mark of a held call away; true for an execve that succeeded (a failed one is held as well).
bool leaves_execve(std::string& line) {
  const std::size_t at = line.rfind(kDelayed);
  if (at == std::string::npos) return false;
  line.erase(at, kDelayed.size());
  constexpr std::string_view success = " = 0";
  return at >= success.size() && line.compare(at - success.size(), success.size(), success) == 0;
}

}  // namespace

std::vector<std::string> recorder_argv(const RecordOptions& o, const std::string& to) {
  std::vector<std::string> argv;
  switch (o.recorder) {
    case Recorder::strace:
      argv = {"strace",
              "-f",
              "--absolute-timestamps=format:unix,precision:ns",
              "--syscall-times=ns",
              "-y",
              "-v",
              "-e",
              "abbrev=execve,execveat",
              "-s",
              "0",
              "--seccomp-bpf",
              "-I",
              "2",
              "-e",
              "trace=" + call_list("?"),
              fmt::format("--inject=execve,execveat:delay_exit={}", kExecHoldMicroseconds),
              "-o",
              to,
              "--",
              "env"};
      break;
    case Recorder::perf:
      argv = {"perf", "trace", "-T", "-e", call_list(""), "-o", to, "--", "env"};
      break;
  }
  argv.insert(argv.end(), o.command.begin(), o.command.end());
  return argv;
}

Result<Recorded> record(const RecordOptions& options) {
  auto fifo = Fifo::make();
  if (!fifo) return Unexpected(fifo.error());
  auto sink = capture::Sink::open(options.out);
  if (!sink) return Unexpected(sink.error());
  Scrubber scrub(Identity::of_this_process(), options.scrub_paths);
  Recorded done;
  const auto put = [&](std::string_view text) {
    (*sink)->write(text);
    (*sink)->write("\n");
    ++done.lines;
  };
  for (const std::string& fact : host_facts()) put("# ringtail " + fact);
  put("# ringtail calls=all");

  const int fd = open(fifo->path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return Unexpected(failure("pipe"));
  const IgnoreInterrupts quiet;
  const std::vector<std::string> argv = recorder_argv(options, fifo->path());
  const pid_t pid = spawn(argv);
  if (pid < 0) return Unexpected(failure("fork"));

  LineSource lines(fd, pid);
  bool started = options.recorder == Recorder::perf;  // perf cannot hold execve: nothing to wait for
  for (std::string line; lines.next(line);) {
    const bool left_execve = options.recorder == Recorder::strace && leaves_execve(line);
    started = started || left_execve;
    if (!started) continue;
    put(scrub.line(line));
    if (!left_execve) continue;
    const auto facts = map_facts_at_exec(std::atoi(line.c_str()));
    for (const std::string& fact : facts) put("# ringtail " + scrub.map(fact));
    if (!facts.empty()) ++done.maps;
  }
  close(fd);
  int status = 0;
  if (lines.status) {
    status = *lines.status;
  } else {
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  }
  if (auto closed = (*sink)->close(); !closed) return Unexpected(closed.error());
  done.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (!started && done.status == kCannotExec)
    return Unexpected(
        fmt::format("cannot run '{}' under '{}': one of the two is not there", options.command[0], argv[0]));
  if (!started)
    return Unexpected(fmt::format("'{}' recorded no execve of '{}'", argv[0], options.command[0]));
  return done;
}

}  // namespace ringtail::host
