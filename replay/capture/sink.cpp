// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/sink.h"

#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace ringtail::capture {
namespace {

bool ends_with(const std::string& s, std::string_view tail) {
  return s.size() >= tail.size() && std::string_view(s).substr(s.size() - tail.size()) == tail;
}

// Buffered write(2); the base of the other two.
class Plain : public Sink {
 public:
  Plain(int fd, std::string path) : fd_(fd), path_(std::move(path)) { buffer_.reserve(kBuffer); }
  ~Plain() override {
    if (fd_ >= 0) (void)close();
  }
  void write(std::string_view text) override {
    buffer_.append(text);
    if (buffer_.size() >= kBuffer) flush();
  }
  Result<bool> close() override {
    flush();
    if (fd_ > STDERR_FILENO && ::close(fd_) != 0) fail();
    fd_ = -1;
    if (error_ != 0) return Unexpected(path_ + ": " + std::strerror(error_));
    return true;
  }

 private:
  static constexpr std::size_t kBuffer = 1 << 16;
  void fail() {
    if (error_ == 0) error_ = errno;
  }
  void flush() {
    std::string_view left = buffer_;
    while (!left.empty() && error_ == 0) {
      const ssize_t n = ::write(fd_, left.data(), left.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        fail();
      } else {
        left.remove_prefix(static_cast<std::size_t>(n));
      }
    }
    buffer_.clear();
  }

  int fd_;
  std::string path_;
  std::string buffer_;
  int error_ = 0;
};

class Gzip : public Sink {
 public:
  explicit Gzip(std::unique_ptr<Sink> below) : below_(std::move(below)) {
    constexpr int kGzipHeader = 16;
    ok_ =
        deflateInit2(&z_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + kGzipHeader, 8, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~Gzip() override { deflateEnd(&z_); }
  void write(std::string_view text) override { run(text, Z_NO_FLUSH); }
  Result<bool> close() override {
    run({}, Z_FINISH);
    if (!ok_) return Unexpected(std::string("gzip: compression failed"));
    return below_->close();
  }

 private:
  void run(std::string_view text, int flush) {
    z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    z_.avail_in = static_cast<uInt>(text.size());
    char out[1 << 14];
    do {
      z_.next_out = reinterpret_cast<Bytef*>(out);
      z_.avail_out = sizeof out;
      if (!ok_ || deflate(&z_, flush) == Z_STREAM_ERROR) {
        ok_ = false;
        return;
      }
      below_->write({out, sizeof out - z_.avail_out});
    } while (z_.avail_out == 0);
  }
  std::unique_ptr<Sink> below_;
  z_stream z_{};
  bool ok_ = false;
};

class Zstd : public Sink {
 public:
  explicit Zstd(std::unique_ptr<Sink> below) : below_(std::move(below)), z_(ZSTD_createCStream()) {
    ZSTD_CCtx_setParameter(z_, ZSTD_c_compressionLevel, 9);
    ZSTD_CCtx_setParameter(z_, ZSTD_c_checksumFlag, 1);
  }
  ~Zstd() override { ZSTD_freeCStream(z_); }
  void write(std::string_view text) override { run(text, ZSTD_e_continue); }
  Result<bool> close() override {
    run({}, ZSTD_e_end);
    if (failed_) return Unexpected(std::string("zstd: compression failed"));
    return below_->close();
  }

 private:
  void run(std::string_view text, ZSTD_EndDirective mode) {
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    std::vector<char> out(ZSTD_CStreamOutSize());
    for (;;) {
      ZSTD_outBuffer o{out.data(), out.size(), 0};
      const std::size_t left = ZSTD_compressStream2(z_, &o, &in, mode);
      if (ZSTD_isError(left)) {
        failed_ = true;
        return;
      }
      below_->write({out.data(), o.pos});
      if (mode == ZSTD_e_end ? left == 0 : in.pos == in.size) return;
    }
  }
  std::unique_ptr<Sink> below_;
  ZSTD_CStream* z_;
  bool failed_ = false;
};

}  // namespace

Result<std::unique_ptr<Sink>> Sink::open(const std::string& path) {
  const int fd =
      path == "-" ? STDOUT_FILENO : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return Unexpected(path + ": " + std::strerror(errno));
  std::unique_ptr<Sink> sink = std::make_unique<Plain>(fd, path);
  if (ends_with(path, ".gz")) sink = std::make_unique<Gzip>(std::move(sink));
  if (ends_with(path, ".zst")) sink = std::make_unique<Zstd>(std::move(sink));
  return sink;
}

}  // namespace ringtail::capture
