"""Broken pipes, full descriptor tables, idle time and other conditions of real systems."""

import concurrent.futures
import os
import resource
import signal
import socket
import subprocess
import time

from gateway import BINARY, Gateway, eventually
from wire import Wire

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]


def test_keys_created_at_the_same_time(gateway):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: gateway.run("keys", "create", "--name", f"parallel-{number}"), range(16)))
    assert [outcome.returncode for outcome in made] == [0] * 16
    assert len({outcome.stdout for outcome in made}) == 16
    listed = [key["name"] for key in gateway.json("keys", "list", "--json")]
    assert {f"parallel-{number}" for number in range(16)} <= set(listed)


def test_keys_created_before_the_first_start(tmp_path):
    gateway = Gateway(tmp_path)
    key = gateway.run("keys", "create", "--name", "early").stdout.strip()
    gateway.start()
    try:
        assert gateway.status_of(key) == 200
        assert not gateway.out.count("OPENAI_API_KEY")
    finally:
        assert gateway.stop() == 0


def test_log_whose_reader_has_ended(tmp_path):
    """`propylon serve 2>&1 | tee log`: the gateway goes on when tee has ended."""
    gateway = Gateway(tmp_path)
    read, write = os.pipe()
    gateway.process = subprocess.Popen(
        [BINARY, "serve", "--sandbox", "--config", str(gateway.configuration)],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=write,
        stderr=write,
    )
    os.close(write)
    try:
        assert eventually(gateway.is_ready)
        os.close(read)
        for _ in range(3):
            gateway.signal(signal.SIGHUP)
            assert gateway.is_ready() and gateway.process.poll() is None
    finally:
        gateway.signal(signal.SIGTERM)
        assert gateway.process.wait(10) == 0


def test_more_connections_than_descriptors(start):
    """Without free descriptors new connections wait, and open ones go on. All are served when descriptors are free again."""
    gateway = start()
    client = gateway.openai(gateway.first_key())
    assert client.models.list().data
    resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE, (96, 96))
    before = cpu(gateway.process.pid)
    held = [Wire(gateway) for _ in range(150)]
    assert client.models.list().data
    time.sleep(0.5)  # of which the gateway must use little, though somebody is waiting all the time
    assert cpu(gateway.process.pid) - before < 0.4
    for connection in held:
        connection.__exit__()
    assert eventually(gateway.is_ready)
    assert gateway.openai(gateway.first_key()).chat.completions.create(model="gpt-oss:120b", messages=HELLO).choices


def cpu(process):
    """Seconds of CPU time that a process has used."""
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_idle_gateway_uses_no_cpu(gateway, client):
    """With idle connections on both sides it uses hardly any CPU time."""
    with Wire(gateway) as connection:
        connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.read_response().status == 200
        before = cpu(gateway.process.pid)
        time.sleep(1)
        assert cpu(gateway.process.pid) - before < 0.1


def test_both_families(start):
    gateway = start(listen="['127.0.0.1:0', '[::1]:0']")
    addresses = gateway.out.wait_for(r"listens on (.*)")[1].split(", ")
    assert len(addresses) == 2 and addresses[1].startswith("http://[::1]:")
    with socket.create_connection(("::1", int(addresses[1].rpartition(":")[2])), timeout=5) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 200")


def test_upstream_request_is_cancelled_with_the_client(start):
    """By default (`on_disconnect: cancel`) the upstream request ends with its client."""
    gateway = start("")
    client = gateway.openai(gateway.first_key())
    with client.chat.completions.create(
        model="sandbox:tokens=10000,interval=10ms", messages=HELLO, stream=True
    ) as stream:
        for chunk, _ in zip(stream, range(20)):
            assert chunk.choices
    (row,) = gateway.usage("key", requests=1)
    assert 10 < row["completion_tokens"] < 1000 and row["estimated_requests"] == 1


def test_descriptors_do_not_leak(gateway, client):
    def count():
        return len(os.listdir(f"/proc/{gateway.process.pid}/fd"))

    client.models.list()
    before = count()
    for number in range(30):
        fault = ["cut", "reset", "cut-before", "malformed", "wrong-length"][number % 5]
        try:
            list(
                client.chat.completions.create(
                    model=f"sandbox:tokens=9,fault={fault}", messages=HELLO, stream=bool(number % 2)
                )
            )
        except Exception:
            pass
        client.files.create(file=("a", b"x" * (2 << 20)), purpose="user_data")
    assert eventually(lambda: count() <= before + 4), "descriptors are left behind"
