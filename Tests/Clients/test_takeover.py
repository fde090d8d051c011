"""A gateway is replaced by a new process: no connection is refused or cut, and the ledger and the limits lose nothing."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time

import pytest

from gateway import BINARY, TIMEOUT, Gateway, Lines, environment, eventually
from ports import free_port

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]


class Process:
    """A process of a gateway with its output. It ends with its test."""

    started = []

    def __init__(self, gateway, *arguments, **changes):
        self.process = subprocess.Popen(
            [BINARY, "serve", "--config", str(gateway.configuration), *arguments],
            cwd=gateway.folder,
            env=environment(**changes),
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.out, self.log = Lines(self.process.stdout), Lines(self.process.stderr)
        self.started.append(self.process)


@pytest.fixture(autouse=True)
def no_process_is_left():
    yield
    while Process.started:
        process = Process.started.pop()
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def take_over(gateway):
    """Starts a successor of `gateway`, which stands for it from then on. Returns the process before it."""
    before = gateway.process, gateway.log
    successor = Process(gateway, "--take-over")
    assert successor.out.wait_for("listens on"), successor.log.text
    gateway.process, gateway.out, gateway.log = successor.process, successor.out, successor.log
    return before


def ends(process, log):
    assert process.wait(60) == 0, log.text


class Load:
    """Clients that ask without a pause: over kept connections, over new ones, and for streams."""

    def __init__(self, gateway, key):
        self.gateway, self.key = gateway, key
        self.faults, self.answers = [], {"kept": 0, "new": 0, "stream": 0}
        self._ends = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(kind,)) for kind in ("kept", "kept", "new", "new", "stream", "stream")
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ends.set()
        for thread in self._threads:
            thread.join(60)

    def _run(self, kind):
        connection = None
        while not self._ends.is_set():
            try:
                if connection is None or kind == "new":
                    connection = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=TIMEOUT)
                connection = self._ask(connection, kind)
                self.answers[kind] += 1
            except (OSError, http.client.HTTPException, AssertionError) as fault:
                self.faults.append((kind, repr(fault)))
                connection = None

    def _ask(self, connection, kind):
        tokens = 30 if kind == "stream" else 3
        body = {"model": f"sandbox:tokens={tokens},interval=10ms" if kind == "stream" else f"sandbox:tokens={tokens}"}
        body |= {"messages": HELLO, "stream": kind == "stream"}
        connection.request(
            "POST",
            "/v1/chat/completions",
            json.dumps(body),
            {"authorization": f"Bearer {self.key}", "content-type": "application/json"},
        )
        response = connection.getresponse()
        data = response.read()
        assert response.status == 200, (response.status, data)
        assert kind != "stream" or data.endswith(b"data: [DONE]\n\n"), data[-80:]
        return None if response.will_close else connection


@pytest.fixture
def front(start, sandbox):
    """A gateway on a fixed port in front of the sandbox, its key, and the sandbox's bill."""
    url, billed = sandbox
    gateway = start("", upstream=f"{url}/v1", listen=f"127.0.0.1:{free_port()}")
    return gateway, gateway.first_key(), billed


def compare(gateway, billed):
    """The ledger's sums by model are the bill of the sandbox."""

    def sums():
        return {
            row["model"]: (row["requests"], row["prompt_tokens"], row["completion_tokens"], row["estimated_requests"])
            for row in gateway.usage("model")
        }

    bill = {
        model: (row["requests"], row["prompt_tokens"], row["completion_tokens"], 0) for model, row in billed().items()
    }
    assert eventually(lambda: sums() == bill), (sums(), bill)


def test_five_replacements_under_load(front):
    gateway, key, billed = front
    ended = []
    with Load(gateway, key) as load:
        for _ in range(5):
            time.sleep(0.5)
            ended.append(take_over(gateway))
            before = dict(load.answers)
            assert eventually(lambda: all(load.answers[kind] > before[kind] for kind in before), 30), load.faults
    for process, log in ended:
        ends(process, log)
        assert "connections are cut" not in log.text
        assert log.count("the successor serves") == 1
    assert load.faults == []
    assert min(load.answers.values()) > 10
    compare(gateway, billed)
    assert gateway.stop() == 0
    # The journals of the ended processes are gone.
    assert len(list((gateway.folder / "data").glob("journal*"))) == 1


def test_connections_that_wait_are_not_lost(front):
    """Nobody accepts while both processes are stopped: the connections stay in the queue of the socket."""
    gateway, key, _ = front
    successor = Process(gateway, "--take-over")
    assert successor.out.wait_for("listens on"), successor.log.text
    old, gateway.process, gateway.log = gateway.process, successor.process, successor.log
    successor.process.send_signal(signal.SIGSTOP)
    assert old.wait(60) == 0
    waiting = [socket.create_connection(("127.0.0.1", gateway.port), TIMEOUT) for _ in range(20)]
    for connection in waiting:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
    successor.process.send_signal(signal.SIGCONT)
    assert all(connection.recv(12) == b"HTTP/1.1 200" for connection in waiting)


def test_a_stream_of_before_finishes(front):
    gateway, key, billed = front
    client = gateway.openai(key)
    stream = client.chat.completions.create(model="sandbox:tokens=100,interval=20ms", messages=HELLO, stream=True)
    next(iter(stream))
    old = take_over(gateway)
    # Both serve now: the new process takes requests while the old one finishes.
    assert gateway.openai(key).chat.completions.create(model="sandbox:tokens=2", messages=HELLO).usage
    assert old[0].poll() is None
    assert sum(1 for chunk in stream if chunk.choices and chunk.choices[0].delta.content) == 100
    ends(*old)
    compare(gateway, billed)


def test_limits_know_the_rows_of_the_process_before(start):
    gateway = start("tiers: { t: { output_tokens_per_day: 100000 } }\n")
    identifier, key = gateway.create_key("limited", "--tier", "t")
    client = gateway.openai(key)

    def used():
        return used_tokens(gateway, identifier)

    assert client.chat.completions.create(model="sandbox:tokens=7", messages=HELLO).usage
    streams = [
        client.chat.completions.create(model="sandbox:tokens=60,interval=20ms", messages=HELLO, stream=True)
        for _ in range(3)
    ]
    for stream in streams:
        next(iter(stream))
    old = take_over_sandbox(gateway)
    assert used() == 7
    for stream in streams:
        for _ in stream:
            pass
    assert eventually(lambda: used() == 7 + 3 * 60), used()
    ends(*old)
    assert used() == 7 + 3 * 60
    # A restart reads the same from the ledger.
    assert gateway.stop() == 0
    gateway.start()
    assert used() == 7 + 3 * 60


def used_tokens(gateway, identifier):
    """The use of the key's limit of output tokens a day."""
    limits = gateway.json("limits", identifier, "--json")["limits"]
    return next(int(limit["used"]) for limit in limits if limit["limit"] == "output_tokens_per_day")


def take_over_sandbox(gateway):
    before = gateway.process, gateway.log
    successor = Process(gateway, "--take-over", "--sandbox")
    listening = successor.out.wait_for(r"listens on (https?://[^\s,]+)")
    assert listening, successor.log.text
    gateway.process, gateway.out, gateway.log = successor.process, successor.out, successor.log
    assert listening[1] == gateway.url
    return before


def test_the_process_before_is_killed(start):
    """Its requests are in its journal: they become rows, and count, once."""
    gateway = start("tiers: { t: { output_tokens_per_day: 100000 } }\n")
    identifier, key = gateway.create_key("limited", "--tier", "t")
    client = gateway.openai(key)
    assert client.chat.completions.create(model="sandbox:tokens=7", messages=HELLO).usage
    stream = client.chat.completions.create(model="sandbox:tokens=200,interval=50ms", messages=HELLO, stream=True)
    for _, _ in zip(range(10), stream):
        pass
    old, _ = take_over_sandbox(gateway)
    old.kill()
    old.wait()
    assert gateway.log.wait_for("the rows of its journal are in the ledger now")
    (row,) = gateway.usage("endpoint", requests=2, endpoint="chat/completions")
    assert row["estimated_requests"] == 1 and row["completion_tokens"] > 7
    assert eventually(lambda: used_tokens(gateway, identifier) == row["completion_tokens"])


def test_keys_change_in_both(front):
    gateway, _, _ = front
    identifier, key = gateway.create_key("leaving")
    kept = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=TIMEOUT)
    fields = {"authorization": f"Bearer {key}"}
    kept.request("GET", "/v1/models", headers=fields)
    assert kept.getresponse().read()
    old = take_over(gateway)
    assert gateway.run("keys", "revoke", identifier).returncode == 0
    assert eventually(lambda: gateway.status_of(key) == 401)
    time.sleep(0.5)  # each process looks at the keys every 400 ms
    kept.request("GET", "/v1/models", headers=fields)
    assert kept.getresponse().status == 401
    ends(*old)


def test_a_successor_that_cannot_start_changes_nothing(front):
    gateway, key, billed = front
    text = gateway.configuration.read_text()
    gateway.configuration.write_text(text + "default_tier: none\n")
    assert Process(gateway, "--take-over").process.wait(TIMEOUT) == 3
    # This one ends after it has the sockets: its other listener cannot be bound.
    gateway.configuration.write_text(
        text.replace(f"listen: {gateway.listen}\n", f"listen: [{gateway.listen}, 192.0.2.1:80]\n")
    )
    failed = Process(gateway, "--take-over")
    assert failed.process.wait(TIMEOUT) == 1
    gateway.configuration.write_text(text)
    assert gateway.log.wait_for("this gateway goes on")
    assert gateway.openai(key).chat.completions.create(model="sandbox:tokens=2", messages=HELLO).usage
    compare(gateway, billed)
    # The next one gets its turn.
    ends(*take_over(gateway))


def test_two_successors_at_once_follow_each_other(front):
    gateway, key, billed = front
    with Load(gateway, key) as load:
        first = Process(gateway, "--take-over")
        second = Process(gateway, "--take-over")
        for successor in (first, second):
            assert successor.out.wait_for("listens on", 60), successor.log.text
        # One of the two has handed over to the other.
        running = [entry for entry in (first, second) if not entry.log.wait_for("the successor serves", 5)]
        assert len(running) == 1
        ended = first if running[0] is second else second
        old, gateway.process, gateway.out, gateway.log = gateway.process, running[0].process, running[0].out, running[0].log
    assert old.wait(60) == 0 and ended.process.wait(60) == 0
    assert load.faults == []
    compare(gateway, billed)


def test_a_waiting_successor_can_be_stopped(front):
    """It waits while the process before still finishes a stream for its own predecessor."""
    gateway, key, billed = front
    stream = gateway.openai(key).chat.completions.create(
        model="sandbox:tokens=100,interval=30ms", messages=HELLO, stream=True
    )
    next(iter(stream))
    old = take_over(gateway)
    waiting = Process(gateway, "--take-over")
    assert gateway.log.wait_for("a successor has started")
    waiting.process.terminate()
    assert waiting.process.wait(TIMEOUT) == -signal.SIGTERM
    assert sum(1 for chunk in stream if chunk.choices and chunk.choices[0].delta.content) == 100
    ends(*old)
    assert gateway.log.wait_for("this gateway goes on")
    assert gateway.openai(key).chat.completions.create(model="sandbox:tokens=2", messages=HELLO).usage
    compare(gateway, billed)


def test_without_take_over_a_second_process_is_refused(front):
    gateway, _, _ = front
    second = Process(gateway, "--listen", "127.0.0.1:0")
    assert second.process.wait(TIMEOUT) == 1


def test_take_over_without_a_gateway_is_a_start(start, tmp_path):
    gateway = Gateway(tmp_path, listen=f"127.0.0.1:{free_port()}")
    first = Process(gateway, "--take-over", "--sandbox")
    assert first.out.wait_for("listens on"), first.log.text
    first.process.terminate()
    assert first.process.wait(TIMEOUT) == 0


def processes(folder):
    """The processes whose working directory is `folder`."""
    found = []
    for entry in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if entry.isdigit() and os.readlink(f"/proc/{entry}/cwd") == str(folder):
                found.append(int(entry))
    return found


def test_the_signal_starts_a_successor(front):
    gateway, key, billed = front
    folder = gateway.folder.resolve()
    with Load(gateway, key) as load:
        time.sleep(0.3)
        old = gateway.process
        gateway.signal(signal.SIGUSR2)
        assert gateway.log.wait_for("the successor serves"), gateway.log.text
        assert old.wait(60) == 0
        before = dict(load.answers)
        assert eventually(lambda: all(load.answers[kind] > before[kind] for kind in before), 30)
    assert load.faults == []
    (successor,) = processes(folder)
    assert successor != old.pid
    compare(gateway, billed)
    os.kill(successor, signal.SIGTERM)
    assert eventually(lambda: not processes(folder))


# systemd


class Manager:
    """The socket of a service manager."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.settimeout(TIMEOUT)

    def next(self):
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())


@pytest.mark.parametrize("abstract", [False, True])
def test_the_service_manager_is_told(tmp_path, abstract):
    name = f"propylon-{os.getpid()}-{time.monotonic_ns()}" if abstract else str(tmp_path / "notify")
    manager = Manager("\0" + name if abstract else name)
    gateway = Gateway(tmp_path, listen=f"127.0.0.1:{free_port()}")
    variables = {"NOTIFY_SOCKET": "@" + name if abstract else name}
    first = Process(gateway, "--sandbox", **variables)
    assert manager.next() == {"READY": "1"}
    first.process.send_signal(signal.SIGHUP)
    reloading = manager.next()
    assert reloading["RELOADING"] == "1" and int(reloading["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
    assert manager.next() == {"READY": "1"}
    second = Process(gateway, "--sandbox", "--take-over", **variables)
    told = [manager.next(), manager.next()]
    assert {"MAINPID": str(second.process.pid)} in told and {"READY": "1"} in told
    assert first.process.wait(60) == 0
    second.process.terminate()
    assert manager.next() == {"STOPPING": "1"}
    assert second.process.wait(TIMEOUT) == 0


def activated(gateway, sockets, *arguments, process="$$"):
    """Starts the gateway as systemd does, with `sockets` as its descriptors from 3 on."""
    variables = f"LISTEN_PID={process} LISTEN_FDS={len(sockets)} LISTEN_FDNAMES={':'.join('x' for _ in sockets)}"
    command = f'{variables} exec "$0" "$@"'
    numbers = [entry.fileno() for entry in sockets]

    def place():
        # Above all of them first, so that no move hits another.
        moved = [os.dup2(number, 100 + index) for index, number in enumerate(numbers)]
        for index, number in enumerate(moved):
            os.dup2(number, 3 + index, inheritable=True)

    process = subprocess.Popen(
        ["sh", "-c", command, BINARY, "serve", "--sandbox", "--config", str(gateway.configuration), *arguments],
        cwd=gateway.folder,
        env=environment(),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        close_fds=False,
        preexec_fn=place,
    )
    Process.started.append(process)
    return process, Lines(process.stdout), Lines(process.stderr)


def listening(port=0):
    entry = socket.socket()
    entry.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    entry.bind(("127.0.0.1", port))
    entry.listen(64)
    return entry


def test_socket_activation(tmp_path):
    """The sockets stay with systemd, so that connections wait while the service restarts."""
    public, unused = listening(), listening()
    gateway = Gateway(tmp_path, listen=f"127.0.0.1:{public.getsockname()[1]}")
    admin = listening(gateway.admin_port)
    early = socket.create_connection(public.getsockname(), TIMEOUT)
    early.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
    for _ in range(2):
        process, out, log = activated(gateway, [unused, public, admin])
        assert out.wait_for("listens on"), log.text
        assert early.recv(12) == b"HTTP/1.1 200"
        assert gateway.is_ready()
        assert log.wait_for("an inherited socket is closed: no listener has its address")
        process.terminate()
        assert process.wait(TIMEOUT) == 0
        early = socket.create_connection(public.getsockname(), TIMEOUT)
        early.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")


def test_sockets_for_another_process_are_left_alone(tmp_path):
    public = listening()
    gateway = Gateway(tmp_path, listen=f"127.0.0.1:{public.getsockname()[1]}")
    process, _, log = activated(gateway, [public], process="1")
    assert process.wait(TIMEOUT) == 1
    assert log.wait_for("Address already in use")
