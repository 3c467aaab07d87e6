# What a mounted file system makes of the calls that src/util/file-systems.ts has a column for: two mounts of the same files, and
# a line of JSON. In Python, because Node has no fanotify, and because nothing of the library is to be in between.
import ctypes
import errno
import fcntl
import json
import mmap
import os
import select
import struct
import sys

HERE, THERE = sys.argv[1:3]
F_OFD_SETLK = 37
RENAME_NOREPLACE, RENAME_EXCHANGE = 1, 2
AT_FDCWD = -100
IN_CREATE, IN_NONBLOCK = 0x100, 0o4000
FAN_CLASS_NOTIF, FAN_REPORT_DFID_NAME, FAN_MARK_ADD, FAN_MARK_FILESYSTEM = 0, 0xC00, 1, 0x100
FAN_CREATE, FAN_ONDIR = 0x100, 0x40000000
BLOCK = 4096
EVENT_MS = 1500

libc = ctypes.CDLL(None, use_errno=True)


def outcome(work):
    try:
        found = work()
        return "yes" if found is None else found
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))


def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "")
    return result


def direct():
    path = HERE + "/probe-direct"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_DIRECT, 0o644)
    try:
        with mmap.mmap(-1, BLOCK) as block:
            block[:4] = b"data"
            os.pwritev(fd, [block], 0)
            os.preadv(fd, [block], 0)
            with open(THERE + "/probe-direct", "rb") as other:
                seen = other.read(4) == b"data"
            try:
                os.pwrite(fd, b"odd", 1)
                # A write may have been taken on trust.
                os.fsync(fd)
                return "any length" if seen else "any length, not seen elsewhere"
            except OSError:
                return "whole blocks" if seen else "whole blocks, not seen elsewhere"
    finally:
        try:
            os.close(fd)
        except OSError:
            pass  # the odd write's, again
        os.unlink(path)


def ofd(path):
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.fcntl(fd, F_OFD_SETLK, struct.pack("hhqqi", fcntl.F_WRLCK, 0, 0, 0, 0))
    return fd


def whole(path):
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return fd


def lock(take, second):
    """Whether another process is kept out, on this mount or another one."""
    held = take(HERE + "/probe-lock")
    try:
        pid = os.fork()
        if pid == 0:
            try:
                take(second + "/probe-lock")
                os._exit(0)
            except OSError as error:
                os._exit(error.errno)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        return "not kept out" if status == 0 else "kept out (%s)" % errno.errorcode[status]
    finally:
        os.close(held)


def rename(flags, names):
    for name in names:
        open(HERE + "/" + name, "w").close()
    old, new = [(HERE + "/" + name).encode() for name in ("probe-a", "probe-b")]
    try:
        checked(libc.renameat2(AT_FDCWD, old, AT_FDCWD, new, flags))
    finally:
        for name in (old, new):
            if os.path.exists(name):
                os.unlink(name)


def copy():
    path = HERE + "/probe-copy"
    with open(path, "wb") as file:
        file.write(b"x" * 1000000)
    try:
        with open(path, "rb") as source, open(path + "2", "wb") as target:
            # From one file of the file system to another one: a short count is a success, too.
            return "yes" if os.copy_file_range(source.fileno(), target.fileno(), 1000000) > 0 else "0 bytes"
    finally:
        os.unlink(path)
        os.unlink(path + "2")


def sees(watch, point):
    name = point + "/probe-event"
    open(name, "w").close()
    poll = select.poll()
    poll.register(watch, select.POLLIN)
    seen = bool(poll.poll(EVENT_MS))
    if seen:
        os.read(watch, 4096)
    os.unlink(name)
    return "seen" if seen else "not seen"


def inotify(point):
    watch = checked(libc.inotify_init1(IN_NONBLOCK))
    try:
        checked(libc.inotify_add_watch(watch, HERE.encode(), IN_CREATE))
        return sees(watch, point)
    finally:
        os.close(watch)


def fanotify(point):
    watch = checked(libc.fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME, os.O_RDONLY))
    try:
        mask = ctypes.c_uint64(FAN_CREATE | FAN_ONDIR)
        how = FAN_MARK_ADD | FAN_MARK_FILESYSTEM
        checked(libc.fanotify_mark(watch, how, mask, AT_FDCWD, HERE.encode()))
        return sees(watch, point)
    finally:
        os.close(watch)


print(
    json.dumps(
        {
            "O_DIRECT": outcome(direct),
            "OFD lock, one mount": outcome(lambda: lock(ofd, HERE)),
            "OFD lock, two mounts": outcome(lambda: lock(ofd, THERE)),
            "flock, two mounts": outcome(lambda: lock(whole, THERE)),
            "RENAME_NOREPLACE, new name": outcome(lambda: rename(RENAME_NOREPLACE, ["probe-a"])),
            "RENAME_EXCHANGE": outcome(lambda: rename(RENAME_EXCHANGE, ["probe-a", "probe-b"])),
            "copy_file_range": outcome(copy),
            "inotify, own changes": outcome(lambda: inotify(HERE)),
            "inotify, others' changes": outcome(lambda: inotify(THERE)),
            "fanotify, own changes": outcome(lambda: fanotify(HERE)),
            "fanotify, others' changes": outcome(lambda: fanotify(THERE)),
        }
    )
)
