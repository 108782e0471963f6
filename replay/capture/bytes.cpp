// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay/capture/bytes.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace ringtail::capture {
namespace {

class FdSource final : public ByteSource {
 public:
  explicit FdSource(int fd) : fd_(fd) {}
  ~FdSource() override {
    if (fd_ != STDIN_FILENO) ::close(fd_);
  }
  std::size_t read(char* out, std::size_t size) override {
    for (;;) {
      const ssize_t n = ::read(fd_, out, size);
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno == EINTR) continue;
      error_ = std::string("reading failed: ") + std::strerror(errno);
      return 0;
    }
  }

 private:
  int fd_;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : rest_(bytes) {}
  std::size_t read(char* out, std::size_t size) override {
    const std::size_t n = std::min(size, rest_.size());
    if (n > 0) std::memcpy(out, rest_.data(), n);
    rest_.remove_prefix(n);
    return n;
  }

 private:
  std::string_view rest_;
};

// Gives back the bytes that were looked at to tell the compression.
class PeekedSource final : public ByteSource {
 public:
  PeekedSource(std::string head, std::unique_ptr<ByteSource> rest)
      : head_(std::move(head)), rest_(std::move(rest)) {}
  std::size_t read(char* out, std::size_t size) override {
    if (used_ < head_.size()) {
      const std::size_t n = std::min(size, head_.size() - used_);
      std::memcpy(out, head_.data() + used_, n);
      used_ += n;
      return n;
    }
    const std::size_t n = rest_->read(out, size);
    if (n == 0) error_ = rest_->error();
    return n;
  }

 private:
  std::string head_;
  std::size_t used_ = 0;
  std::unique_ptr<ByteSource> rest_;
};

constexpr std::size_t kInput = 128 * 1024;

class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(std::unique_ptr<ByteSource> inner) : inner_(std::move(inner)), input_(kInput) {
    if (inflateInit2(&z_, 15 + 16) != Z_OK) ringtail::fatal("inflateInit2");
  }
  ~GzipSource() override { inflateEnd(&z_); }

  std::size_t read(char* out, std::size_t size) override {
    if (done_ || size == 0) return 0;
    z_.next_out = reinterpret_cast<Bytef*>(out);
    z_.avail_out = static_cast<uInt>(std::min<std::size_t>(size, 1u << 30));
    const uInt room = z_.avail_out;
    while (z_.avail_out == room) {
      if (z_.avail_in == 0 && !refill()) break;
      if (ended_) {  // another member follows, as `cat a.gz b.gz` makes them
        inflateReset(&z_);
        ended_ = false;
      }
      const int status = inflate(&z_, Z_NO_FLUSH);
      if (status == Z_STREAM_END) {
        ended_ = true;
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        error_ = std::string("the gzip stream is damaged") + (z_.msg ? std::string(": ") + z_.msg : "");
        done_ = true;
        break;
      }
    }
    return room - z_.avail_out;
  }

 private:
  bool refill() {
    const std::size_t n = inner_->read(input_.data(), input_.size());
    if (n == 0) {
      done_ = true;
      if (!inner_->error().empty()) {
        error_ = inner_->error();
      } else if (!ended_) {
        error_ = "the gzip stream ends early";
      }
      return false;
    }
    z_.next_in = reinterpret_cast<Bytef*>(input_.data());
    z_.avail_in = static_cast<uInt>(n);
    return true;
  }

  std::unique_ptr<ByteSource> inner_;
  std::vector<char> input_;
  z_stream z_{};
  bool ended_ = false;  // the current member is whole
  bool done_ = false;
};

// Frames that ask for a window above this are refused, so that a hostile header cannot take the machine's
// memory.
constexpr int kWindowLog = 25;  // 32 MiB; zstd -19 asks for 8

class ZstdSource final : public ByteSource {
 public:
  explicit ZstdSource(std::unique_ptr<ByteSource> inner) : inner_(std::move(inner)), input_(kInput) {
    stream_ = ZSTD_createDStream();
    if (stream_ == nullptr) ringtail::fatal("ZSTD_createDStream");
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kWindowLog);
  }
  ~ZstdSource() override { ZSTD_freeDStream(stream_); }

  std::size_t read(char* out, std::size_t size) override {
    if (done_ || size == 0) return 0;
    ZSTD_outBuffer to{out, size, 0};
    while (to.pos == 0) {
      if (whole_ && in_.pos == in_.size && !refill()) break;
      const std::size_t status = ZSTD_decompressStream(stream_, &to, &in_);
      if (ZSTD_isError(status)) {
        error_ = std::string("the zstd stream is damaged: ") + ZSTD_getErrorName(status);
        done_ = true;
        break;
      }
      whole_ = status == 0;
      if (to.pos == 0 && !whole_ && in_.pos == in_.size && !refill()) break;
    }
    return to.pos;
  }

 private:
  bool refill() {
    const std::size_t n = inner_->read(input_.data(), input_.size());
    if (n == 0) {
      done_ = true;
      if (!inner_->error().empty()) {
        error_ = inner_->error();
      } else if (!whole_) {
        error_ = "the zstd stream ends early";
      }
      return false;
    }
    in_ = {input_.data(), n, 0};
    return true;
  }

  std::unique_ptr<ByteSource> inner_;
  std::vector<char> input_;
  ZSTD_DStream* stream_ = nullptr;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool whole_ = true;  // the last frame is complete
  bool done_ = false;
};

std::unique_ptr<ByteSource> decompressed(std::unique_ptr<ByteSource> raw) {
  std::string head(4, '\0');
  std::size_t have = 0;
  while (have < head.size()) {
    const std::size_t n = raw->read(head.data() + have, head.size() - have);
    if (n == 0) break;
    have += n;
  }
  head.resize(have);
  const bool gzip = head.starts_with("\x1f\x8b");
  const bool zstd = head == "\x28\xb5\x2f\xfd";
  auto all = std::make_unique<PeekedSource>(std::move(head), std::move(raw));
  if (gzip) return std::make_unique<GzipSource>(std::move(all));
  if (zstd) return std::make_unique<ZstdSource>(std::move(all));
  return all;
}

}  // namespace

Result<std::unique_ptr<ByteSource>> ByteSource::open(const std::string& path) {
  int fd = STDIN_FILENO;
  if (path != "-") {
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return Unexpected(path + ": " + std::strerror(errno));
    struct stat what = {};
    if (::fstat(fd, &what) == 0 && S_ISDIR(what.st_mode)) {
      ::close(fd);
      return Unexpected(path + ": " + std::strerror(EISDIR));
    }
#ifdef POSIX_FADV_SEQUENTIAL
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
  }
  std::unique_ptr<ByteSource> source = decompressed(std::make_unique<FdSource>(fd));
  return source;
}

std::unique_ptr<ByteSource> ByteSource::over(std::string_view bytes) {
  return decompressed(std::make_unique<MemorySource>(bytes));
}

}  // namespace ringtail::capture
