// SPDX-License-Identifier: GPL-2.0-or-later
// What each modelled call reads as, in the spellings of strace 4.5 to 7, told by the JSON form of the call:
// `name`, the arguments in the kernel's order, and the contents behind its pointers.
#include <algorithm>

#include <gtest/gtest.h>

#include "replay/capture/jsonl.h"
#include "tests/replay/capture/read.h"

namespace ringtail::capture {
namespace {

struct Row {
  std::string_view strace;
  std::string_view json;  // from "name" on, without "ret":0 at its place
};

std::string json_of(const kernel::Call& call) {
  Event e;
  e.kind = Event::Kind::call;
  e.call = call;
  std::string out;
  append_json(out, e);
  const std::size_t from = std::min(out.find("\"name\""), out.find("\"other\""));
  out.erase(0, from);
  out.erase(out.find_last_of('}'));
  if (const std::size_t ret = out.find(",\"ret\":0"); ret != std::string::npos) out.erase(ret, 8);
  return out;
}

void check(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    const kernel::Call call = only_call(std::string(row.strace) + " = 0\n");
    EXPECT_EQ(json_of(call), row.json) << row.strace;
  }
}

TEST(StraceCalls, AddressSpace) {
  check({
      {R"(mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0))",
       R"("name":"mmap","args":[0,8192,3,34,-1,0],"fd":-1)"},
      {R"(mmap(0x7000, 4096, PROT_NONE, MAP_SHARED_VALIDATE|MAP_SYNC, 3</dev/pmem0>, 0x1000))",
       R"("name":"mmap","args":[28672,4096,0,524291,3,4096],"fd":3,"fd_path":"/dev/pmem0")"},
      {R"(mmap(addr=NULL, length=4096, prot=PROT_READ, flags=MAP_PRIVATE, fd=3, offset=0))",
       R"("name":"mmap","args":[0,4096,1,2,3,0],"fd":3)"},
      {R"(mmap(0, 4096, PROT_READ, MAP_FILE|MAP_PRIVATE, 3, 0))",
       R"("name":"mmap","args":[0,4096,1,2,3,0],"fd":3)"},
      {R"(munmap(0x7f12d5a00000, 18446744073709551615))", R"("name":"munmap","args":[139718870171648,-1])"},
      {R"(mremap(0x1000, 4096, 8192, MREMAP_MAYMOVE|MREMAP_FIXED, 0x9000))",
       R"("name":"mremap","args":[4096,4096,8192,3,36864])"},
      {R"(mremap(0x1000, 4096, 8192, 0))", R"("name":"mremap","args":[4096,4096,8192,0])"},
      {R"(mprotect(0x1000, 4096, PROT_READ|PROT_EXEC|PROT_GROWSDOWN))",
       R"("name":"mprotect","args":[4096,4096,16777221])"},
      {R"(brk(NULL))", R"("name":"brk","args":[0])"},
      {R"(brk(0))", R"("name":"brk","args":[0])"},
      {R"(shmat(5, NULL, SHM_RDONLY|SHM_RND))", R"("name":"shmat","args":[5,0,12288])"},
      {R"(shmdt(0x7000))", R"("name":"shmdt","args":[28672])"},
      {R"(mlock2(0x1000, 4096, MLOCK_ONFAULT|0xfffffffe))", R"("name":"mlock2","args":[4096,4096,-1])"},
      {R"(mlockall(MCL_CURRENT|MCL_FUTURE))", R"("name":"mlockall","args":[3])"},
      {R"(munlockall())", R"("name":"munlockall")"},
      {R"(remap_file_pages(0x7000, 4096, PROT_NONE, 1, MAP_FILE|MAP_NONBLOCK))",
       R"("name":"remap_file_pages","args":[28672,4096,0,1,65536])"},
      {R"(pkey_mprotect(0x7000, 4096, PROT_READ|PROT_WRITE, -1))",
       R"("name":"pkey_mprotect","args":[28672,4096,3,-1])"},
  });
}

TEST(StraceCalls, Madvise) {
  check({
      {R"(madvise(0x1000, 4096, MADV_DONTNEED))", R"("name":"madvise","args":[4096,4096,4])"},
      {R"(madvise(0x1000, 4096, 0x66 /* MADV_??? */))", R"("name":"madvise","args":[4096,4096,102])"},
      {R"(madvise(0x1000, 4096, 0xffffffff /* MADV_??? */))", R"("name":"madvise","args":[4096,4096,-1])"},
      {R"(madvise(0x1000, 4096, 0x4))", R"("name":"madvise","args":[4096,4096,4])"},
      {R"(madvise(0x1000, 4096, MADV_TOMORROW))", R"("name":"madvise","args":[4096,4096,null])"},
      {R"(process_madvise(4<anon_inode:[pidfd]>, [{iov_base=0x7000, iov_len=4096}, {iov_base=NULL, iov_len=0}], 2, MADV_COLD, 0))",
       R"("name":"process_madvise","args":[4,null,2,20,0],"fd":4,"fd_path":"anon_inode:[pidfd]","iov":[[28672,4096],[0,0]])"},
      {R"(process_madvise(-1, 0x7ffe0000, 1, MADV_COLD, 0))",
       R"("name":"process_madvise","args":[-1,2147352576,1,20,0],"fd":-1,"iov":"?")"},
  });
}

TEST(StraceCalls, Migration) {
  check({
      {R"(move_pages(0, 2, [0x1000, NULL], [0, 1], [1, -ENOENT], MPOL_MF_MOVE))",
       R"("name":"move_pages","args":[0,2,null,null,null,2],"pages":[4096,0],"nodes":[0,1],"status":[1,-2])"},
      {R"(move_pages(31<comm>, 2, [0x1000, ...], NULL, [-2 /* -ENOENT */, ...], 0x2 /* MPOL_MF_MOVE */))",
       R"("name":"move_pages","args":[31,2,null,0,null,2],"pages":[4096,"..."],"status":[-2,"..."])"},
      {R"(move_pages(0, 2, [0x1000, ... /* 0x7ffe1000 */], [-1, 5], 0x7ffe2000, MPOL_MF_MOVE_ALL))",
       R"("name":"move_pages","args":[0,2,null,null,2147360768,4],"pages":[4096,"..."],"nodes":[-1,5],"status":"?")"},
      {R"(move_pages(0, 0, NULL, NULL, NULL, 0))", R"("name":"move_pages","args":[0,0,0,0,0,0])"},
      {R"(move_pages(0, 0, [], NULL, [], 0))",
       R"("name":"move_pages","args":[0,0,null,0,null,0],"pages":[],"status":[])"},
      {R"(move_pages(0, 2, {0x1000, 0x2000}, {0, 0x1}, {0, 0xfffffff2}, MPOL_MF_MOVE))",  // strace 4.5
       R"("name":"move_pages","args":[0,2,null,null,null,2],"pages":[4096,8192],"nodes":[0,1],"status":[0,-14])"},
      {R"(migrate_pages(0, 65, [0x00000000000001], [0000000000000000]))",
       R"("name":"migrate_pages","args":[0,65,null,null],"mask":[1],"mask2":[0])"},
      {R"(migrate_pages(1, 0, [], NULL))", R"("name":"migrate_pages","args":[1,0,null,0],"mask":[])"},
      {R"(mbind(0x1000, 4096, MPOL_BIND|MPOL_F_STATIC_NODES, [0x00000000000003, 0x80000000000000], 128, MPOL_MF_STRICT|MPOL_MF_MOVE))",
       R"("name":"mbind","args":[4096,4096,32770,null,128,3],"mask":[3,36028797018963968])"},
      {R"(mbind(0x1000, 4096, 0x2 /* MPOL_BIND */, {0x0000000000000001}, 64, 0x3 /* MPOL_MF_STRICT|MPOL_MF_MOVE */))",
       R"("name":"mbind","args":[4096,4096,2,null,64,3],"mask":[1])"},
      {R"(set_mempolicy(MPOL_DEFAULT, NULL, 0))", R"("name":"set_mempolicy","args":[0,0,0])"},
      {R"(get_mempolicy([MPOL_INTERLEAVE], [0x00000000000001], 64, 0x7000, MPOL_F_NODE|MPOL_F_ADDR))",
       R"("name":"get_mempolicy","args":[null,null,64,28672,3],"mask":[1],"outs":[3])"},
      {R"(get_mempolicy(NULL, NULL, 0, NULL, 0))", R"("name":"get_mempolicy","args":[0,0,0,0,0])"},
  });
}

TEST(StraceCalls, AioSubmission) {
  check({
      {R"(io_setup(16, [0x7f10b0531000]))", R"("name":"io_setup","args":[16,null],"outs":[139709654437888])"},
      {R"(io_setup(16, 0x7ffe1000))", R"("name":"io_setup","args":[16,2147356672],"outs":"?")"},
      {R"(io_destroy(0x7000))", R"("name":"io_destroy","args":[28672])"},
      {R"(io_submit(0x7000, 1, [{aio_data=0x10, aio_lio_opcode=IOCB_CMD_PREAD, aio_fildes=3</tmp/a, b>, aio_buf=0x9000, aio_nbytes=4096, aio_offset=-1}]))",
       R"("name":"io_submit","args":[28672,1,null],"iocbs":[{"data":16,"key":0,"opcode":0,"reqprio":0,"fildes":3,"buf":36864,"nbytes":4096,"offset":-1,"flags":0,"resfd":0,"rw_flags":0,"path":"/tmp/a, b"}])"},
      {R"(io_submit(0x7000, 1, [{aio_data=0, aio_lio_opcode=IOCB_CMD_PWRITE, aio_fildes=3, aio_buf="}])\"\\"..., aio_nbytes=4096, aio_offset=0, aio_flags=IOCB_FLAG_RESFD, aio_resfd=4<anon_inode:[eventfd]>}]))",
       R"("name":"io_submit","args":[28672,1,null],"iocbs":[{"data":0,"key":0,"opcode":1,"reqprio":0,"fildes":3,"buf":null,"nbytes":4096,"offset":0,"flags":1,"resfd":4,"rw_flags":0}])"},
      {R"(io_submit(0x7000, 1, [{aio_data=0, aio_lio_opcode=IOCB_CMD_PREADV, aio_fildes=3, aio_buf=[{iov_base=0x1000, iov_len=16}, {iov_base="x"..., iov_len=16}], aio_offset=0}]))",
       R"("name":"io_submit","args":[28672,1,null],"iocbs":[{"data":0,"key":0,"opcode":7,"reqprio":0,"fildes":3,"buf":null,"nbytes":2,"offset":0,"flags":0,"resfd":0,"rw_flags":0,"iov":[[4096,16],[null,16]]}])"},
      {R"(io_submit(0x7000, 1, [{aio_data=0, aio_lio_opcode=5 /* IOCB_CMD_POLL */, aio_fildes=3, aio_buf=0x1 /* POLLIN */}]))",
       R"("name":"io_submit","args":[28672,1,null],"iocbs":[{"data":0,"key":0,"opcode":5,"reqprio":0,"fildes":3,"buf":1,"flags":0,"resfd":0,"rw_flags":0}])"},
      {R"(io_submit(0x7000, 1, [{aio_data=0, aio_key=5, aio_rw_flags=RWF_NOWAIT|0x400, aio_lio_opcode=99 /* IOCB_CMD_??? */, aio_reqprio=-1, aio_fildes=-2}]))",
       R"("name":"io_submit","args":[28672,1,null],"iocbs":[{"data":0,"key":5,"opcode":99,"reqprio":-1,"fildes":-2,"rw_flags":1032}])"},
      {R"(io_submit(0x7000, 1, [{aio_data=0, aio_lio_opcode=IOCB_CMD_PREAD, aio_reqprio=IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4), aio_fildes=3, aio_buf=0, aio_nbytes=1, aio_offset=0, aio_flags=IOCB_FLAG_IOPRIO}]))",
       R"("name":"io_submit","args":[28672,1,null],"iocbs":[{"data":0,"key":0,"opcode":0,"reqprio":16388,"fildes":3,"buf":0,"nbytes":1,"offset":0,"flags":2,"resfd":0,"rw_flags":0}])"},
      {R"(io_submit(0x7000, 1, [{aio_data=0, aio_lio_opcode=0 /* IOCB_CMD_PREAD */, aio_reqprio=0x6004 /* IOPRIO_PRIO_VALUE(0x3 /* IOPRIO_CLASS_IDLE */, 4) */, aio_fildes=3, aio_buf=0, aio_nbytes=1, aio_offset=0, aio_flags=0x2 /* IOCB_FLAG_IOPRIO */}]))",
       R"("name":"io_submit","args":[28672,1,null],"iocbs":[{"data":0,"key":0,"opcode":0,"reqprio":24580,"fildes":3,"buf":0,"nbytes":1,"offset":0,"flags":2,"resfd":0,"rw_flags":0}])"},
      {R"(io_submit(0x7000, 3, [NULL, 0x8, {aio_data=0, aio_lio_opcode=IOCB_CMD_FSYNC, aio_fildes=3}]))",
       R"("name":"io_submit","args":[28672,3,null],"iocbs":[{"address":0,"null":true},{"address":8,"unreadable":true},{"data":0,"key":0,"opcode":2,"reqprio":0,"fildes":3,"rw_flags":0}])"},
      {R"(io_submit(0x7000, 9, [{aio_data=0, aio_lio_opcode=IOCB_CMD_FSYNC, aio_fildes=3}, ...]))",
       R"("name":"io_submit","args":[28672,9,null],"iocbs":[{"data":0,"key":0,"opcode":2,"reqprio":0,"fildes":3,"rw_flags":0},"..."])"},
      {R"(io_submit(0x7000, -1, 0x7ffe1000))",
       R"("name":"io_submit","args":[28672,-1,2147356672],"iocbs":"?")"},
      {R"(io_submit(0x7000, 0, []))", R"("name":"io_submit","args":[28672,0,null],"iocbs":[])"},
      {R"(io_submit(0x7000, 1, NULL))", R"("name":"io_submit","args":[28672,1,0])"},
      // strace 4.x
      {R"(io_submit(0x7000, 1, [{data=0x10, pwrite, fildes=3</a>, str="x"..., nbytes=1, offset=0, resfd=4, flags=1}]))",
       R"("name":"io_submit","args":[28672,1,null],"iocbs":[{"data":16,"key":0,"opcode":1,"reqprio":0,"fildes":3,"buf":null,"nbytes":1,"offset":0,"flags":1,"resfd":4,"path":"/a"}])"},
      {R"(io_submit(0x7000, 1, [{pread, fildes=3, buf=0x9000, nbytes=1, offset=0}]))",
       R"("name":"io_submit","args":[28672,1,null],"iocbs":[{"data":0,"key":0,"opcode":0,"reqprio":0,"fildes":3,"buf":36864,"nbytes":1,"offset":0}])"},
      {R"(io_submit(139709637300224, 1, {{0x9000, 0, 1, 0, 17}}))",
       R"("name":"io_submit","args":[139709637300224,1,null],"iocbs":[{"data":36864,"key":0,"opcode":1,"reqprio":0,"fildes":17}])"},
      {R"(io_submit(0x7000, 2, [{0x8}, NULL]))",
       R"("name":"io_submit","args":[28672,2,null],"iocbs":[{"address":8,"unreadable":true},{"address":0,"null":true}])"},
  });
}

TEST(StraceCalls, AioCompletion) {
  check({
      {R"(io_getevents(0x7000, 1, 16, [{data=0x10, obj=0x9000, res=-5, res2=0}, {data=0, obj=0xa000, res=4096, res2=0}], {tv_sec=1, tv_nsec=500}))",
       R"("name":"io_getevents","args":[28672,1,16,null,null],"events":[[16,36864,-5,0],[0,40960,4096,0]],"timeout_ns":1000000500)"},
      {R"(io_getevents(0x7000, 1, 16, [], NULL))",
       R"("name":"io_getevents","args":[28672,1,16,null,0],"events":[])"},
      {R"(io_getevents(0x7000, -1, 16, 0x7ffe1000, 0x8))",
       R"("name":"io_getevents","args":[28672,-1,16,2147356672,8],"events":"?","timeout_ns":null)"},
      {R"(io_getevents(0x7000, 1, 16, {{(nil), 0x9000, 4096, 0}}, {0, 1000}))",  // strace 4.5
       R"("name":"io_getevents","args":[28672,1,16,null,null],"events":[[0,36864,4096,0]],"timeout_ns":1000)"},
      {R"(io_getevents(0x7000, 1, 16, [{data=0, obj=0x9000, res=1, res2=0}, ...], {tv_sec=-1, tv_nsec=0}))",
       R"("name":"io_getevents","args":[28672,1,16,null,null],"events":[[0,36864,1,0],"..."],"timeout_ns":null)"},
      {R"(io_pgetevents(0x7000, 0, 8, [], {tv_sec=0, tv_nsec=1000}, {sigmask=~[INT RTMIN RT_1], sigsetsize=8}))",
       R"("name":"io_pgetevents","args":[28672,0,8,null,null,null],"outs":[8,1],"events":[],"timeout_ns":1000)"},
      {R"(io_pgetevents(0x7000, 0, 8, [], NULL, {sigmask=NULL, sigsetsize=4}))",
       R"("name":"io_pgetevents","args":[28672,0,8,null,0,null],"outs":[4,0],"events":[])"},
      {R"(io_pgetevents(0x7000, 0, 8, [], NULL, {sigmask=0x7ffe1000, sigsetsize=128}))",
       R"("name":"io_pgetevents","args":[28672,0,8,null,0,null],"outs":[128,2],"events":[])"},
      {R"(io_pgetevents(0x7000, 0, 8, [], NULL, 0x7ffe1000))",
       R"("name":"io_pgetevents","args":[28672,0,8,null,0,2147356672],"events":[])"},
      {R"(io_pgetevents(0x7000, 0, 8, [], NULL, NULL))",
       R"("name":"io_pgetevents","args":[28672,0,8,null,0,0],"events":[])"},
      {R"(io_cancel(0x7000, {aio_data=0x104, aio_lio_opcode=IOCB_CMD_POLL, aio_fildes=5}, 0x7ffe1000))",
       R"("name":"io_cancel","args":[28672,null,2147356672],"iocbs":[{"data":260,"key":0,"opcode":5,"reqprio":0,"fildes":5,"rw_flags":0}],"events":"?")"},
      {R"(io_cancel(0x7000, 0x8, {data=0, obj=0x9000, res=1, res2=0}))",
       R"("name":"io_cancel","args":[28672,8,null],"iocbs":"?","events":[[0,36864,1,0]])"},
      {R"(io_cancel(0x7000, NULL, NULL))", R"("name":"io_cancel","args":[28672,0,0])"},
  });
}

TEST(StraceCalls, Processes) {
  check({
      {R"(fork())", R"("name":"fork")"},
      {R"(clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x9000))",
       R"("name":"clone","args":[18874385,0,false,36864])"},
      {R"(clone(child_stack=0x7000, flags=0x3d0f00 /* CLONE_VM */|17 /* SIGCHLD */, parent_tid=[5], tls=0x1000, child_tidptr=0x2000))",
       R"("name":"clone","args":[4001553,28672,null,8192,4096])"},
      {R"(clone3({flags=CLONE_VM|CLONE_THREAD, child_tid=0x1000, exit_signal=0, stack=0x2000, stack_size=0x1000} => {parent_tid=[5]}, 88))",
       R"("name":"clone3","args":[null,88],"outs":[65792,0])"},
      {R"(clone3({flags=0x4100 /* CLONE_VM|CLONE_VFORK */, exit_signal=SIGCHLD, stack=NULL, stack_size=0}, 88))",
       R"("name":"clone3","args":[null,88],"outs":[16640,17])"},
      {R"(clone3(0x8, 88))", R"("name":"clone3","args":[8,88],"outs":"?")"},
      {R"(execve("/bin/true", ["true", "a\"b"], 0x7ffe1000 /* 41 vars */))",
       R"("name":"execve","args":[null,null,2147356672],"path":"/bin/true")"},
      {R"(execve("/bin/true"..., [...], [/* 41 vars */]))",
       R"("name":"execve","args":[null,null,null],"path":"/bin/true","path_cut":true)"},
      {R"(execveat(AT_FDCWD, "x", NULL, NULL, AT_EMPTY_PATH))",
       R"("name":"execveat","args":[-100,null,0,0,4096],"fd":-100,"path":"x")"},
      {R"(exit_group(-1))", R"("name":"exit_group","args":[-1])"},
  });
}

TEST(StraceCalls, Descriptors) {
  check({
      {R"(openat(AT_FDCWD</tmp>, "a\n\"\\\x41\101", O_RDWR|O_CREAT|O_DIRECT, 0644))",
       R"("name":"openat","args":[-100,null,16450,420],"fd":-100,"fd_path":"/tmp","path":"a\u000a\"\\AA")"},
      {R"(openat(-100 /* AT_FDCWD */</tmp>, NULL, 0))",
       R"("name":"openat","args":[-100,0,0],"fd":-100,"fd_path":"/tmp")"},
      {R"(open("/dev/shm/x"..., O_RDONLY))",
       R"("name":"open","args":[null,0],"path":"/dev/shm/x","path_cut":true)"},
      {R"(close(5<TCP:[127.0.0.1:80->127.0.0.1:4242]>))",
       R"("name":"close","args":[5],"fd":5,"fd_path":"TCP:[127.0.0.1:80->127.0.0.1:4242]")"},
      {R"(close(0</dev/pts/0<char 136:0>>))",
       R"("name":"close","args":[0],"fd":0,"fd_path":"/dev/pts/0<char 136:0>")"},
      {R"(close(4</memfd:x y>(deleted)))",
       R"j("name":"close","args":[4],"fd":4,"fd_path":"/memfd:x y (deleted)")j"},
      {R"(close(4</memfd:x y (deleted)>))",
       R"j("name":"close","args":[4],"fd":4,"fd_path":"/memfd:x y (deleted)")j"},
      {R"(close(3</a\76, b\n>))", R"("name":"close","args":[3],"fd":3,"fd_path":"/a>, b\u000a")"},
      {R"(close_range(3, 4294967295, CLOSE_RANGE_CLOEXEC))",
       R"("name":"close_range","args":[3,4294967295,4])"},
      {R"(dup3(3, 7, O_CLOEXEC))", R"("name":"dup3","args":[3,7,524288],"fd":3)"},
      {R"(fcntl(3, F_DUPFD_CLOEXEC, 60))", R"("name":"fcntl","args":[3,1030,60],"fd":3)"},
      {R"(fcntl(3, F_SETLK, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=0, l_len=1}))",
       R"("name":"fcntl","args":[3,6,null],"fd":3)"},
      {R"(eventfd2(1, EFD_NONBLOCK|EFD_CLOEXEC))", R"("name":"eventfd2","args":[1,526336])"},
      {R"(memfd_create("m", MFD_HUGETLB|21<<MFD_HUGE_SHIFT))",
       R"("name":"memfd_create","args":[null,1409286148],"path":"m")"},
      {R"(ftruncate(3, 8192))", R"("name":"ftruncate","args":[3,8192],"fd":3)"},
      {R"(fallocate(3, FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE, 0, 4096))",
       R"("name":"fallocate","args":[3,3,0,4096],"fd":3)"},
      {R"(pipe2([5<pipe:[1]>, 6<pipe:[1]>], O_CLOEXEC))",
       R"("name":"pipe2","args":[null,524288],"outs":[5,6])"},
      {R"(socketpair(AF_UNIX, SOCK_STREAM, 0, [9<UNIX-STREAM:[1->2]>, 11]))",
       R"("name":"socketpair","args":[1,1,0,null],"outs":[9,11])"},
      {R"(accept4(3, {sa_family=AF_INET, sin_port=htons(1)}, [112 => 16], SOCK_CLOEXEC))",
       R"("name":"accept4","args":[3,null,null,524288],"fd":3)"},
      {R"(pidfd_open(28725<t>, 0))", R"("name":"pidfd_open","args":[28725,0])"},
  });
}

TEST(StraceCalls, OthersAreNamedAndTheirResultRead) {
  const kernel::Call c = only_call("read(3, \") = 7\", 10) = 6\n");
  EXPECT_EQ(c.name, "read");
  EXPECT_EQ(c.out.value, 6);
}

}  // namespace
}  // namespace ringtail::capture
