"""Ports for servers that need a number. Tests and benchmarks use them."""

import contextlib
import random
import socket


def free_port():
    """A free port below the range of outgoing connections, which could take it before the server does."""
    for port in random.sample(range(16_384, 32_768), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")
