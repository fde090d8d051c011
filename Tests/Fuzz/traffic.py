"""Traffic for a whole gateway: a scripted upstream, raw clients, and what the process holds. Used by process.py and soak.py."""

import asyncio
import collections
import contextlib
import json
import os
import pathlib
import signal
import socket
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Clients"))

from gateway import Gateway  # noqa: E402

# Short, so that what a mutation left hanging ends soon; the upstream must be allowed to fail all the time.
MEMBERS = """
tiers: { free: { models: ["*"] } }
default_tier: free
limits: { header_timeout: 1s, body_timeout: 1s, idle_timeout: 3s, drain_timeout: 5s, connections: 512, body_bytes: 1MiB,
  memory_body_bytes: 4KiB }
log: { level: error, access: false }
"""
UPSTREAM = "{{ base_url: {url}, api_keys: [upstream-key], first_byte_timeout: 2s, idle_timeout: 2s, connect_timeout: 5s }}"

COMPLETION = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "m",
        "backend": {"engine_type": "scripted"},
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "pong"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
    }
).encode()
GOOD_RESPONSE = (
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(COMPLETION) + COMPLETION
)
# The upstream responds well to a request that has this in its body.
GOOD = b"please-respond-well"


def request_bytes(key: str, body: bytes, method=b"POST", path=b"/v1/chat/completions", fields=b"") -> bytes:
    return (
        b"%s %s HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer %s\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n%s\r\n%s" % (method, path, key.encode(), len(body), fields, body)
    )


def good_request(key: str) -> bytes:
    return request_bytes(
        key, json.dumps({"model": "m", "messages": [{"role": "user", "content": GOOD.decode()}]}).encode()
    )


async def read_message(reader: asyncio.StreamReader) -> bytes:
    """A request or response with its body, as far as it came. Knows lengths and chunks, as the gateway writes them."""
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        body = b""
        while not body.endswith(b"0\r\n\r\n"):
            piece = await reader.read(65536)
            if not piece:
                break
            body += piece
        return head + body
    length = 0
    for line in lower.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return head + (await reader.readexactly(length) if length else b"")


def reset(writer: asyncio.StreamWriter) -> None:
    """Closes with a reset, as a client that is killed."""
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


class Upstream:
    """An upstream that responds well to what has `GOOD` in it, and with `respond` to anything else.

    `respond(request)` returns the bytes to send in pieces, and whether to reset the connection after them.
    """

    def __init__(self, respond):
        self.respond = respond
        self.responses = 0
        self.writers = set()

    async def start(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=1 << 20, backlog=512)
        self.url = "http://127.0.0.1:%d/v1" % self.server.sockets[0].getsockname()[1]
        return self

    async def serve(self, reader, writer):
        self.writers.add(writer)
        try:
            while True:
                request = await read_message(reader)
                if GOOD in request:
                    writer.write(GOOD_RESPONSE)
                    await writer.drain()
                    continue
                self.responses += 1
                pieces, with_reset = self.respond(request)
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
                if with_reset:
                    reset(writer)
                return
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # also at the end of the program
        finally:
            self.writers.discard(writer)
            writer.close()

    def close_connections(self):
        """Closes what the gateway keeps open, so that its descriptors can be compared."""
        for writer in list(self.writers):
            writer.close()


async def responds_well(port: int, key: str, timeout=20.0) -> bool:
    """Returns true if the gateway answers a good request with the good response."""

    async def ask():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(good_request(key))
            response = await read_message(reader)
            return response.startswith(b"HTTP/1.1 200 ") and b'"pong"' in response
        finally:
            writer.close()

    try:
        return await asyncio.wait_for(ask(), timeout)
    except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
        return False


def open_files(pid: int) -> list[str]:
    """What the process's descriptors are, without numbers of sockets and pipes."""
    names = []
    for descriptor in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(OSError):
            names.append(os.readlink(f"/proc/{pid}/fd/{descriptor}").partition(":[")[0])
    return sorted(names)


# The ledger's writer and up to two readers, which are opened when they are needed and stay, have the database and its log; they
# share one index.
DATABASE = "propylon.sqlite"
DATABASE_FILES = 2 * (1 + 2) + 1


def descriptors(pid: int) -> int:
    """The process's descriptors, with those of the ledger counted as if all its readers were open."""
    files = open_files(pid)
    database = sum(DATABASE in name for name in files)
    return len(files) - database + max(database, DATABASE_FILES)


def resident(pid: int) -> int:
    """The process's memory in KiB."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


async def settles(check, timeout=30.0) -> bool:
    """Waits until `check()` is true; returns its last value."""
    for _ in range(int(timeout / 0.05)):
        if check():
            return True
        await asyncio.sleep(0.05)
    return check()


class Stand:
    """A gateway in front of the scripted upstream, with a key. `pid` and `port` change when it starts again."""

    def __init__(self, folder, upstream: Upstream):
        self.upstream = upstream
        self.gateway = Gateway(folder, sandbox=False)
        self.gateway.configure("upstream: " + UPSTREAM.format(url=upstream.url) + MEMBERS)
        self.key = ""

    async def start(self):
        await asyncio.to_thread(self.gateway.start)
        if not self.key:
            self.key = str((await asyncio.to_thread(self.gateway.create_key, "fuzz"))[1])
        assert await responds_well(self.port, self.key), "the gateway does not respond at its start"
        # SIGHUP and a full ledger open files that then stay.
        self.gateway.signal(signal.SIGHUP)
        await asyncio.gather(*(responds_well(self.port, self.key) for _ in range(20)))
        self.baseline = await self.resting_descriptors()
        self.baseline_files = open_files(self.pid)
        assert sum(DATABASE in name for name in self.baseline_files) > 0, "the ledger has another name"
        return self

    @property
    def pid(self) -> int:
        return self.gateway.process.pid

    @property
    def port(self) -> int:
        return self.gateway.port

    @property
    def is_alive(self) -> bool:
        return self.gateway.process.poll() is None

    async def resting_descriptors(self) -> int:
        """The descriptors without connections, once their number stays the same for half a second."""
        last, same = -1, 0
        while same < 10:
            self.upstream.close_connections()
            await asyncio.sleep(0.05)
            now = descriptors(self.pid)
            same = same + 1 if now == last else 0
            last = now
        return last

    async def comes_to_rest(self, timeout=30.0) -> bool:
        """Returns true once the process holds no more descriptors than at its start."""

        def is_at_rest():
            self.upstream.close_connections()
            return descriptors(self.pid) <= self.baseline

        return await settles(is_at_rest, timeout)

    @property
    def leak(self) -> str:
        """What the process holds beyond its start, for a message."""
        more = collections.Counter(open_files(self.pid)) - collections.Counter(self.baseline_files)
        return f"{descriptors(self.pid)} descriptors remain of {self.baseline}: {dict(more)}"

    async def stop(self) -> int:
        return await asyncio.to_thread(self.gateway.stop)
