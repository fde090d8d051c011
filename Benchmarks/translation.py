"""What Responses and Messages cost the gateway beyond a relayed chat completion, over sockets. See README.md here.

    scripts/bench --only translation [--binary FILE] [--rounds N] [--json FILE]

The same sandbox answers all three APIs, so a difference between two columns is the translation.
"""
import argparse
import json
import pathlib
import re
import socket
import statistics
import subprocess
import tempfile
import time

from servers import Gateway, Sandbox

HERE = pathlib.Path(__file__).resolve().parent
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
# Measures the translation alone; scripts/bench builds and runs it first.
ROOM = HERE.parent / ".build-bench/release/translation-benchmark"
REQUEST_BYTES = 64 << 10
IMAGE_BYTES = 5_000_000
STREAMS, EVENTS = 100, 300


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="propylon-bench-") as name:
        folder = pathlib.Path(name)
        load = folder / "streamload"
        subprocess.run(["gcc", "-O2", "-Wall", "-o", load, HERE / "streamload.c"], check=True)
        with Sandbox(options.binary, folder) as sandbox, Gateway(options.binary, folder, sandbox.port) as gateway:
            key = (folder / "key").read_text()
            rows = {
                # Memory that the requests before have left takes a part of a later one: the first of each API shows all.
                "peak memory of an image of 5 MB, in copies": {api: [image_copies(gateway, key, api)] for api in PATHS},
                "CPU per event of the upstream's stream, µs": rounds(options, lambda api: event_cost(gateway, key, api, load)),
                "CPU per request of 64 KiB, µs": rounds(options, lambda api: request_cost(gateway, key, api, options.requests)),
            }
    show(rows)
    for api in ("responses", "messages"):
        print(f"{room_instructions(api):,.0f} instructions to translate a request of 64 KiB, {api}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench --only translation", description="Measures translated requests.")
    parser.add_argument("--binary", type=pathlib.Path, default=HERE.parent / ".build/release/propylon")
    parser.add_argument("--rounds", type=int, default=5, help="of measurements (default: 5)")
    parser.add_argument("--requests", type=int, default=1000, help="in each measurement of requests (default: 1000)")
    parser.add_argument("--json", type=pathlib.Path, help="also writes the numbers to this file")
    return parser.parse_args()


def rounds(options, measure):
    """Measures each API once a round, since other work on the machine changes: `{api: [value, ...]}`."""
    values = {api: [] for api in PATHS}
    for _ in range(options.rounds):
        for api in PATHS:
            values[api].append(measure(api))
    return values


def event_cost(gateway, key, api, load):
    """Microseconds of the gateway for each event of the upstream, in streams that are sent event by event."""
    body = request_body(api, f"sandbox:tokens={EVENTS},interval=10ms", [user(api, "Tell me a long story.")], stream=True)
    before = gateway.cpu()
    output = subprocess.run(
        [load, "relay", "127.0.0.1", str(gateway.port), str(STREAMS)], input=request(gateway.port, key, api, body),
        stdout=subprocess.PIPE, check=True, timeout=600).stdout
    time.sleep(0.5)
    if json.loads(output)["events"] < STREAMS * EVENTS:
        raise SystemExit(f"bench: not every event of {api} came: {output}")
    return (gateway.cpu() - before) / (STREAMS * EVENTS) * 1e6


def request_cost(gateway, key, api, count):
    """Microseconds of the gateway for each of `count` requests with an agent's history, one after the other."""
    message = request(gateway.port, key, api, agent_request(api))
    with socket.create_connection(("127.0.0.1", gateway.port), 60) as client:
        exchange(client, message)
        before = gateway.cpu()
        for _ in range(count):
            exchange(client, message)
        time.sleep(0.5)
        return (gateway.cpu() - before) / count * 1e6


def image_copies(gateway, key, api):
    """The most memory that a request with an image took, divided by its size."""
    message = request(gateway.port, key, api, request_body(api, "sandbox:tokens=1", [picture(api)]))
    status = pathlib.Path(f"/proc/{gateway.process.pid}")
    before = gateway.resident()
    (status / "clear_refs").write_text("5")  # the peak begins anew
    with socket.create_connection(("127.0.0.1", gateway.port), 60) as client:
        exchange(client, message)
    peak = int((status / "status").read_text().split("VmHWM:")[1].split()[0]) * 1024
    return (peak - before) / IMAGE_BYTES


def room_instructions(api):
    """Instructions of one translation: the difference between runs that differ in their number alone."""
    def total(count):
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", ROOM, api, str(count)]
        output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600).stderr
        return int(re.search(r"Collected : (\d+)", output)[1])
    return (total(120) - total(20)) / 100


# Requests


def request(port, key, api, body):
    return (f"POST {PATHS[api]} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


def request_body(api, model, items, **members):
    if api == "messages":
        members["max_tokens"] = 1000
    items = {"input" if api == "responses" else "messages": items}
    return json.dumps({"model": model} | members | items, separators=(",", ":")).encode()


def user(api, text):
    return {"role": "user", "content": [{"type": "input_text" if api == "responses" else "text", "text": text}]}


def turn(api, number, output):
    """A turn of an agent: a question, a call of a tool, and the tool's output."""
    call, arguments = f"call_{number}", {"cmd": "ls -l"}
    if api == "responses":
        return [user(api, "question"),
                {"type": "function_call", "call_id": call, "name": "shell", "arguments": json.dumps(arguments)},
                {"type": "function_call_output", "call_id": call, "output": output}]
    if api == "messages":
        return [user(api, "question"),
                {"role": "assistant", "content": [{"type": "tool_use", "id": call, "name": "shell", "input": arguments}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call, "content": output}]}]
    function = {"name": "shell", "arguments": json.dumps(arguments)}
    return [user(api, "question"),
            {"role": "assistant", "content": None, "tool_calls": [{"id": call, "type": "function", "function": function}]},
            {"role": "tool", "tool_call_id": call, "content": output}]


def agent_request(api):
    """A request of exactly 64 KiB: turns with outputs of about 800 bytes, and a question as long as what is left."""
    def body(items, question):
        return request_body(api, "sandbox:tokens=1", [*items, user(api, question)])

    items = []
    while len(body(items, "")) + 2000 < REQUEST_BYTES:
        items += turn(api, len(items), 'a line of output with "quotes"\n' * 24)
    return body(items, "x" * (REQUEST_BYTES - len(body(items, ""))))


def picture(api):
    data = "A" * IMAGE_BYTES
    if api == "messages":
        part = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    elif api == "responses":
        part = {"type": "input_image", "image_url": f"data:image/png;base64,{data}"}
    else:
        part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    return {"role": "user", "content": [part]}


def exchange(client, message):
    """Sends a request and reads its whole response."""
    client.sendall(message)
    received = b""
    while b"\r\n\r\n" not in received:
        received += receive(client)
    head, _, body = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"bench: the gateway answers {received[:400]!r}")
    length = next(int(field.split(b":")[1]) for field in head.lower().split(b"\r\n") if field.startswith(b"content-length:"))
    while len(body) < length:
        body += receive(client)


def receive(client):
    piece = client.recv(65536)
    if not piece:
        raise SystemExit("bench: the gateway closed the connection")
    return piece


def show(rows):
    print(f"\n{'':46}{'chat':>9}{'responses':>19}{'messages':>19}   beyond chat in brackets")
    for name, values in rows.items():
        relayed = statistics.median(values["chat"])
        cells = [f"{relayed:9.1f}"]
        for api in ("responses", "messages"):
            beyond = statistics.median(own - chat for own, chat in zip(values[api], values["chat"]))
            cells.append(f"{statistics.median(values[api]):10.1f} ({beyond:+6.1f})")
        print(f"{name:46}{cells[0]}{cells[1]:>19}{cells[2]:>19}")


if __name__ == "__main__":
    main()
