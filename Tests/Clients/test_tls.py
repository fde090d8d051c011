"""TLS on both sides, with generated certificates."""

import ssl
import subprocess

import httpx
import openai
import pytest

from gateway import Gateway
from ports import free_port

HELLO = [{"role": "user", "content": "PROMPT-MARKER Hello"}]


class Authority:
    """A certificate authority with certificates that it signs."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate = folder / "ca.pem"
        self._openssl("req", "-x509", "-days", "90", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")

    def _openssl(self, command, *arguments):
        fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"] if command == "req" else []
        subprocess.run(["openssl", command, *fresh, *arguments], cwd=self.folder, check=True, capture_output=True)

    def sign(self, name):
        """The files of a certificate for `name` and 127.0.0.1, and of its key."""
        (self.folder / "names").write_text(f"subjectAltName=DNS:{name},IP:127.0.0.1\n")
        self._openssl("req", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self._openssl(
            "x509",
            "-req",
            "-days",
            "90",
            "-in",
            f"{name}.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-extfile",
            "names",
            "-out",
            f"{name}.pem",
        )
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def expired(self, name):
        """The files of a certificate for `name` that expired a day ago, and of its key."""
        _, key = self.sign(name)
        self._openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "-1",
            "-extfile", "names", "-out", "expired.pem",
        )  # fmt: skip
        return self.folder / "expired.pem", key


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def certificate(authority):
    return authority.sign("localhost")


def listen(certificate, extra="", port=0):
    return f"{{ address: 127.0.0.1:{port}, tls: {{ certificate: {certificate[0]}, key: {certificate[1]}{extra} }} }}"


def sdk(gateway, context):
    return gateway.openai(gateway.first_key(), http_client=openai.DefaultHttpxClient(verify=context))


def context_for(authority):
    return ssl.create_default_context(cafile=authority.certificate)


def test_sdk_over_tls(start, authority, certificate):
    gateway = start(listen=f"[{listen(certificate)}]")
    assert gateway.url.startswith("https://")
    with sdk(gateway, context_for(authority)) as client:
        assert client.chat.completions.create(model="gpt-oss:120b", messages=HELLO).usage.completion_tokens == 64
        stream = client.chat.completions.create(model="sandbox:tokens=1000", messages=HELLO, stream=True)
        assert sum(1 for chunk in stream if chunk.choices[0].delta.content) == 1000
        assert (
            len(client.chat.completions.create(model="sandbox:size=3MiB", messages=HELLO).choices[0].message.content)
            == 3 << 20
        )
        with pytest.raises(openai.APIError):
            list(client.chat.completions.create(model="sandbox:fault=cut,tokens=50", messages=HELLO, stream=True))


def test_client_certificates(start, authority, certificate):
    gateway = start(listen=f"[{listen(certificate, f', client_ca: {authority.certificate}')}]")
    with sdk(gateway, context_for(authority)) as client, pytest.raises(openai.APIConnectionError):
        client.models.list()
    known = context_for(authority)
    known.load_cert_chain(*authority.sign("client"))
    with sdk(gateway, known) as client:
        assert client.models.list().data


def test_plain_client_at_a_tls_port(start, certificate):
    gateway = start(listen=f"[{listen(certificate)}]")
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{gateway.port}/healthz")
    assert gateway.is_ready()


def test_upstream_over_tls(start, authority, certificate):
    """Two gateways in a chain."""
    behind = start(listen=f"[{listen(certificate)}]")
    upstream = (
        f"upstream: {{ base_url: 'https://localhost:{behind.port}/v1', api_keys: ['{behind.first_key()}'], "
        f"ca_file: {authority.certificate} }}\n"
    )
    before = start(upstream, sandbox=False)
    client = before.openai(before.first_key())
    raw = client.chat.completions.with_raw_response.create(model="gpt-oss:120b", messages=HELLO)
    assert raw.parse().usage.completion_tokens == 64
    assert raw.headers["id"].startswith("chatcmpl-")
    stream = client.chat.completions.create(model="sandbox:tokens=500", messages=HELLO, stream=True)
    assert sum(1 for chunk in stream if chunk.choices[0].delta.content) == 500
    with pytest.raises(openai.APIError):
        list(client.chat.completions.create(model="sandbox:fault=cut,tokens=50", messages=HELLO, stream=True))


def test_request_together_with_the_end_of_the_handshake(start, authority, certificate):
    """The first signature of a process is slow, so a fast client's first request arrives with its Finished message. TLS has
    then read the request, and the system reports no more readable bytes."""
    behind = start(listen=f"[{listen(certificate, port=free_port())}]")
    key = behind.first_key()
    before = start(
        f"upstream: {{ base_url: 'https://localhost:{behind.port}/v1', api_keys: ['{key}'], "
        f"ca_file: {authority.certificate}, first_byte_timeout: 2s }}\n",
        sandbox=False,
    )
    client = before.openai(before.first_key())
    for _ in range(12):
        assert client.chat.completions.create(model="sandbox:tokens=1", messages=HELLO).choices
        assert behind.stop() == 0
        behind.start()


def test_upstream_with_an_untrusted_certificate(start, certificate):
    behind = start(listen=f"[{listen(certificate)}]")
    before = start(f"upstream: {{ base_url: 'https://localhost:{behind.port}/v1', api_keys: [upstream-key] }}\n", sandbox=False)
    with pytest.raises(openai.InternalServerError) as raised:
        before.openai(before.first_key()).models.list()
    assert (raised.value.status_code, raised.value.code) == (502, "upstream_tls")


def test_missing_certificate(start, certificate, tmp_path):
    gateway = Gateway(tmp_path, listen=f"[{listen((tmp_path / 'no.pem', certificate[1]))}]")
    outcome = gateway.run("serve", "--sandbox")
    assert outcome.returncode in (1, 3) and "no.pem" in outcome.stderr
