// Runs a command under a filter that refuses system calls with the errno given,
// as containers do: io_uring_setup, or what DENIED lists when it is compiled.
// Usage: deny ERRNO COMMAND...
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef DENIED
#define DENIED SYS_io_uring_setup
#endif

static const unsigned denied[] = {DENIED};
enum { COUNT = sizeof denied / sizeof *denied };

int main(int count, char **arguments) {
  if (count < 3)
    return 2;
  unsigned error = (unsigned)atoi(arguments[1]);
  struct sock_filter filter[2 * COUNT + 2] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
  };
  struct sock_fprog program = {.len = 1, .filter = filter};
  for (int i = 0; i < COUNT; i++) {
    filter[program.len++] = (struct sock_filter)BPF_JUMP(
        BPF_JMP | BPF_JEQ | BPF_K, denied[i], 0, 1);
    filter[program.len++] = (struct sock_filter)BPF_STMT(
        BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error);
  }
  filter[program.len++] =
      (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    return 3;
  execvp(arguments[2], arguments + 2);
  return 4;
}
