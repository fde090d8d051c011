"""Lets a gateway work for a while with clients that come, go and break off, reloads, and an upstream that fails.

usage: soak.py [--minutes N] [--seed N]

After the first minute, or a quarter of a shorter time, descriptors and memory must be flat: at rest no more descriptors than at
the start, and memory that does not grow. The journal must be empty at rest, and its file must not grow. Prints numbers.
"""

import argparse
import asyncio
import json
import pathlib
import random
import signal
import statistics
import sys
import tempfile
import time
import urllib.request

import traffic

CLIENTS = 60
# Growth that is noise: heaps keep what one peak needed.
MEMORY_GROWTH = 1.15
MEMORY_NOISE_KIB = 8 * 1024


class Soak:
    def __init__(self, seed: int):
        self.chance = random.Random(seed)
        self.counts = {"good": 0, "failed": 0, "aborted": 0, "reloads": 0}
        self.faults: list[str] = []

    def respond(self, _request: bytes):
        """One of the ways in which an upstream fails, or a stream."""
        event = b'data: {"id":"c-1","model":"m","backend":{"e":1},"choices":[{"delta":{"content":"a"}}]}\n\n'
        # It closes after each of these. A request on a connection that is being closed may fail, and must not here.
        close = b"connection: close\r\n"
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n%s\r\n" % close
        chunk = b"%x\r\n%s\r\n" % (len(event), event)
        return self.chance.choice(
            (
                ([head] + [chunk] * 20 + [b"0\r\n\r\n"], False),
                ([head] + [chunk] * 5, True),
                ([head] + [chunk] * 5, False),
                ([], True),
                ([b"HTTP/1.1 503 No\r\ncontent-length: 2\r\n%s\r\n{}" % close], False),
                ([b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"], False),
                ([b"nonsense\r\n\r\n"], False),
            )
        )

    async def client(self, stand: traffic.Stand):
        """One connection: good requests, one that the upstream fails, or one that the client breaks off."""
        kind = self.chance.choice(("good", "failed", "aborted"))
        writer = None
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
            if kind == "good":
                for _ in range(self.chance.randint(1, 5)):
                    writer.write(traffic.good_request(stand.key))
                    response = await asyncio.wait_for(traffic.read_message(reader), 20)
                    if not response.startswith(b"HTTP/1.1 200 "):
                        self.faults.append(f"a good request got {response[-300:]!r}")
            else:
                plain = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "x" * 3000}]}
                request = traffic.request_bytes(stand.key, json.dumps(plain).encode())
                writer.write(request if kind == "failed" else request[: self.chance.randint(1, len(request))])
                if kind == "failed":
                    await asyncio.wait_for(reader.read(4096), 20)
                else:
                    await asyncio.sleep(self.chance.random() * 0.02)
            self.counts[kind] += 1
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
            if kind == "good":
                self.faults.append(f"a good request failed: {error!r}")
        finally:
            if writer:
                traffic.reset(writer) if self.chance.random() < 0.3 else writer.close()

    async def churn(self, stand: traffic.Stand, until: float):
        while time.monotonic() < until and stand.is_alive and not self.faults:
            await self.client(stand)

    async def reload(self, stand: traffic.Stand, until: float):
        while time.monotonic() < until and stand.is_alive and not self.faults:
            await asyncio.sleep(self.chance.random() * 4)
            stand.gateway.signal(signal.SIGHUP)
            self.counts["reloads"] += 1

    async def round(self, stand: traffic.Stand, seconds: float) -> tuple[int, int]:
        """Works for so long, then rests. Returns memory and the journal's file in KiB, once the descriptors are back."""
        until = time.monotonic() + seconds
        await asyncio.gather(self.reload(stand, until), *(self.churn(stand, until) for _ in range(CLIENTS)))
        assert not self.faults, self.faults[0]
        assert stand.is_alive, f"the process ended with status {stand.gateway.process.poll()}"
        assert await stand.comes_to_rest(), stand.leak
        assert await traffic.settles(lambda: journaled(stand) == 0), f"{journaled(stand)} requests stay in the journal"
        journal = pathlib.Path(stand.gateway.folder, "data", "journal").stat().st_size // 1024
        return traffic.resident(stand.pid), journal

    async def run(self, minutes: float) -> int:
        upstream = await traffic.Upstream(self.respond).start()
        with tempfile.TemporaryDirectory() as folder:
            stand = await traffic.Stand(folder, upstream).start()
            seconds = minutes * 60
            rounds = max(4, round(seconds / 20))
            samples = []
            try:
                for number in range(rounds):
                    samples.append(await self.round(stand, seconds / rounds))
                    print(
                        f"round {number + 1} of {rounds}: {samples[-1][0]} KiB of memory, journal {samples[-1][1]} KiB, "
                        f"{traffic.descriptors(stand.pid)} descriptors of {stand.baseline}, {self.counts}",
                        flush=True,
                    )
                self.check(samples)
                assert await stand.stop() == 0, "SIGTERM did not end the process with status 0"
            except AssertionError as fault:
                print(f"fault: {fault}\n{stand.gateway.log.text[-4000:]}")
                return 1
            finally:
                if stand.is_alive:
                    stand.gateway.process.kill()
        print(f"flat over {minutes:g} minutes")
        return 0

    @staticmethod
    def check(samples: list[tuple[int, int]]):
        """Compares the last third with what was there after warming up."""
        warm = samples[max(1, len(samples) // 4) :]
        third = max(1, len(warm) // 3)
        before = statistics.median(memory for memory, _ in warm[:third])
        after = statistics.median(memory for memory, _ in warm[-third:])
        assert after <= max(before * MEMORY_GROWTH, before + MEMORY_NOISE_KIB), f"memory grew from {before} to {after} KiB"
        assert warm[-1][1] <= warm[0][1], f"the journal grew from {warm[0][1]} to {warm[-1][1]} KiB"


def journaled(stand: traffic.Stand) -> int:
    """The requests in the journal, by the gateway's metrics."""
    page = urllib.request.urlopen(f"http://127.0.0.1:{stand.gateway.admin_port}/metrics", timeout=5).read().decode()
    lines = (line.split() for line in page.splitlines() if line.startswith("propylon_journal_requests "))
    return int(float(next(lines)[1]))


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = options.parse_args()
    print(f"seed {options.seed}")
    return asyncio.run(Soak(options.seed).run(options.minutes))


if __name__ == "__main__":
    sys.exit(main())
