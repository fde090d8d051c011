"""Requests over a kept connection, one after the other, for benchmarks that proceed in lockstep."""
import re


def post(path, port, key, body):
    """A request with a JSON body, as bytes."""
    return (f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body


def exchange(client, message):
    """Sends a request and reads its response, by its length."""
    client.sendall(message)
    received = b""
    while b"\r\n\r\n" not in received:
        received += receive(client)
    head, _, body = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"bench: the gateway answers {received[:400]!r}")
    length = int(re.search(rb"(?i)\r\ncontent-length: (\d+)", head)[1])
    while len(body) < length:
        body += receive(client)


def receive(client):
    piece = client.recv(65536)
    if not piece:
        raise SystemExit("bench: the gateway closed the connection")
    return piece
