# A file system in user space that can be made to stop responding: FUSE's protocol spoken raw over
# /dev/fuse, so that no library is needed. Started with the folder to mount on; it serves FILES files,
# file-0 and on, of 4096 bytes each, and takes a word per line on its standard input:
#
#   stop      takes no more requests off the queue: a process that waits for one can still be killed
#   swallow   takes them and never responds: waiting processes can only be freed by the end of this one
#   go        responds again
#   stale     the next read fails with ESTALE, as of a file that another machine has replaced; two words, two reads
#
# It prints each word back. At the end of its input it fails all requests and unmounts.
import ctypes
import os
import select
import stat
import struct
import sys

FILES, FILE_BYTES, ROOT = 64, 4096, 1
LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE = 1, 2, 3, 14, 15, 17, 18
INIT, OPENDIR, READDIR, RELEASEDIR, INTERRUPT, BATCH_FORGET = 26, 27, 28, 29, 36, 42
NO_REPLY = (FORGET, INTERRUPT, BATCH_FORGET)
ENOENT, ENOSYS, ESTALE = 2, 38, 116
MS_NOSUID, MS_NODEV, MNT_DETACH = 2, 4, 2
REQUEST_MAX_BYTES = 1 << 17
# Names and attributes may be kept: a dead file system's are still in the kernel's memory.
NAME_SECONDS = 3600


def attributes(node):
    folder = node == ROOT
    mode = stat.S_IFDIR | 0o755 if folder else stat.S_IFREG | 0o644
    size = 0 if folder else FILE_BYTES
    numbers = (node, size, size // 512, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)
    return struct.pack("=6Q10I", *numbers)


def lookup(body):
    name = body.split(b"\0")[0]
    number = name[5:]
    if not (name.startswith(b"file-") and number.isdigit() and int(number) < FILES):
        return -ENOENT
    node = int(number) + 2
    return struct.pack("=4Q2I", node, 0, NAME_SECONDS, 0, 0, 0) + attributes(node)


def listing(body):
    _, offset, room = struct.unpack_from("=QQI", body)
    entries = b""
    for i in range(offset, FILES):
        name = b"file-%d" % i
        entry = struct.pack("=QQII", i + 2, i + 1, len(name), 8) + name
        entry += b"\0" * (-len(entry) % 8)
        if len(entries) + len(entry) > room:
            break
        entries += entry
    return entries


def content(node, body):
    _, offset, size = struct.unpack_from("=QQI", body)
    return bytes([node & 255]) * max(0, min(size, FILE_BYTES - offset))


def read(node, body):
    global stale
    if stale == 0:
        return content(node, body)
    stale -= 1
    return -ESTALE


def reply(op, node, body):
    if op == INIT:
        minor = struct.unpack_from("=2I", body)[1]
        return struct.pack("=4I2H2I", 7, min(minor, 31), 0, 0, 0, 0, 4096, 1) + bytes(36)
    if op == LOOKUP:
        return lookup(body)
    if op == GETATTR:
        return struct.pack("=Q2I", 0, 0, 0) + attributes(node)
    if op in (OPEN, OPENDIR):
        # 1: not through the page cache, so that every read arrives here.
        return struct.pack("=Q2I", 0, 1, 0)
    if op == READ:
        return read(node, body)
    if op == READDIR:
        return listing(body)
    if op == STATFS:
        return struct.pack("=5Q4I", 0, 0, 0, FILES, 0, 512, 255, 512, 0) + bytes(24)
    if op in (RELEASE, RELEASEDIR):
        return b""
    return -ENOSYS


def serve(device):
    request = os.read(device, REQUEST_MAX_BYTES)
    _, op, unique, node = struct.unpack_from("=2I2Q", request)
    if op in NO_REPLY or serving == "swallow":
        return
    out = reply(op, node, request[40:])
    error, data = (out, b"") if isinstance(out, int) else (0, out)
    os.write(device, struct.pack("=IiQ", 16 + len(data), error, unique) + data)


folder = sys.argv[1].encode()
libc = ctypes.CDLL(None, use_errno=True)
device = os.open("/dev/fuse", os.O_RDWR)
how = b"fd=%d,rootmode=40000,user_id=%d,group_id=%d,allow_other" % (device, os.getuid(), os.getgid())
if libc.mount(b"mortal-fs", folder, b"fuse.mortal", MS_NOSUID | MS_NODEV, how) != 0:
    sys.exit("mount: " + os.strerror(ctypes.get_errno()))
serving = "go"
stale = 0
print("mounted", flush=True)
try:
    while True:
        watched = [0] if serving == "stop" else [0, device]
        ready = select.select(watched, [], [])[0]
        if device in ready:
            serve(device)
        if 0 in ready:
            word = os.read(0, 64).decode().strip()
            if word == "":
                break
            if word == "stale":
                stale += 1
            else:
                serving = word
            print(word, flush=True)
finally:
    # Processes that wait get an error, and can end.
    os.close(device)
    libc.umount2(folder, MNT_DETACH)
