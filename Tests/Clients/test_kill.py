"""`kill -9` at random moments under load: every response that a client saw complete has exactly one row, and so has every request that was
sent upstream.

`PROPYLON_KILL_ROUNDS` is the number of rounds, 5 by default."""

import asyncio
import collections
import os
import random
import signal
import sqlite3
import uuid

from gateway import Gateway, eventually
from wire import chat_request

ROUNDS = int(os.environ.get("PROPYLON_KILL_ROUNDS", "5"))
HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]


class Client:
    """Sends requests over kept-alive connections, and records complete responses: request ids and output tokens."""

    def __init__(self, gateway, key, chance):
        self.gateway, self.key, self.chance, self.complete = gateway, key, chance, []

    async def run(self):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.gateway.port)
            except ConnectionError:
                return
            try:
                while True:
                    await self.ask(reader, writer)
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            finally:
                writer.close()

    async def ask(self, reader, writer):
        streams = self.chance.random() < 0.6
        tokens = self.chance.randrange(1, 30)
        body = {"model": f"sandbox:tokens={tokens},interval=2ms", "messages": HELLO, "stream": streams}
        writer.write(chat_request(self.key, body))
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
        assert head.startswith("http/1.1 200"), head
        if "content-length" in fields:
            await reader.readexactly(int(fields["content-length"]))
        else:
            while size := int(await reader.readuntil(b"\r\n"), 16):
                await reader.readexactly(size + 2)
            await reader.readexactly(2)
        self.complete.append((fields["x-request-id"], tokens))


def test_kill_9_at_random_moments(sandbox, tmp_path):  # noqa: F811
    url, billed = sandbox
    chance = random.Random(os.environ.get("PROPYLON_SEED", "1"))
    gateway = Gateway(tmp_path, "log: { access: false }\n", upstream=f"{url}/v1").start()
    identifier, key = gateway.create_key("survivor")
    complete = []

    async def round_of_load():
        clients = [Client(gateway, key, chance) for _ in range(16)]
        tasks = [asyncio.create_task(client.run()) for client in clients]
        await asyncio.sleep(chance.uniform(0.02, 0.4))
        gateway.signal(signal.SIGKILL)
        await asyncio.gather(*tasks)
        for client in clients:
            complete.extend(client.complete)

    for _ in range(ROUNDS):
        asyncio.run(round_of_load())
        gateway.process.wait()
        gateway.start()
    assert eventually(lambda: gateway.run("status").returncode == 0)
    assert gateway.stop() == 0

    ledger = next((tmp_path / "data").glob("*.sqlite"))
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as database:
        rows = {
            str(uuid.UUID(bytes=row[0])): row[1:]
            for row in database.execute(
                "SELECT id, output_tokens, exactness, ending, status FROM usage WHERE endpoint = 'chat/completions'"
            )
        }
    assert len(complete) > ROUNDS * 10
    assert len({request for request, _ in complete}) == len(complete)
    for request, tokens in complete:
        assert rows[request] == (tokens, "exact", "complete", 200), (request, tokens, rows[request])
    # The id is the primary key, so no row is there twice. Every request that was sent upstream has a row.
    forwarded = sum(row["requests"] for row in billed().values())
    assert len(rows) >= forwarded
    interrupted = collections.Counter(row[2] for row in rows.values())
    assert set(interrupted) <= {"complete", "gateway_died", "upstream_failed"}, interrupted
    assert interrupted["gateway_died"] <= 16 * ROUNDS
    for tokens, exactness, ending, _ in rows.values():
        assert exactness == ("interrupted" if ending == "gateway_died" and tokens else exactness)
