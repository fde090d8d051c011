"""Where servers listen that have to be told a port. The benchmarks use it, too."""

import contextlib
import random
import socket


def free_port():
    """A port below those that the system gives to outgoing connections: one of them could take it before it is used."""
    for port in random.sample(range(16_384, 32_768), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")
