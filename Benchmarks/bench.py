"""CPU time and memory of the gateway, compared with nginx in front of the same sandbox. Run by scripts/bench; see README.md here."""
import argparse
import contextlib
import json
import os
import pathlib
import resource
import socket
import statistics
import subprocess
import tempfile
import time

import servers
from servers import Gateway, Nginx, PlainNginx, Sandbox

HERE = pathlib.Path(__file__).resolve().parent
CHAT_MODEL = "sandbox:tokens=16"


def main():
    options = arguments()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="propylon-bench-") as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        load = folder / "streamload"
        subprocess.run(["gcc", "-O2", "-Wall", "-o", load, HERE / "streamload.c"], check=True)
        sandbox = stack.enter_context(Sandbox(options.binary, folder))
        gateway = Gateway(options.binary, folder, sandbox.port)
        with gateway:
            key = (folder / "key").read_text()
            # Memory without any load.
            time.sleep(1)
            idle = gateway.resident()
            nginx = stack.enter_context(Nginx(folder, sandbox.port, options.workers))
            proxies = [gateway, nginx]
            rows = []
            # Memory is measured first: free memory that a load leaves in the heap would hide the memory of streams.
            if "memory" in options.only:
                rows += measure_memory(gateway, nginx, idle, load, key, options)
            if "chat" in options.only:
                rows += measure_chat(proxies, key, options)
                plain = measure_chat([gateway, PlainNginx(nginx)], key, options)[0]
                rows.append(plain | {"name": plain["name"] + ", plain"})
            if "stream" in options.only:
                rows += measure_events(proxies, load, key, options)
            check_ledger(gateway)
        if "start" in options.only:
            rows.append(measure_start(options, folder, sandbox, key))
    show(rows, options)


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures the gateway beside nginx.")
    project = HERE.parent
    parser.add_argument("--binary", type=pathlib.Path, default=project / ".build/release/propylon")
    parser.add_argument("--only", type=lambda text: text.split(","), default=["chat", "stream", "memory", "start"],
                        metavar="PART,...", help="of chat, stream, memory and start (default: all)")
    parser.add_argument("--rounds", type=bounded(1, 100), default=7, help="pairs of measurements (default: 7)")
    parser.add_argument("--seconds", type=bounded(1, 600), default=4, help="of load in each chat measurement (default: 4)")
    parser.add_argument("--connections", type=bounded(1, 4096), default=32, help="of the chat load (default: 32)")
    parser.add_argument("--streams", type=bounded(1, 4096), default=200, help="at once, of the stream load (default: 200)")
    parser.add_argument("--events", type=bounded(2, 100000), default=300, help="tokens of each stream (default: 300)")
    parser.add_argument("--interval", default="10ms", help="between a stream's events (default: 10ms)")
    parser.add_argument("--quiet", type=bounded(1, 8000), default=4000, help="streams held open for memory (default: 4000)")
    parser.add_argument("--workers", type=bounded(1, 64), default=2, help="nginx's worker processes (default: 2)")
    parser.add_argument("--json", type=pathlib.Path, help="also writes the numbers to this file")
    return parser.parse_args()


def bounded(low, high):
    def parse(text):
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"has to be from {low} to {high}")
        return value
    return parse


def in_pairs(proxies, rounds, measure):
    """Measures each proxy once a round, in alternating order: `{name: [value, ...]}`."""
    values = {proxy.name: [] for proxy in proxies}
    for index in range(rounds):
        for proxy in proxies if index % 2 == 0 else reversed(proxies):
            values[proxy.name].append(measure(proxy))
    return values


def measure_chat(proxies, key, options):
    def load(proxy, seconds):
        output = subprocess.run(
            ["wrk", "-t1", f"-c{options.connections}", f"-d{seconds}s", "-s", HERE / "chat.lua",
             f"http://127.0.0.1:{proxy.port}/v1/chat/completions"],
            env={**os.environ, "BENCH_KEY": key, "BENCH_MODEL": CHAT_MODEL},
            check=True, capture_output=True, text=True, timeout=seconds + 30).stdout
        result = json.loads(output.splitlines()[-1])
        if result["errors"] or not result["answers"]:
            raise SystemExit(f"bench: {proxy.name} did not respond to everything: {result}")
        proxy.answered += result["answers"]
        return result

    def measure(proxy):
        before = proxy.cpu()
        result = load(proxy, options.seconds)
        # Work that a proxy does after the response, such as the ledger's commit, belongs to the response.
        time.sleep(0.5)
        result["cpu_us"] = (proxy.cpu() - before) / result["answers"] * 1e6
        say(f"chat    {proxy.name:9} {result['cpu_us']:6.1f} µs a response, {result['answers'] / result['seconds']:7.0f} responses/s")
        return result

    for proxy in proxies:
        load(proxy, 1)
    results = in_pairs(proxies, options.rounds, measure)
    return [
        row("CPU per chat completion", "µs", results, lambda result: result["cpu_us"]),
        row("responses per second", "", results, lambda result: result["answers"] / result["seconds"]),
        row("latency, median", "µs", results, lambda result: result["p50_us"]),
        row("latency, 99th percentile", "µs", results, lambda result: result["p99_us"]),
    ]


def stream_request(port, key, model):
    body = json.dumps({"model": model, "stream": True, "messages": [{"role": "user", "content": "Tell me a long story."}]})
    return post("/v1/chat/completions", port, key, body.encode())


def measure_events(proxies, load, key, options):
    model = f"sandbox:tokens={options.events},interval={options.interval}"

    def measure(proxy):
        before = proxy.cpu()
        output = subprocess.run(
            [load, "relay", "127.0.0.1", str(proxy.stream_port), str(options.streams)],
            input=stream_request(proxy.stream_port, key, model), stdout=subprocess.PIPE, check=True, timeout=600).stdout
        time.sleep(0.5)
        result = json.loads(output)
        proxy.answered += result["streams"]
        result["cpu_us"] = (proxy.cpu() - before) / result["events"] * 1e6
        say(f"stream  {proxy.name:9} {result['cpu_us']:6.2f} µs an event, {result['events']} events in {result['seconds']} s, "
            f"{result['events'] / result['reads']:.2f} events a read")
        return result

    results = in_pairs(proxies, options.rounds, measure)
    counts = {result["events"] for values in results.values() for result in values}
    if len(counts) != 1:
        raise SystemExit(f"bench: not the same number of events was relayed: {counts}")
    return [
        row("CPU per stream event", "µs", results, lambda result: result["cpu_us"], digits=2),
        row("events a read", "", results, lambda result: result["events"] / result["reads"], digits=2),
    ]


def measure_memory(gateway, nginx, idle, load, key, options):
    def quiet(proxy):
        before = proxy.resident()
        reader, writer = os.pipe()
        os.write(writer, stream_request(proxy.stream_port, key, "sandbox:tokens=10,fault=stall"))
        os.close(writer)
        holder = subprocess.Popen(
            ["sh", "-c", 'exec "$@" 3<&"$0"', str(reader), str(load), "hold", "127.0.0.1", str(proxy.stream_port),
             str(options.quiet)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[reader])
        os.close(reader)
        try:
            if not holder.stdout.readline():
                raise SystemExit(f"bench: {proxy.name} does not hold {options.quiet} streams")
            time.sleep(1)
            each = (proxy.resident() - before) / options.quiet / 1024
            say(f"memory  {proxy.name:9} {each:6.2f} KiB for each of {options.quiet} quiet streams")
            return each
        finally:
            holder.stdin.close()
            holder.wait()
            time.sleep(2)

    each = {proxy.name: [quiet(proxy)] for proxy in (gateway, nginx)}
    resident = {"propylon": [idle / 2**20], "nginx": [None]}
    return [
        row("resident, idle, after the start", "MiB", resident, lambda value: value),
        row(f"resident per quiet stream, of {options.quiet}", "KiB", each, lambda value: value, digits=2),
    ]


def measure_start(options, folder, sandbox, key):
    """Time from the start of the process to the end of its first response, with an existing ledger and key."""
    port = int((folder / "propylon.yaml").read_text().split("127.0.0.1:")[1].split()[0])
    body = json.dumps({"model": CHAT_MODEL, "messages": [{"role": "user", "content": "Hello"}]})
    request = (f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
               f"Content-Type: application/json\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()

    def answer():
        while True:
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 5) as connection:
                connection.sendall(request)
                received = b""
                while piece := connection.recv(65536):
                    received += piece
                if not received.startswith(b"HTTP/1.1 200"):
                    raise SystemExit(f"bench: the first response is {received[:40]!r}")
                return
            time.sleep(0.0005)

    values = []
    for _ in range(5):
        command = [str(options.binary), "serve", "--config", str(folder / "propylon.yaml")]
        started = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            answer()
            values.append((time.monotonic() - started) * 1000)
        finally:
            process.terminate()
            process.wait(40)
    say(f"start   propylon  {statistics.median(values):6.1f} ms to the first response")
    return row("start to first response", "ms", {"propylon": values, "nginx": [None]}, lambda value: value)


def check_ledger(gateway):
    """Every response must be in the ledger, or the gateway was measured without it."""
    deadline = time.monotonic() + 10
    while gateway.recorded() < gateway.answered and time.monotonic() < deadline:
        time.sleep(0.2)
    recorded = gateway.recorded()
    say(f"ledger  {gateway.answered} responses, {recorded} rows")
    if recorded < gateway.answered:
        raise SystemExit("bench: the ledger does not have every response")


def row(name, unit, results, value, digits=1):
    own = [value(result) for result in results["propylon"]]
    other = [value(result) for result in results["nginx"]]
    ratios = [] if None in other else sorted(mine / theirs for mine, theirs in zip(own, other) if theirs)
    return {
        "name": name, "unit": unit, "digits": digits, "propylon": statistics.median(own),
        "nginx": None if None in other else statistics.median(other),
        "ratio": statistics.median(ratios) if ratios else None, "ratios": ratios,
    }


def show(rows, options):
    def number(value, digits):
        return "-" if value is None else f"{value:,.{digits}f}"

    print(f"\n{'':36}{'propylon':>12}{'nginx':>12}{'ratio':>8}   {'of the pairs':14}")
    for entry in rows:
        name = entry["name"] + (f", {entry['unit']}" if entry["unit"] else "")
        spread = f"{entry['ratios'][0]:.2f} to {entry['ratios'][-1]:.2f}" if len(entry["ratios"]) > 1 else ""
        print(f"{name:36}{number(entry['propylon'], entry['digits']):>12}{number(entry['nginx'], entry['digits']):>12}"
              f"{number(entry['ratio'], 2):>8}   {spread}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


def say(text):
    print(text, flush=True)


if __name__ == "__main__":
    main()
