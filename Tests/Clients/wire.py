"""A raw HTTP/1.1 connection."""

import json
import re
import socket

from gateway import TIMEOUT


def chat_request(key, body, fields=""):
    """The bytes of a chat completion request. `fields` are further header lines, each with its line end."""
    data = json.dumps(body).encode()
    return (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(data)}\r\n{fields}\r\n"
    ).encode() + data


class Response:
    """A response: status, headers by names in lower case, body. `is_whole` is False for a truncated body."""

    def __init__(self, status, headers, body, is_whole):
        self.status, self.headers, self.body, self.is_whole = status, headers, body, is_whole


class Wire:
    def __init__(self, gateway):
        self._socket = socket.create_connection(("127.0.0.1", gateway.port), timeout=TIMEOUT)
        self._input = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, data):
        self._socket.sendall(data if isinstance(data, bytes) else data.encode())

    def finish_sending(self):
        self._socket.shutdown(socket.SHUT_WR)

    def _more(self):
        try:
            piece = self._socket.recv(65536)
        except ConnectionResetError:
            return False
        self._input += piece
        return bool(piece)

    def read_until(self, end):
        """The bytes up to and including `end`; None if the connection ends first."""
        while end not in self._input:
            if not self._more():
                return None
        head, _, self._input = self._input.partition(end)
        return head + end

    def read_exactly(self, count):
        while len(self._input) < count and self._more():
            pass
        data, self._input = self._input[:count], self._input[count:]
        return data

    def read_rest(self):
        while self._more():
            pass
        data, self._input = self._input, b""
        return data

    def read_head(self):
        head = self.read_until(b"\r\n\r\n")
        if head is None:
            return None
        lines = head.decode("latin-1").split("\r\n")[:-2]
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return int(re.match(r"HTTP/1\.1 (\d{3})", lines[0])[1]), headers

    def read_response(self, method="GET"):
        """The next response, read by its framing (RFC 9112, section 6.3); None if the connection ends first."""
        head = self.read_head()
        if head is None:
            return None
        status, headers = head
        if method == "HEAD" or status in (101, 204, 304) or status < 200:
            return Response(status, headers, b"", True)
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while (line := self.read_until(b"\r\n")) is not None:
                size = int(line.split(b";")[0], 16)
                piece = self.read_exactly(size + 2)
                body += piece[:-2]
                if size == 0 or len(piece) < size + 2:
                    return Response(status, headers, body, size == 0 and piece == b"\r\n")
            return Response(status, headers, body, False)
        if "content-length" in headers:
            length = int(headers["content-length"])
            body = self.read_exactly(length)
            return Response(status, headers, body, len(body) == length)
        return Response(status, headers, self.read_rest(), True)
