"""Every path is admitted, bounded and billed: chat and all that is not chat, faults, clients that leave, and `kill -9`.

At the end the ledger has the upstream's numbers wherever it stated any, every other row is flagged, nothing that was sent has no row, and
the limits are the ledger's sums to the nano-euro. 3,000 requests here; `PROPYLON_MIXED_REQUESTS=100000` for the long run."""

import asyncio
import collections
import decimal
import json
import os
import random
import signal
import sqlite3
import threading

from gateway import TIMEOUT, Gateway, eventually
from ports import free_port
from test_metering_totals import make

REQUESTS = int(os.environ.get("PROPYLON_MIXED_REQUESTS", "3000"))
KILLS = 3
# So many that each stays below the 200 models a day that the ledger tells apart.
KEYS = max(6, REQUESTS // 500)
# Large enough to refuse nothing, so that what is counted is what was sent.
TIERS = """
default_tier: counted
tiers:
  counted: { budget_eur_per_month: 1000000, budget_eur_per_day: 1000000, tokens_per_day: 1000000000000, requests_per_day: 100000000 }
teams: { everybody: { tier: counted } }
log: { level: error, access: false }
"""
UPGRADE = (
    "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
TEXT = "PROMPT-MARKER once upon a time there was a gateway"


class Front:
    """Stands before the sandbox. It has what the sandbox has not: Messages, Responses, and paths that nobody knows. A model's name says what
    is answered, as in `front:input=7,output=9,form=messages`. `totals` has requests and stated tokens by model."""

    FORMS = {
        "messages": lambda i, o: {"id": "msg_1", "type": "message", "usage": {"input_tokens": i, "output_tokens": o}},
        "responses": lambda i, o: {
            "id": "resp_1", "usage": {"input_tokens": i, "output_tokens": o, "total_tokens": i + o}, "status": "completed",
        },
        "openai": lambda i, o: {"usage": {"prompt_tokens": i, "completion_tokens": o}, "answer": "some words"},
        "none": lambda i, o: {"answer": "words that nobody has counted " * 4},
    }

    def __init__(self, sandbox):
        self.sandbox_port = int(sandbox.rpartition(":")[2])
        self.totals = collections.defaultdict(collections.Counter)
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()

        async def listen():
            server = await asyncio.start_server(self.serve, "127.0.0.1", 0, limit=1 << 26)
            self.url = "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
            ready.set()
            await asyncio.Event().wait()

        threading.Thread(target=lambda: self.loop.run_until_complete(listen()), daemon=True).start()
        assert ready.wait(TIMEOUT)

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode("latin-1").lower().split("\r\n")
                fields = dict(line.split(": ", 1) for line in lines[1:-2])
                if lines[0].split()[1].startswith(("/v1/messages", "/v1/responses", "/v1/unheard-of")):
                    body = await reader.readexactly(int(fields.get("content-length", 0)))
                    if not await self.answer(json.loads(body), writer):
                        return
                else:
                    return await self.splice(head, fields, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, body, writer):
        """Answers a request of its own; returns False where the connection ends with it."""
        settings = dict(part.split("=") for part in body["model"].removeprefix("front:").split(","))
        fault = settings.get("fault")
        usage = int(settings["input"]), int(settings["output"])
        totals = self.totals[body["model"]]
        totals["requests"] += 1
        document = self.FORMS[settings["form"]](*usage)
        if fault == "status":
            document, status = {"error": {"message": "no"}}, "500 No"
        else:
            status = "200 OK"
            if fault is None and settings["form"] != "none":
                totals["prompt_tokens"] += usage[0]
                totals["completion_tokens"] += usage[1]
        text = json.dumps(document)
        if body.get("stream") and fault != "status":
            event = "response.completed" if settings["form"] == "responses" else "message_delta"
            wrapped = {"type": event} | ({"response": document} if settings["form"] == "responses" else document)
            text = f'event: x\ndata: {{"type":"x","delta":"some"}}\n\nevent: {event}\ndata: {json.dumps(wrapped)}\n\n'
        kind = "text/event-stream" if body.get("stream") else "application/json"
        head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(text)}\r\n\r\n"
        if fault == "cut":
            text = text[:10]
        writer.write((head + text).encode())
        await writer.drain()
        return fault != "cut"

    async def splice(self, head, fields, reader, writer):
        """Passes one request, or all of a WebSocket, to the sandbox and back."""
        if "upgrade" not in fields:
            head = head[:-2] + b"connection: close\r\n\r\n"
        inward, outward = await asyncio.open_connection("127.0.0.1", self.sandbox_port)

        async def copy(source, target):
            try:
                while piece := await source.read(65536):
                    target.write(piece)
                    await target.drain()
            except ConnectionError:
                pass
            finally:
                target.close()

        outward.write(head)
        await asyncio.gather(copy(reader, outward), copy(inward, writer))


def other(chance):
    """A request to a path that is not chat's: method, path, content type, body, and true for a stream."""
    tokens = f"input={chance.choice((3, 50, 700))},output={chance.choice((2, 40))}"
    fault = chance.choice((",fault=cut", ",fault=status")) if chance.random() < 0.05 else ""
    kind = chance.choice(("messages", "responses", "stated", "unstated", "list", "socket"))
    if kind == "socket":
        return "GET", "/v1/realtime?model=sandbox-realtime", None, b"", True
    if kind == "list":
        return "GET", chance.choice(("/v1/models", "/v1/files", "/v1/batches")), None, b"", False
    form = {"stated": "openai", "unstated": "none"}.get(kind, kind)
    path = f"/v1/{kind}" if kind in ("messages", "responses") else "/v1/unheard-of"
    body = {"model": f"front:{tokens},form={form}{fault}"}
    streams = form in ("messages", "responses") and chance.random() < 0.5
    body |= {"stream": True} if streams else {}
    if kind == "responses":
        body |= {"input": TEXT, "max_output_tokens": 50}
    else:
        body |= {"messages": [{"role": "user", "content": TEXT}], "max_tokens": 50}
    return "POST", path, "application/json", body, streams


class Load:
    """Clients that send mixed requests, of which some leave, to a gateway that is killed meanwhile."""

    def __init__(self, gateway, keys):
        self.gateway, self.keys, self.chance, self.done = gateway, keys, random.Random(7), 0

    async def worker(self, work):
        for number in work:
            key = self.keys[number % len(self.keys)][1]
            if self.chance.random() < 0.6:
                path, kind, body, streams = make(self.chance, 1)
                method = "POST" if kind else "GET"
            else:
                method, path, kind, body, streams = other(self.chance)
            leaves = streams and (kind is None or self.chance.random() < 0.1)
            try:
                await asyncio.wait_for(self.send(key, method, path, kind, body, leaves), TIMEOUT)
            except ConnectionError:
                await asyncio.sleep(0.01)  # The gateway was killed.
            self.done += 1

    async def send(self, key, method, path, kind, body, leaves):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n"
        head += UPGRADE if path.startswith("/v1/realtime") else "connection: close\r\n"
        if kind:
            head += f"content-type: {kind}\r\ncontent-length: {len(data)}\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", self.gateway.port)
        try:
            writer.write(head.encode() + b"\r\n" + data)
            await (reader.read(1) if leaves else reader.read())
            if leaves:
                writer.transport.abort()
        finally:
            writer.close()

    async def killer(self):
        for number in range(1, KILLS + 1):
            while self.done < REQUESTS * number // (KILLS + 1):
                await asyncio.sleep(0.005)
            self.gateway.signal(signal.SIGKILL)
            await asyncio.to_thread(self.gateway.process.wait)
            await asyncio.to_thread(self.gateway.start)

    async def run(self):
        work = iter(range(REQUESTS))
        await asyncio.gather(self.killer(), *(self.worker(work) for _ in range(32)))


def ledger(folder):
    """Requests and tokens of the rows by model: of those that are exact, and the number of the others."""
    connection = sqlite3.connect(f"file:{folder}/data/propylon.sqlite?mode=ro", uri=True)
    exact, flagged = collections.defaultdict(collections.Counter), collections.Counter()
    for model, exactness, requests, prompt, completion in connection.execute(
        "SELECT model_served, exactness, COUNT(*), SUM(input_tokens), SUM(output_tokens) FROM usage GROUP BY 1, 2"
    ):
        if exactness == "exact":
            exact[model].update(requests=requests, prompt_tokens=prompt, completion_tokens=completion)
        else:
            flagged[model] += requests
    connection.close()
    return exact, flagged


def check_rows(folder, theirs, front):
    exact, flagged = ledger(folder)
    compared = 0
    for model in sorted(set(theirs) | {model for model in exact if model}):
        upstream, ours = theirs.get(model, {}), exact[model]
        # Nothing that was sent has no row. A batch has one for all its lines of a model.
        if not upstream.get("is_batch"):
            assert ours["requests"] + flagged[model] >= upstream.get("requests", 0), model
        for unit in ("prompt_tokens", "completion_tokens"):
            if flagged[model]:
                assert ours[unit] <= upstream.get(unit, 0), (model, unit)
            else:
                assert ours[unit] == upstream.get(unit, 0), (model, unit)
                compared += ours[unit]
    assert compared > REQUESTS
    # Nobody states what a WebSocket uses: the minutes are flagged.
    assert flagged["sandbox-realtime"] > 0 and exact["sandbox-realtime"]["requests"] == 0
    for model in front:
        if "form=none" in model and "fault" not in model:
            assert exact[model]["requests"] == 0 and flagged[model] > 0, model
    return exact, flagged


def check_limits(gateway, keys):
    """The limits of every key are the sums of its rows."""
    connection = sqlite3.connect(f"file:{gateway.folder}/data/propylon.sqlite?mode=ro", uri=True)
    for identifier, _ in keys:
        cost, tokens, requests = connection.execute(
            "SELECT SUM(cost), SUM(input_tokens + output_tokens), SUM(counts_as_request) FROM usage WHERE key_id = ?", [identifier]
        ).fetchone()
        limits = {
            limit["limit"]: limit
            for limit in gateway.json("limits", identifier, "--json")["limits"]
            if limit["scope"] == "key"
        }
        assert {name: limit["reserved"] for name, limit in limits.items() if float(limit["reserved"])} == {}
        for name in ("budget_eur_per_month", "budget_eur_per_day"):
            assert decimal.Decimal(limits[name]["used"]).scaleb(9) == cost, name
        assert int(limits["tokens_per_day"]["used"]) == tokens
        assert int(limits["requests_per_day"]["used"]) == requests
    connection.close()


def test_every_path_is_billed(sandbox, tmp_path):
    url, billed = sandbox
    front = Front(url)
    port = free_port()
    upstream = f"upstream: {{ base_url: {front.url}/v1, api_keys: [upstream-key], native_apis: [responses, messages] }}\n"
    gateway = Gateway(tmp_path, TIERS + upstream, sandbox=False, listen=f"127.0.0.1:{port}").start()
    try:
        keys = [gateway.create_key(f"key-{number}", "--team", "everybody") for number in range(KEYS)]
        batches = send_batches(gateway, keys[:6])
        load = Load(gateway, keys)
        asyncio.run(load.run())
        assert eventually(lambda: metered_batches(tmp_path) == batches, 120), "batches that nobody polls are billed"
        # What a killed gateway left is booked at the next start; what is in flight upstream has ended by now.
        assert gateway.stop() == 0
        theirs = dict(front.totals)
        for model, bill in billed().items():
            theirs[model] = bill
        check_rows(tmp_path, theirs, front.totals)
        gateway.start()
        check_limits(gateway, keys)
    finally:
        assert gateway.stop() == 0


def send_batches(gateway, keys):
    """Sends a batch of each key, and forgets it. Returns their number."""
    for number, (_, key) in enumerate(keys):
        client = gateway.openai(key)
        body = {"model": f"sandbox:tokens={number + 3},first=2us", "messages": [{"role": "user", "content": TEXT}]}
        line = {"method": "POST", "url": "/v1/chat/completions", "body": body}
        lines = "\n".join(json.dumps({"custom_id": f"line-{index}"} | line) for index in range(5))
        file = client.files.create(file=("batch.jsonl", lines.encode()), purpose="batch")
        client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    return len(keys)


def metered_batches(folder):
    connection = sqlite3.connect(f"file:{folder}/data/propylon.sqlite?mode=ro", uri=True)
    try:
        return connection.execute(
            "SELECT COUNT(DISTINCT upstream_id) FROM usage WHERE endpoint = 'batches' AND output_tokens > 0"
        ).fetchone()[0]
    finally:
        connection.close()
