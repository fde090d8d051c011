"""CPU instructions of the gateway per chat completion and per stream event, counted by callgrind. See README.md here.

    scripts/bench --only instructions [--binary FILE] [--rounds N] [--json FILE]

Prints two lines, each with a number and its unit. Upstream and client are this process, and both proceed in lockstep:
the next request or event is sent when the one before has arrived. So the count hardly depends on the machine's load.
"""
import argparse
import json
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time

from exchange import exchange, post, receive
from servers import configure, create_key, wait_for

WARM_UP_REQUESTS, REQUESTS = 200, 1_000
WARM_UP_EVENTS, EVENTS = 1_000, 10_000
# The ledger commits 50 ms after the first row of a group; with these, a group is one transaction.
GROUP, PAUSE = 10, 0.12
# GRDB.SerializedDatabase.sync: all reads and writes of the database pass through it.
DATABASE = "$s4GRDB18SerializedDatabaseC4syncyxxAA0C0CKXEKlF"

PROMPT = "Which is the highest mountain of the Alps, and who climbed it?"
COMPLETION = json.dumps({
    "id": "chatcmpl-000000000000000000000001", "object": "chat.completion", "created": 1750000000,
    "model": "gpt-oss:120b", "backend": {"engine_type": "vllm", "machine_name": "gpu-01"},
    "choices": [{"index": 0, "finish_reason": "stop",
                 "message": {"role": "assistant", "content": "Mont Blanc, by Balmat and Paccard in 1786. "}}],
    "usage": {"prompt_tokens": 19, "completion_tokens": 16, "reasoning_tokens": 0, "total_tokens": 35},
}).encode()
HEADERS = "x-ratelimit-limit-requests: 1000\r\nx-ratelimit-remaining-requests: 999\r\n"


def event(choices, **members):
    chunk = {"id": "chatcmpl-000000000000000000000002", "object": "chat.completion.chunk", "created": 1750000000,
             "model": "gpt-oss:120b", "backend": {"engine_type": "vllm", "machine_name": "gpu-01"}, "choices": choices}
    return b"data: " + json.dumps(chunk | members, separators=(",", ":")).encode() + b"\n\n"


TOKEN = event([{"index": 0, "delta": {"content": "stone "}, "finish_reason": None}])
LAST = event([{"index": 0, "delta": {}, "finish_reason": "stop"}])
USAGE = event([], usage={"prompt_tokens": 19, "completion_tokens": 1, "total_tokens": 20})
DONE = b"data: [DONE]\n\n"


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="propylon-instructions-") as folder:
        # Valgrind 3.19 cannot read Swift's debug information.
        binary = pathlib.Path(folder) / "propylon"
        subprocess.run(["strip", "--strip-debug", "-o", binary, options.binary], check=True)
        chat, event = measure(binary, options.rounds)
    result = {"instructions_per_chat_completion": round(chat), "instructions_per_stream_event": round(event)}
    print(f"{result['instructions_per_chat_completion']} instructions per chat completion")
    print(f"{result['instructions_per_stream_event']} instructions per stream event")
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")


def arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/bench --only instructions",
        description="Counts the gateway's instructions per chat completion and stream event.")
    default = pathlib.Path(__file__).resolve().parents[1] / ".build/release/propylon"
    parser.add_argument("--binary", type=pathlib.Path, default=default)
    parser.add_argument("--rounds", type=int, default=3, help="of each run, of which the smallest counts (default: 3)")
    parser.add_argument("--json", type=pathlib.Path, help="also write the numbers to this file")
    return parser.parse_args()


def measure(binary, rounds):
    """Instructions per chat completion and per stream event, as differences between runs that differ in nothing else.

    Of each run the smallest count is taken: load of the machine adds instructions (a loop that waits too long gives its thread
    back, timers fire), and takes none away."""
    base = min(count(binary, WARM_UP_REQUESTS, WARM_UP_EVENTS) for _ in range(rounds))
    more_requests = min(count(binary, WARM_UP_REQUESTS + REQUESTS, WARM_UP_EVENTS) for _ in range(rounds))
    more_events = min(count(binary, WARM_UP_REQUESTS, WARM_UP_EVENTS + EVENTS) for _ in range(rounds))
    return (more_requests - base) / REQUESTS, (more_events - base) / EVENTS


def count(binary, requests, events):
    """Instructions of one run of the gateway, start and end included."""
    with tempfile.TemporaryDirectory(prefix="propylon-instructions-") as name, Upstream() as upstream:
        folder = pathlib.Path(name)
        configuration, port = configure(folder, upstream.port)
        key = create_key(binary, configuration)
        output = folder / "callgrind.out"
        command = ["valgrind", "--tool=callgrind", "--fair-sched=yes", f"--callgrind-out-file={output}",
                   str(binary), "serve", "--config", str(configuration)]
        log = folder / "valgrind.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink)
            try:
                wait_for(port, process, 120)
                with socket.create_connection(("127.0.0.1", port), 60) as client:
                    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    for index in range(requests):
                        exchange(client, request(port, key))
                        if (index + 1) % GROUP == 0:
                            time.sleep(PAUSE)
                    relay(client, request(port, key, stream=True), upstream, events)
                # The ledger's last commit.
                time.sleep(1)
                process.send_signal(signal.SIGTERM)
                if process.wait(120) != 0:
                    raise SystemExit(f"instructions: the gateway ended with status {process.returncode}")
            except BaseException:
                process.kill()
                print(log.read_text(errors="replace")[-2000:])
                raise
        total = int(re.search(r"^(?:summary|totals): (\d+)", output.read_text(), re.MULTILINE)[1])
        return total - database_work(output)


def database_work(output):
    """Instructions within the database's queue. Their number depends on the transactions, and so on the machine's load."""
    report = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", output],
                            check=True, capture_output=True, text=True).stdout
    found = re.search(rf"^ *([\d,]+) .*:{re.escape(DATABASE)} \[", report, re.MULTILINE)
    if not found:
        raise SystemExit(f"instructions: the binary has no function {DATABASE}")
    return int(found[1].replace(",", ""))


def request(port, key, stream=False):
    body = {"model": "gpt-oss:120b", "messages": [{"role": "user", "content": PROMPT}], "max_tokens": 64}
    if stream:
        body |= {"stream": True, "max_tokens": 20_000}
    return post("/v1/chat/completions", port, key, json.dumps(body).encode())


def relay(client, message, upstream, events):
    """Sends a stream through the gateway, one event at a time."""
    client.sendall(message)
    stream = upstream.stream()
    received = b""

    def send(data, until):
        nonlocal received
        stream.sendall(b"%x\r\n%b\r\n" % (len(data), data))
        while until not in received:
            received += receive(client)
        received = received.partition(until)[2]

    for _ in range(events):
        send(TOKEN, b'"stone "')
    send(LAST, b'"stop"')
    send(USAGE + DONE, b"[DONE]")
    stream.sendall(b"0\r\n\r\n")
    while b"0\r\n\r\n" not in received:
        received += receive(client)


class Upstream:
    """Responds to chat completions at once; the connection of a streamed one goes to `stream()` after its head."""

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._stream = None
        self._arrived = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()

    def stream(self):
        if not self._arrived.wait(60):
            raise SystemExit("instructions: no streamed request reached the upstream")
        return self._stream

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = b""
        while True:
            while b"\r\n\r\n" not in received:
                piece = connection.recv(65536)
                if not piece:
                    return
                received += piece
            head, _, body = received.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
            while length and len(body) < int(length[1]):
                body += connection.recv(65536)
            received = b""
            if b'"stream"' in body:
                connection.sendall(f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n{HEADERS}"
                                   "transfer-encoding: chunked\r\n\r\n".encode())
                self._stream = connection
                self._arrived.set()
                return
            connection.sendall(f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{HEADERS}"
                               f"content-length: {len(COMPLETION)}\r\n\r\n".encode() + COMPLETION)


if __name__ == "__main__":
    main()
