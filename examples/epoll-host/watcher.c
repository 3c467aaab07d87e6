// A process that knows nothing of Node: it has inherited a descriptor as its number 3 and watches it with
// epoll beside its standard input. Each time it is readable it writes a line; whoever reads the line
// polls, and writes one back, after which it watches again. It ends at the end of its input, with the
// number of times on its last line.
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { POLL_FD = 3 };

static int arm(int epoll, int operation, int fd) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.fd = fd};
  return epoll_ctl(epoll, operation, fd, &event);
}

int main(void) {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  long times = 0;
  if (arm(epoll, EPOLL_CTL_ADD, POLL_FD) < 0 ||
      arm(epoll, EPOLL_CTL_ADD, STDIN_FILENO) < 0) {
    perror("epoll_ctl");
    return 1;
  }
  for (;;) {
    struct epoll_event event;
    if (epoll_wait(epoll, &event, 1, -1) < 1)
      continue;
    if (event.data.fd == POLL_FD) {
      times++;
      puts("poll");
      fflush(stdout);
      continue;
    }
    char polled;
    if (read(STDIN_FILENO, &polled, 1) <= 0)
      break;
    arm(epoll, EPOLL_CTL_MOD, STDIN_FILENO);
    arm(epoll, EPOLL_CTL_MOD, POLL_FD);
  }
  printf("%ld\n", times);
  return 0;
}
