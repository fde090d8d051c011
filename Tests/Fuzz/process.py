"""Sends mutated requests and responses through a whole gateway, with SIGHUP and SIGTERM at random.

usage: process.py [--mutations N] [--seed N]

The process must not end but by SIGTERM, with status 0; it must respond well to a good request after each batch; and its
descriptors must return to their number at the start. Prints what it did; the exit status is 1 after a fault.
"""

import argparse
import asyncio
import json
import random
import signal
import sys
import tempfile
import time

import referees
import traffic

BATCH = 100  # connections at once


def request_seeds(key: str) -> list[bytes]:
    chat = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 5, "n": 2}
    form = (
        b'--B\r\ncontent-disposition: form-data; name="model"\r\n\r\nm\r\n--B\r\ncontent-disposition: form-data; name="file"; '
        b'filename="a.wav"\r\n\r\nRIFF\x24\x08\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x80\x3e\x00\x00\x00\x7d\x00\x00'
        b"\x02\x00\x10\x00data\x00\x08\x00\x00" + bytes(40) + b"\r\n--B--\r\n"
    )  # fmt: skip
    upload = traffic.request_bytes(key, form, path=b"/v1/audio/transcriptions").replace(
        b"application/json", b"multipart/form-data; boundary=B"
    )
    body = json.dumps(chat).encode()
    chunks = b"%x\r\n%s\r\n0\r\nx: y\r\n\r\n" % (len(body), body)
    head = traffic.request_bytes(key, b"").replace(b"content-length: 0", b"transfer-encoding: chunked")
    upgrade = (
        b"GET /v1/realtime?model=m HTTP/1.1\r\nhost: a\r\nauthorization: Bearer %s\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x85\x00\x00\x00\x00hello" % key.encode()
    )  # fmt: skip
    return [
        traffic.request_bytes(key, body),
        traffic.request_bytes(key, json.dumps(chat | {"stream": True}).encode()),
        traffic.request_bytes(key, json.dumps({"model": "m", "input": ["a", "b"]}).encode(), path=b"/v1/embeddings"),
        head + chunks,
        upload,
        upgrade,
        traffic.request_bytes(key, b"", method=b"GET", path=b"/v1/models?x=%41"),
        traffic.request_bytes(key, b"", method=b"GET", path=b"/v1/files?limit=20&after=file-1"),
        traffic.request_bytes("sk-ppl-wrong", body, fields=b"expect: 100-continue\r\n"),
    ]


def response_seeds() -> list[bytes]:
    def head(fields: bytes, status=b"200 OK") -> bytes:
        return b"HTTP/1.1 %s\r\n%s\r\n" % (status, fields)

    event = b'data: {"id":"c-1","model":"m","backend":{"e":1},"choices":[{"delta":{"content":"a"}}],"usage":null}\n\n'
    stream = event * 3 + b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":3}}\n\ndata: [DONE]\n\n'
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(event), event) for _ in range(3)) + b"0\r\n\r\n"
    models = b'{"object":"list","data":[{"id":"m"},{"id":"other"}]}'
    error = b'{"error":{"message":"no","type":"server_error"}}'
    return [
        traffic.GOOD_RESPONSE,
        head(b"content-type: text/event-stream\r\n") + stream,
        head(b"content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n") + chunks,
        head(b"content-type: application/json\r\ncontent-length: %d\r\n" % len(models)) + models,
        head(b"content-type: application/json\r\ncontent-length: %d\r\nretry-after: 1\r\n" % len(error), b"503 No") + error,
        head(b"content-type: application/json\r\nx-ratelimit-reset-requests: 1s\r\ncontent-length: 2\r\n", b"429 Wait") + b"{}",
        head(b"upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", b"101 Switch")
        + b"\x81\x05hello\x88\x02\x03\xe8",
        head(b"", b"100 Continue") + traffic.GOOD_RESPONSE,
        head(b"", b"204 Nothing"),
        head(b"content-type: application/json\r\ncontent-encoding: gzip\r\n") + b"\x1f\x8b\x08\x00" + bytes(20),
    ]  # fmt: skip


class Fuzzer:
    def __init__(self, seed: int):
        self.chance = random.Random(seed)
        self.responses = response_seeds()
        self.requests: list[bytes] = []
        self.counts = {"requests": 0, "reloads": 0, "stops": 0, "batches": 0}

    def mutate(self, seeds: list[bytes]) -> bytes:
        telling = referees.TELLING[self.chance.choice(("http", "j", "m"))]
        return referees.mutated(self.chance.choice(seeds), self.chance, telling)

    def respond(self, _request: bytes):
        data = self.mutate(self.responses)
        cut = self.chance.randint(0, len(data)) if self.chance.random() < 0.5 else len(data)
        return [data[:cut], data[cut:]], self.chance.random() < 0.2

    async def client(self, port: int):
        """Sends good requests, of which the upstream makes something, or a mutated one, and leaves in one of several ways."""
        if self.chance.random() < 0.5:
            data = [self.chance.choice(self.requests) for _ in range(self.chance.randint(1, 3))]
        else:
            # After a fault the gateway closes, so that only the first of several mutations would be read.
            data = [self.chance.choice(self.requests)] * self.chance.randint(0, 1) + [self.mutate(self.requests)]
            self.counts["requests"] += 1
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return
        try:
            for piece in data:
                cut = self.chance.choice((len(piece), len(piece), self.chance.randint(0, len(piece))))
                writer.write(piece[:cut])
                # Some clients read each response first, and some send everything at once.
                if self.chance.random() < 0.5:
                    await asyncio.wait_for(reader.read(65536), 0.1)
                writer.write(piece[cut:])
            if self.chance.random() < 0.5:
                writer.write_eof()
            await asyncio.wait_for(reader.read(), self.chance.choice((0.05, 0.3)))
        except (OSError, asyncio.TimeoutError):
            pass
        finally:
            traffic.reset(writer) if self.chance.random() < 0.3 else writer.close()

    async def run(self, mutations: int) -> int:
        upstream = await traffic.Upstream(self.respond).start()
        with tempfile.TemporaryDirectory() as folder:
            stand = await traffic.Stand(folder, upstream).start()
            self.requests = request_seeds(stand.key)
            started = time.monotonic()
            try:
                while self.counts["requests"] + upstream.responses < mutations:
                    await self.batch(stand)
                assert await stand.comes_to_rest(), stand.leak
                assert await stand.stop() == 0, "SIGTERM did not end the process with status 0"
            except AssertionError as fault:
                print(f"fault: {fault}\nseen: {self.counts}\n{stand.gateway.log.text[-4000:]}")
                return 1
            finally:
                if stand.is_alive:
                    stand.gateway.process.kill()
            sent = self.counts["requests"] + upstream.responses
            print(
                f"{sent} mutations ({self.counts['requests']} requests, {upstream.responses} responses) in "
                f"{time.monotonic() - started:.0f} s: {self.counts['batches']} batches, each followed by a good response, "
                f"{self.counts['reloads']} reloads, {self.counts['stops']} stops, no fault"
            )
            return 0

    async def batch(self, stand: traffic.Stand):
        self.counts["batches"] += 1
        clients = asyncio.gather(*(self.client(stand.port) for _ in range(BATCH)))
        event = self.chance.random()
        if event < 0.02:
            await asyncio.sleep(self.chance.random() * 0.3)
            self.counts["stops"] += 1
            status = await stand.stop()
            await clients
            assert status == 0, f"SIGTERM ended the process with status {status}"
            await stand.start()
            return
        if event < 0.15:
            await asyncio.sleep(self.chance.random() * 0.1)
            self.counts["reloads"] += 1
            stand.gateway.signal(signal.SIGHUP)
        await clients
        assert stand.is_alive, f"the process ended with status {stand.gateway.process.poll()}"
        # A connection on which the upstream sends nonsense and closes may take one request with it, and one retry.
        for _ in range(3):
            if await traffic.responds_well(stand.port, stand.key):
                break
        else:
            raise AssertionError("a good request got no good response three times")
        if self.counts["batches"] % 50 == 0:
            assert await stand.comes_to_rest(), stand.leak
        if self.counts["batches"] % 200 == 0:
            print(f"{self.counts} and {stand.upstream.responses} responses so far", flush=True)


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--mutations", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = options.parse_args()
    print(f"seed {options.seed}", flush=True)
    return asyncio.run(Fuzzer(options.seed).run(options.mutations))


if __name__ == "__main__":
    sys.exit(main())
