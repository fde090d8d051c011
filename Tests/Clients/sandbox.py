"""The simulated upstream as a process of its own."""

import json
import subprocess
import urllib.request

from gateway import BINARY, TIMEOUT, Lines, environment
from ports import free_port


class Sandbox:
    def __init__(self):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [BINARY, "sandbox", "--listen", f"127.0.0.1:{port}"],
            env=environment(),
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert Lines(self._process.stdout).wait_for("listens on")

    def billed(self):
        """The bill so far: usage by model."""
        request = urllib.request.Request(f"{self.url}/sandbox/usage", headers={"Authorization": "Bearer x"})
        return {row["model"]: row for row in json.load(urllib.request.urlopen(request, timeout=TIMEOUT))["data"]}

    def close(self):
        self._process.terminate()
        self._process.wait(TIMEOUT)
