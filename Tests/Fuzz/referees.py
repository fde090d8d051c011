"""Compares what we accept with what other parsers read: h11 and httptools for HTTP, Python's json and email, the SDKs of OpenAI and
Anthropic for translated requests and responses.

usage: referees.py [--cases N] [--seed N] READER

READER is the program of Tests/Fuzz/Reader. What we accept must mean the same to every referee that accepts it too; a referee
that is stricter than we are is counted and no fault. The exit status is 1 after a difference.
"""

import argparse
import collections
import email
import email.policy
import json
import pathlib
import random
import struct
import subprocess
import sys

import h11
import httptools

import translations

CORPORA = pathlib.Path(__file__).resolve().parent / "Corpora"
FOLDERS = {"q": "request-heads", "r": "response-heads", "c": "chunked", "j": "json", "m": "multipart"}
# Pieces that parsers are known to read differently.
TELLING = {
    "http": [b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b",", b";", b"\x00", b"\x80", b"content-length: 3\r\n", b"\x0b", b"+", b"-",
             b"transfer-encoding: chunked\r\n", b"Content-Length: 03\r\n", b"0\r\n\r\n", b"3\r\nabc\r\n", b"chunked", b"identity",
             b"HTTP/1.0", b"HTTP/1.1", b"host: a\r\n", b"close", b"GET / HTTP/1.1\r\n", b"0x3", b"00", b"ffffffffffffffff", b"\"", b"\\"],
    "j": [b'"', b"\\", b"\\u0000", b"\\ud800", b"\\udc00", b"{", b"}", b"[", b"]", b",", b":", b"1e5", b"-0", b"1E400", b"NaN", b"null",
          b'"model":', b'"n":', b'"t":', b"\xc3\xa9", b"\xff", b" ", b"\t", b"\x0b", b"9223372036854775808", b"0.1", b"\xef\xbb\xbf", b"true"],
    "m": [b"\r\n", b"\n", b"\r", b"--B", b"--", b"B", b'"', b"\\", b";", b"=", b"name=", b"filename=", b"*", b"content-type: a/b\r\n",
          b"content-disposition: form-data; name=x\r\n\r\n", b"%22", b" ", b"\t", b"boundary=B", b"\xc3\xa9", b"\x00"],
}  # fmt: skip


def mutated(seed: bytes, chance: random.Random, telling: list[bytes]) -> bytes:
    data = bytearray(seed)
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        at = chance.randint(0, len(data))
        match chance.randint(0, 4):
            case 0: data[at:at] = chance.choice(telling)
            case 1: del data[at : at + chance.randint(1, 4)]
            case 2: data[at : at + chance.randint(1, 3)] = chance.choice(telling)
            case 3 if data: data[at % len(data)] = chance.randrange(256)
            case _:
                other = chance.randint(0, len(data))
                data[at:at] = data[other : other + chance.randint(1, 30)]  # fmt: skip
    return bytes(data)


def cases(kind: str, count: int, chance: random.Random):
    seeds = [path.read_bytes() for path in sorted((CORPORA / FOLDERS[kind]).iterdir())]
    if kind == "m":
        seeds = [s if s.startswith(b"multipart/") else b"multipart/form-data; boundary=B\n" + s for s in seeds]
    telling = TELLING.get(kind, TELLING["http"])
    yield from seeds
    for _ in range(count - len(seeds)):
        yield mutated(chance.choice(seeds), chance, telling)


def ours(reader: str, kind: str, inputs: list[bytes]) -> list[list[str]]:
    data = b"".join(kind.encode() + struct.pack("<I", len(case)) + case for case in inputs)
    lines = subprocess.run([reader], input=data, stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    assert len(lines) == len(inputs), "the reader died: its last line is of the case before the one that it died of"
    return [line.split(" ") for line in lines]


def raw(word: str) -> bytes:
    word = word.removeprefix('"')
    return b"" if word == "-" else bytes.fromhex(word)


class Rejected(Exception):
    """The referee does not accept the input."""


# Referees of HTTP return the start line, the fields and the body as (complete, data).


def by_h11(data: bytes, role, request=None):
    connection = h11.Connection(role, max_incomplete_event_size=1 << 20)
    try:
        if role is h11.CLIENT:
            connection.send(h11.Request(method="GET", target="/", headers=[("host", "a")]))
            connection.send(h11.EndOfMessage())
        connection.receive_data(data)
        if role is h11.CLIENT:
            connection.receive_data(b"")
        head, body = None, b""
        while True:
            event = connection.next_event()
            if isinstance(event, (h11.Request, h11.Response)):
                head = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return head, True, body
            elif event is h11.NEED_DATA or event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                if head is None:
                    raise Rejected
                return head, False, body
    except h11.ProtocolError as error:
        # A body that breaks off was read as far as this.
        if role is h11.CLIENT and head is not None and "peer closed" in str(error):
            return head, False, body
        raise Rejected from None


class Listener:
    """Collects what httptools reads, up to the end of the first message."""

    def __init__(self):
        self.target, self.fields, self.body, self.complete, self.has_head = b"", [], b"", False, False

    def on_url(self, url):
        if not self.complete:
            self.target += url

    def on_header(self, name, value):
        if not self.has_head:
            self.fields.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self):
        self.has_head = True

    def on_body(self, data):
        if not self.complete:
            self.body += data

    def on_message_complete(self):
        self.complete = True


def by_httptools(data: bytes, kind):
    listener = Listener()
    parser = kind(listener)
    try:
        parser.feed_data(data)
    except httptools.HttpParserUpgrade:
        raise Rejected from None
    except httptools.HttpParserError:
        # What comes after the message is not judged here.
        if not listener.complete:
            raise Rejected from None
    if not listener.has_head:
        raise Rejected
    return parser, listener


def fields_of(words: list[str]) -> list[tuple[bytes, bytes]]:
    return [tuple(map(raw, word.split(":"))) for word in words]


def check_request(words: list[str], data: bytes):
    """Yields the name of each referee with the difference, or None where it agrees."""
    bar = words.index("|")
    method, target, fields = raw(words[1]), raw(words[2]), [(n.lower(), v) for n, v in fields_of(words[4 : bar - 1 + 1])]
    end, body = words[bar + 1], raw(words[bar + 2])
    if end == "error":
        return  # the body is refused, and with it the request

    def h11_reads():
        head, complete, other = by_h11(data, h11.SERVER)
        mine = (method, target, fields, end == "complete", body)
        theirs = (head.method, head.target, [(bytes(n), bytes(v)) for n, v in head.headers], complete, other)
        return difference(mine, theirs)

    def httptools_reads():
        parser, listener = by_httptools(data, httptools.HttpRequestParser)
        mine = (method, target, fields, end == "complete", body)
        theirs = (parser.get_method(), listener.target, listener.fields, listener.complete, listener.body)
        return difference(mine, theirs)

    yield "h11", h11_reads
    yield "httptools", httptools_reads


def check_response(words: list[str], data: bytes):
    bar = words.index("|")
    status, fields = int(words[1]), [(n.lower(), v) for n, v in fields_of(words[3:bar])]
    end = words[bar + 1]
    if end in ("error", "switched"):
        return
    body = raw(words[bar + 2])

    def h11_reads():
        head, complete, other = by_h11(data, h11.CLIENT)
        theirs = (head.status_code, [(bytes(n), bytes(v)) for n, v in head.headers], complete, other)
        return difference((status, fields, end == "complete", body), theirs)

    # Interim responses are messages of their own to httptools; h11 skips them as we do.
    yield "h11", h11_reads


def check_chunked(words: list[str], data: bytes):
    if words[0] == "error":
        return
    head = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
    mine = (words[0] == "complete", raw(words[1]))

    def h11_reads():
        _, complete, body = by_h11(head + data, h11.SERVER)
        return difference(mine, (complete, body))

    def httptools_reads():
        _, listener = by_httptools(head + data, httptools.HttpRequestParser)
        return difference(mine, (listener.complete, listener.body))

    yield "h11", h11_reads
    yield "httptools", httptools_reads


KINDS = {dict: "object", list: "array", str: "string", bool: ("true", "false"), type(None): "null", int: "number", float: "number"}


def check_json(words: list[str], data: bytes):
    def python_reads():
        try:
            # As json.loads reads bytes, of which it guesses the encoding.
            value = json.loads(data.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            return "json refuses what we accept"
        if words[1] not in KINDS[type(value)]:
            return f"{words[1]} instead of {type(value)}"
        members = value if isinstance(value, dict) else {}
        model, number, text = members.get("model"), members.get("n"), members.get("t")
        # A lone surrogate becomes U+FFFD with us.
        if isinstance(model, str) and len(model.encode("utf-8", "surrogatepass")) <= 256:
            expected = model.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            if words[2] == "-" or raw(words[2]).decode() != expected:
                return f"the model is {words[2]} and not {expected!r}"
        elif not isinstance(model, str) and words[2] != "-":
            return f"there is no model {words[2]}"
        if type(number) is int and -(1 << 63) <= number < 1 << 63 and words[3] != str(number):
            return f"n is {words[3]} and not {number}"
        if not isinstance(number, (int, float)) and words[3] != "-" or type(number) is bool and words[3] != "-":
            return f"there is no n {words[3]}"
        if isinstance(text, str) and int(words[4]) != len(text):
            return f"t has {words[4]} characters and not {len(text)}"
        return None

    yield "json", python_reads


def check_multipart(words: list[str], data: bytes):
    kind, _, body = data.partition(b"\n")

    def email_reads():
        message = email.message_from_bytes(b"content-type: " + kind + b"\r\n\r\n" + body, policy=email.policy.compat32)
        parts = message.get_payload()
        # Its parser is for mail: it takes any defect, and then says so.
        if not isinstance(parts, list) or message.defects or any(part.defects for part in parts):
            raise Rejected
        mine = [tuple(words[i : i + 4]) for i in range(1, len(words) - 3, 4)]
        if len(mine) != len(parts):
            return f"{len(mine)} parts and not {len(parts)}"
        for (name, _, _, content), part in zip(mine, parts):
            payload = part.get_payload(decode=True)
            # Parts of mail can be encoded or nested themselves.
            if payload is None or part.is_multipart() or "content-transfer-encoding" in part:
                raise Rejected
            if payload != raw(content):
                return f"a content is {raw(content)!r} and not {payload!r}"
            theirs = part.get_param("name", header="content-disposition")
            if isinstance(theirs, str) and theirs.isascii() and "%" not in theirs and theirs.encode() != raw(name):
                return f"a name is {raw(name)!r} and not {theirs!r}"
        return None

    yield "email", email_reads


def difference(mine, theirs):
    return None if mine == theirs else f"we read {mine!r}, it reads {theirs!r}"


CHECKS = {"q": check_request, "r": check_response, "c": check_chunked, "j": check_json, "m": check_multipart}
# The reader's commands for translations, whose cases `translations.py` makes.
TRANSLATIONS = {"x": "responses-requests", "y": "messages-requests", "X": "responses-streams", "Y": "messages-streams"}
ACCEPTED = {"q": "ok", "r": "ok", "c": ("complete", "incomplete"), "j": "ok", "m": "ok"}


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--cases", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("reader")
    options = options.parse_args()
    failed = False
    for kind, check in CHECKS.items():
        inputs = list(cases(kind, options.cases, random.Random(f"{options.seed}{kind}")))
        accepted, counts, shown = 0, collections.Counter(), 0
        for words, data in zip(ours(options.reader, kind, inputs), inputs):
            if words[0] not in ACCEPTED[kind]:
                continue
            accepted += 1
            for name, reads in check(words, data):
                try:
                    found = reads()
                except Rejected:
                    counts[f"{name} is stricter"] += 1
                    continue
                counts[f"{name} differs" if found else f"{name} agrees"] += 1
                if found:
                    failed = True
                    shown += 1
                    if shown <= 5:
                        print(f"{FOLDERS[kind]}: {name}: {data!r}\n    {found}")
        summary = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
        print(f"{FOLDERS[kind]:15} {len(inputs)} cases, {accepted} accepted: {summary}")
    for kind, name in TRANSLATIONS.items():
        made = list(translations.cases(kind, options.cases, random.Random(f"{options.seed}{kind}")))
        faults = []
        for words, (data, expected) in zip(ours(options.reader, kind, [data for data, _ in made]), made):
            # All of these are well-formed: what is refused is a fault too.
            fault = translations.differs(kind, raw(words[1]), expected) if words[0] == "ok" else "refused"
            if fault:
                faults.append(f"{name}: {data[-3000:]!r}\n    {fault}")
        print("\n".join([*faults[:5], f"{name:15} {len(made)} cases: the SDK differs {len(faults)}"]))
        failed = failed or bool(faults)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
