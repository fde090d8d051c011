"""The release binary as a process, with its command line and SDK clients."""

import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

import openai

from ports import free_port

BINARY = os.environ.get("PROPYLON_BINARY") or str(
    pathlib.Path(__file__).resolve().parents[2] / ".build/release/propylon"
)
TIMEOUT = 20.0  # seconds for any event that a test waits for


class Secret(str):
    """A key that pytest does not print."""

    def __repr__(self):
        return "Secret(…)"


def eventually(check, timeout=TIMEOUT):
    """Calls `check` until it returns a true value, or the time is over; returns its last value."""
    deadline = time.monotonic() + timeout
    while True:
        value = check()
        if value or time.monotonic() > deadline:
            return value
        time.sleep(0.02)


class Lines:
    """The lines of a stream, read in a thread."""

    def __init__(self, stream):
        self._stream = stream
        self._lines = []
        self._ended = False
        self._changed = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._stream:
            with self._changed:
                self._lines.append(line)
                self._changed.notify_all()
        self._stream.close()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait_for(self, pattern, timeout=TIMEOUT):
        """The match in the first line that has one; None if the stream or the time ends first."""
        expression = re.compile(pattern)
        found = None

        def look():
            nonlocal found
            found = next(filter(None, map(expression.search, self._lines)), None)
            return found or self._ended

        with self._changed:
            self._changed.wait_for(look, timeout)
        return found

    def count(self, pattern):
        with self._changed:
            return sum(1 for line in self._lines if re.search(pattern, line))

    @property
    def text(self):
        """All lines so far."""
        with self._changed:
            return "".join(self._lines)

    def wait_for_end(self, timeout=TIMEOUT):
        with self._changed:
            return self._changed.wait_for(lambda: self._ended, timeout)


def environment(**changes):
    """The environment of this process, without variables that the program reads."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PROPYLON_", "LLMAAS_", "OPENAI_"))
        and not name.lower().endswith("_proxy")
    }
    return kept | changes


class Gateway:
    """A gateway with `folder` as its working directory. `members` are further lines of its configuration. Its upstream is the
    URL `upstream`, or its own sandbox. `wrapper` is a command that runs it, `variables` are added to its environment. `token`
    is the admin listener's."""

    def __init__(
        self, folder, members="", upstream=None, sandbox=True, listen="127.0.0.1:0", wrapper=(), variables=None,
        token=None,
    ):
        self.folder = pathlib.Path(folder)
        self.configuration = self.folder / "propylon.yaml"
        self.admin_port = free_port()
        self.names = []
        self.upstream = upstream
        self.sandbox = sandbox and not upstream
        self.listen = listen
        self.token = f", token: {token}" if token else ""
        self.wrapper, self.variables = wrapper, variables or {}
        self.configure(members)
        self.process = None

    def configure(self, members):
        upstream = f"upstream: {{ base_url: {self.upstream}, api_keys: [upstream-key] }}\n" if self.upstream else ""
        self.configuration.write_text(
            f"listen: {self.listen}\n"
            f"admin: {{ listen: 127.0.0.1:{self.admin_port}{self.token} }}\n"
            f"data: {self.folder}/data\n"
            f"{upstream}{members}"
        )

    def start(self):
        arguments = [*self.wrapper, BINARY, "serve", "--config", str(self.configuration), "--first-key"]
        if self.sandbox:
            arguments.append("--sandbox")
        self.process = subprocess.Popen(
            arguments,
            cwd=self.folder,
            env=environment(**self.variables),
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.out, self.log = Lines(self.process.stdout), Lines(self.process.stderr)
        listening = self.out.wait_for(r"listens on (https?://[^\s,]+)")
        if not listening:
            self.log.wait_for_end()
        assert listening, f"the gateway does not start: {self.log.text}"
        self.url = listening[1]
        self.port = int(self.url.rpartition(":")[2])
        assert eventually(self.is_ready), "the gateway does not become ready"
        return self

    def is_ready(self):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/readyz", timeout=5).status == 200
        except urllib.error.URLError:
            return False

    def first_key(self):
        """The key that the first start prints."""
        return Secret(self.out.wait_for(r"OPENAI_API_KEY=(sk-ppl-\S+)")[1])

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=TIMEOUT):
        """The exit status, after all output has been read."""
        status = self.process.wait(timeout)
        self.out.wait_for_end()
        self.log.wait_for_end()
        return status

    def stop(self):
        """Sends SIGTERM, as a service manager does; returns the exit status."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    # The command line, while the gateway runs

    def run(self, *arguments, **options):
        return run(*arguments, "--config", str(self.configuration), cwd=self.folder, **options)

    def json(self, *arguments):
        outcome = self.run(*arguments)
        assert outcome.returncode == 0, outcome.stderr
        return json.loads(outcome.stdout)

    def create_key(self, name, *arguments):
        """Creates a key and waits until the gateway accepts it; returns its id and the key. A name that is taken gets a number."""
        self.names.append(name)
        if (used := self.names.count(name)) > 1:
            name = f"{name}-{used}"
        made = self.json("keys", "create", "--name", name, "--json", *arguments)
        key = Secret(made["key"])
        # An unknown path is refused after the key was checked, and uses up no request of its limits.
        assert eventually(lambda: self.status_of(key, "/nothing") != 401, 2), "a new key is not accepted within two seconds"
        return made["id"], key

    def status_of(self, key, path="/v1/models"):
        """The status of a GET request with `key`."""
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {key}"})
        try:
            return urllib.request.urlopen(request, timeout=TIMEOUT).status
        except urllib.error.HTTPError as error:
            return error.code

    def usage(self, by, requests=None, **choice):
        """The rows of the report whose groups equal `choice`. With `requests` it waits until the rows have so many requests,
        as they are written shortly after the response."""

        def rows():
            report = self.json("usage", "--by", by, "--format", "json")
            return [row for row in report if all(row[name] == value for name, value in choice.items())]

        if requests is None:
            return rows()
        found = None

        def complete():
            nonlocal found
            found = rows()
            return sum(row["requests"] for row in found) >= requests

        eventually(complete)
        assert sum(row["requests"] for row in found) == requests
        return found

    # SDKs

    def openai(self, key, **options):
        return openai.OpenAI(
            base_url=f"{self.url}/v1", api_key=key, **({"max_retries": 0, "timeout": TIMEOUT} | options)
        )

    def async_openai(self, key, **options):
        return openai.AsyncOpenAI(
            base_url=f"{self.url}/v1", api_key=key, **({"max_retries": 0, "timeout": TIMEOUT} | options)
        )


def run(*arguments, cwd=None, **changes):
    """Runs the program with `arguments`; `changes` are environment variables."""
    return subprocess.run(
        [BINARY, *arguments],
        cwd=cwd,
        env=environment(**changes),
        text=True,
        capture_output=True,
        timeout=TIMEOUT,
        stdin=subprocess.DEVNULL,
    )
