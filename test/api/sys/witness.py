"""What the system says without this library: one command, its result as JSON."""

import ctypes
import errno
import fcntl
import json
import mmap
import os
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
# struct flock on 64-bit Linux: type, whence, start, length, pid.
FLOCK = "hhqqi4x"
F_OFD_SETLK = 37


def outcome(result):
    return 0 if result == 0 else -ctypes.get_errno()


def fallocate(path, mode, offset, length):
    with open(path, "r+b") as file:
        size = ctypes.c_int64
        return outcome(libc.fallocate(file.fileno(), mode, size(offset), size(length)))


def seeks(path, places):
    """Where each of the seeks ends, or its negative errno."""
    ends = []
    with open(path, "rb") as file:
        for offset, whence in places:
            try:
                ends.append(os.lseek(file.fileno(), offset, whence))
            except OSError as error:
                ends.append(-error.errno)
    return ends


def resident(path):
    """One for each page that is in the page cache."""
    libc.mmap.restype = ctypes.c_void_p
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        at = libc.mmap(None, ctypes.c_size_t(size), 1, 1, file.fileno(), ctypes.c_long(0))
        pages = (ctypes.c_ubyte * ((size + mmap.PAGESIZE - 1) // mmap.PAGESIZE))()
        libc.mincore(ctypes.c_void_p(at), ctypes.c_size_t(size), pages)
        libc.munmap(ctypes.c_void_p(at), ctypes.c_size_t(size))
        return [page & 1 for page in pages]


def evict(path):
    with open(path, "r+b") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def getxattr(path, name, follow):
    return os.getxattr(path, name, follow_symlinks=follow).hex()


def setxattr(path, name, value, follow):
    os.setxattr(path, name, bytes.fromhex(value), follow_symlinks=follow)


def listxattr(path, follow):
    return sorted(os.listxattr(path, follow_symlinks=follow))


def scandir(path):
    return sorted([entry.name, entry.inode()] for entry in os.scandir(path))


def try_flock(path, operation):
    with open(path, "r+b") as file:
        try:
            fcntl.flock(file, operation | fcntl.LOCK_NB)
            return 0
        except OSError as error:
            return -error.errno


def try_ofd(path, kind, start, length):
    with open(path, "r+b") as file:
        try:
            fcntl.fcntl(file, F_OFD_SETLK, struct.pack(FLOCK, kind, 0, start, length, 0))
            return 0
        except OSError as error:
            return -error.errno


def hold(*paths):
    """Holds a lock of each whole file until a line of its input has the file's number, or that ends."""
    files = [open(path, "r+b") for path in paths]
    for file in files:
        fcntl.flock(file, fcntl.LOCK_EX)
        fcntl.fcntl(file, F_OFD_SETLK, struct.pack(FLOCK, fcntl.F_WRLCK, 0, 0, 0, 0))
    print("held", flush=True)
    for line in sys.stdin:
        files[int(line)].close()


def run(name, args):
    try:
        return json.dumps(globals()[name](*args))
    except OSError as error:
        return json.dumps({"errno": errno.errorcode[error.errno]})


def serve(requests, replies):
    """Commands line by line, each in a process of its own: what it opens and locks ends with it."""
    with open(requests) as lines, open(replies, "w") as out:
        for line in lines:
            name, *args = json.loads(line)
            child = os.fork()
            if child == 0:
                try:
                    print(run(name, args), file=out, flush=True)
                    os._exit(0)
                finally:
                    os._exit(1)
            if os.waitpid(child, 0)[1] != 0:
                print(json.dumps({"failed": line}), file=out, flush=True)


name, *args = sys.argv[1:]
if name == "serve":
    serve(*args)
else:
    hold(*map(json.loads, args))
