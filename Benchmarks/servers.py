"""The servers of the benchmark, each in its own process: the sandbox, and in front of it the gateway and nginx."""
import json
import os
import pathlib
import signal
import socket
import string
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests/Clients"))
from ports import free_port

TICKS = os.sysconf("SC_CLK_TCK")


def wait_for(port, process, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"bench: {process.args[0]} ended with status {process.returncode} when it should have started")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.01)
    raise SystemExit(f"bench: {process.args[0]} does not listen after {seconds} s")


def configure(folder, upstream_port):
    """Writes the configuration of a gateway: the defaults, except for the access log, which is off as in nginx.

    Returns the file and the port of the gateway."""
    configuration, port = folder / "propylon.yaml", free_port()
    configuration.write_text(
        f"listen: 127.0.0.1:{port}\n"
        f"admin: {{ listen: '127.0.0.1:{free_port()}' }}\n"
        f"data: {folder / 'data'}\n"
        "upstream:\n"
        f"  base_url: http://127.0.0.1:{upstream_port}/v1\n"
        "  api_keys: [upstream-key]\n"
        "  max_connections: 16384\n"
        "  idle_timeout: 600s\n"
        "limits: { connections: 16384 }\n"
        "metering: { on_disconnect: cancel }\n"  # as nginx does
        "log: { level: warning, format: json, access: false }\n")
    return configuration, port


def create_key(binary, configuration):
    output = run(binary, configuration, "keys", "create", "--name", "bench", "--tier", "monthly", "--json")
    return json.loads(output)["key"]


def run(binary, configuration, *arguments):
    """The output of a command of the gateway."""
    command = [str(binary), *arguments, "--config", str(configuration)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


class Server:
    """A process that ends with the `with` block that uses it."""

    def __init__(self, command, port, log, **options):
        self.port = port
        # Complete responses to the load.
        self.answered = 0
        self.log = open(log, "ab")
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **options)
        try:
            wait_for(port, self.process)
        except BaseException:
            self.process.kill()
            print(pathlib.Path(log).read_text(errors="replace")[-2000:])
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def processes(self):
        """The process and its children: nginx's workers do nginx's work."""
        own = self.process.pid
        children = pathlib.Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return [own] + [int(child) for child in children]

    def cpu(self):
        """User and system time of all threads, ended ones included, in seconds."""
        ticks = 0
        for process in self.processes():
            # The name may have spaces; the fields after its closing bracket have none.
            fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def resident(self):
        """Resident bytes, of all processes together."""
        pages = sum(int(pathlib.Path(f"/proc/{process}/statm").read_text().split()[1]) for process in self.processes())
        return pages * os.sysconf("SC_PAGE_SIZE")


class Sandbox(Server):
    def __init__(self, binary, folder):
        port = free_port()
        super().__init__([binary, "sandbox", "--listen", f"127.0.0.1:{port}"], port, folder / "sandbox.log")


class Gateway(Server):
    """The gateway with its defaults: key check, metering, ledger. Only the access log is off, as in nginx."""

    name = "propylon"

    def __init__(self, binary, folder, upstream_port):
        self.binary = binary
        self.configuration = folder / "propylon.yaml"
        if not self.configuration.exists():
            configure(folder, upstream_port)
            (folder / "key").write_text(create_key(binary, self.configuration))
        port = int(self.configuration.read_text().split("127.0.0.1:")[1].split()[0])
        self.stream_port = port
        super().__init__([binary, "serve", "--config", self.configuration], port, folder / "propylon.log")

    def command(self, *arguments):
        return run(self.binary, self.configuration, *arguments)

    def recorded(self):
        """Requests in the ledger."""
        rows = json.loads(self.command("usage", "--by", "key", "--format", "json"))
        if isinstance(rows, dict):
            rows = rows["rows"]
        return sum(row["requests"] for row in rows)


class Nginx(Server):
    name = "nginx"

    def __init__(self, folder, upstream_port, workers):
        port, self.stream_port, self.plain_port = free_port(), free_port(), free_port()
        own = folder / "nginx"
        own.mkdir()
        template = string.Template((HERE / "nginx.conf").read_text())
        configuration = own / "nginx.conf"
        configuration.write_text(template.substitute(
            folder=own, upstream=f"127.0.0.1:{upstream_port}", port=port, stream_port=self.stream_port,
            plain_port=self.plain_port, workers=workers,
            user="user root;" if os.geteuid() == 0 else ""))
        super().__init__(["/usr/sbin/nginx", "-p", own, "-c", configuration], port, folder / "nginx.log")


class PlainNginx:
    """The same nginx, at its listener with `proxy_pass` and no other setting."""

    name = "nginx"
    answered = 0

    def __init__(self, nginx):
        self.port = nginx.plain_port
        self.cpu = nginx.cpu
