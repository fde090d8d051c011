"""Everything that the configuration names is read again with SIGHUP: certificates, authorities, secrets, listeners. What cannot
be read fails the whole reload."""

import contextlib
import http.client
import signal
import socket
import ssl
import subprocess
import urllib.error
import urllib.request

import openai
import pytest

from gateway import TIMEOUT, eventually
from ports import free_port
from test_tls import HELLO, Authority, listen

RELOADED = "the configuration is reloaded"
REFUSED = "the configuration is not reloaded, nothing has changed"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def files(authority, tmp_path):
    """The files of a listener: a certificate and its key, which the test may replace."""
    for name, made in zip(("server.pem", "server.key"), authority.sign("localhost")):
        (tmp_path / name).write_bytes(made.read_bytes())
    return tmp_path / "server.pem", tmp_path / "server.key"


def renew(authority, files, name="localhost"):
    """Writes a new certificate and its key over `files`."""
    for target, made in zip(files, authority.sign(name)):
        target.write_bytes(made.read_bytes())


def hang_up(gateway, expected=RELOADED):
    """Sends SIGHUP and waits for its end in the log."""
    before = gateway.log.count(expected)
    gateway.signal(signal.SIGHUP)
    assert eventually(lambda: gateway.log.count(expected) > before), gateway.log.text


def serial(pem):
    return subprocess.run(
        ["openssl", "x509", "-noout", "-serial", "-in", pem], check=True, capture_output=True, text=True
    ).stdout


def served(port):
    """The serial number of the certificate that a new connection gets, as the openssl command sees it."""
    session = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost"],
        input="",
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    ).stdout
    return subprocess.run(
        ["openssl", "x509", "-noout", "-serial"], input=session, check=True, capture_output=True, text=True
    ).stdout


def connect(gateway, authority):
    """A kept-alive connection that is in use already."""
    context = ssl.create_default_context(cafile=authority.certificate)
    connection = http.client.HTTPSConnection("localhost", gateway.port, timeout=TIMEOUT, context=context)
    # The name resolves to IPv6 first on some machines.
    connection.sock = context.wrap_socket(
        socket.create_connection(("127.0.0.1", gateway.port), TIMEOUT), server_hostname="localhost"
    )
    assert ask(connection) == 200
    return connection


def ask(connection):
    connection.request("GET", "/healthz")
    response = connection.getresponse()
    response.read()
    return response.status


def test_a_renewed_certificate_is_served_and_connections_go_on(start, authority, files):
    gateway = start(listen=f"[{listen(files)}]")
    kept = connect(gateway, authority)
    before = kept.sock
    old = serial(files[0])
    assert served(gateway.port) == old
    for _ in range(3):
        renew(authority, files)
        assert serial(files[0]) != old
        hang_up(gateway)
        old = serial(files[0])
        assert served(gateway.port) == old
        assert ask(kept) == 200 and kept.sock is before
    assert '"certificates":"127.0.0.1:0"' in gateway.log.text


def test_a_stream_goes_on_over_a_renewal(start, authority, files):
    gateway = start(listen=f"[{listen(files)}]")
    context = ssl.create_default_context(cafile=authority.certificate)
    with gateway.openai(gateway.first_key(), http_client=openai.DefaultHttpxClient(verify=context)) as client:
        stream = client.chat.completions.create(model="sandbox:tokens=40,interval=20ms", messages=HELLO, stream=True)
        next(iter(stream))
        renew(authority, files)
        hang_up(gateway)
        assert sum(1 for chunk in stream if chunk.choices and chunk.choices[0].delta.content) == 40


def break_certificate(authority, files, folder):
    files[0].write_text("no certificate\n")
    return files[0]


def remove_certificate(authority, files, folder):
    files[0].unlink()
    return files[0]


def remove_key(authority, files, folder):
    files[1].unlink()
    return files[1]


def empty_key(authority, files, folder):
    files[1].write_text("")
    return files[1]


def mismatch(authority, files, folder):
    files[0].write_bytes(authority.sign("localhost")[0].read_bytes())
    return "does not belong to the certificate"


def empty_authorities(authority, files, folder):
    (folder / "clients.pem").write_text("")
    return folder / "clients.pem"


def remove_upstream_authorities(authority, files, folder):
    (folder / "upstream.pem").unlink()
    return folder / "upstream.pem"


def remove_secret(authority, files, folder):
    (folder / "token").unlink()
    return folder / "token"


@pytest.mark.parametrize(
    "fault",
    [
        break_certificate,
        remove_certificate,
        remove_key,
        empty_key,
        mismatch,
        empty_authorities,
        remove_upstream_authorities,
        remove_secret,
    ],
)
def test_a_file_that_cannot_be_used_fails_the_whole_reload(start, authority, files, tmp_path, fault):
    for name in ("clients.pem", "upstream.pem"):
        (tmp_path / name).write_bytes(authority.certificate.read_bytes())
    (tmp_path / "token").write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
    places = f"[{listen(files)}, {listen(files, f', client_ca: {tmp_path}/clients.pem')}]"
    secret = f"alerts: {{ webhooks: [{{ url: 'http://127.0.0.1:9/', secret: '${{file:{tmp_path}/token}}' }}] }}\n"
    upstream = f"upstream: {{ base_url: 'https://127.0.0.1:9/v1', api_keys: [upstream-key], ca_file: {tmp_path}/upstream.pem }}\n"
    gateway = start(upstream + secret, listen=places, sandbox=False)
    kept = connect(gateway, authority)
    old = served(gateway.port)
    named = fault(authority, files, tmp_path)
    # Another change in the same file does not take effect either.
    gateway.configure(upstream + secret + "tiers: { new: {} }\ndefault_tier: new\nlog: { level: error }\n")
    hang_up(gateway, REFUSED)
    assert str(named) in gateway.log.text
    assert served(gateway.port) == old
    assert ask(kept) == 200
    assert gateway.log.count(RELOADED) == 0
    # The level of the log is the old one: the end is still logged.
    assert gateway.stop() == 0
    assert gateway.log.count('"level":"info".*ended')


def test_an_expired_certificate_is_a_warning(start, authority, files):
    gateway = start(listen=f"[{listen(files)}]")
    authority._openssl(
        "x509", "-req", "-in", "localhost.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "-1",
        "-extfile", "names", "-out", "expired.pem",
    )  # fmt: skip
    files[0].write_bytes((authority.folder / "expired.pem").read_bytes())
    files[1].write_bytes((authority.folder / "localhost.key").read_bytes())
    hang_up(gateway)
    assert gateway.log.count(f"the certificate in {files[0]} has expired") == 1
    assert served(gateway.port) == serial(files[0])


def test_other_client_authorities(start, authority, files, tmp_path):
    """A client whose authority is gone cannot connect again, not even with a session of before; its connection goes on."""
    (tmp_path / "clients.pem").write_bytes(authority.certificate.read_bytes())
    gateway = start(listen=f"[{listen(files, f', client_ca: {tmp_path}/clients.pem')}]")
    context = ssl.create_default_context(cafile=authority.certificate)
    context.load_cert_chain(*authority.sign("client"))

    def handshake(session=None):
        plain = socket.create_connection(("127.0.0.1", gateway.port), TIMEOUT)
        secure = context.wrap_socket(plain, server_hostname="localhost", session=session)
        secure.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        return secure if secure.recv(12) == b"HTTP/1.1 200" else None

    first = handshake()
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "clients.pem").write_bytes(Authority(other).certificate.read_bytes())
    hang_up(gateway)
    for session in (None, first.session):
        refused = None
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            refused = handshake(session)
        assert refused is None
    first.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
    assert eventually(lambda: b"200" in first.recv(4096))


def test_other_upstream_authorities(start, authority, files, tmp_path):
    behind = start(listen=f"[{listen(files)}]")
    trust = tmp_path / "trust.pem"
    other = tmp_path / "other"
    other.mkdir()
    trust.write_bytes(Authority(other).certificate.read_bytes())
    before = start(
        f"upstream: {{ base_url: 'https://localhost:{behind.port}/v1', api_keys: ['{behind.first_key()}'], "
        f"ca_file: {trust} }}\n",
        sandbox=False,
    )
    client = before.openai(before.first_key())
    with pytest.raises(openai.InternalServerError) as raised:
        client.models.list()
    assert raised.value.code == "upstream_tls"
    trust.write_bytes(authority.certificate.read_bytes())
    hang_up(before)
    assert client.models.list().data


def test_secrets_in_files(start, tmp_path):
    token = tmp_path / "token"
    token.write_text("first\n")
    gateway = start()
    gateway.configure("")
    text = gateway.configuration.read_text()
    admin = f"admin: {{ listen: 127.0.0.1:{gateway.admin_port}"
    gateway.configuration.write_text(text.replace(admin, f"{admin}, token: '${{file:{token}}}'"))

    def status(word):
        request = urllib.request.Request(
            f"http://127.0.0.1:{gateway.admin_port}/metrics", headers={"Authorization": f"Bearer {word}"}
        )
        try:
            return urllib.request.urlopen(request, timeout=TIMEOUT).status
        except urllib.error.HTTPError as error:
            return error.code

    assert status("any") == 200
    hang_up(gateway)
    assert [status("first"), status("second")] == [200, 401]
    token.write_text("second\n")
    hang_up(gateway)
    assert [status("first"), status("second")] == [401, 200]
    assert '"changed":"admin.token"' in gateway.log.text
    assert "first" not in gateway.log.text and "second" not in gateway.log.text


def test_members_that_take_a_restart_keep_their_value_everywhere(start, tmp_path):
    """Bodies above `memory_body_bytes` went to the new folder, which did not exist, and were 503."""
    gateway = start("")
    client = gateway.openai(gateway.first_key())
    text = gateway.configuration.read_text()
    for _ in range(2):
        gateway.configuration.write_text(
            text.replace(f"data: {gateway.folder}/data", f"data: {tmp_path}/new")
            + "limits: { connections: 9, header_bytes: 2KiB }\nmodels: { aliases: { renamed: 'gpt-oss:20b' } }\n"
        )
        hang_up(gateway)
        long = [{"role": "user", "content": "PROMPT-MARKER " + "x" * (2 << 20)}]
        assert client.chat.completions.create(model="renamed", messages=long, max_tokens=1).usage
    for member in ("data", "limits.connections", "limits.header_bytes"):
        assert gateway.log.count(f'"member":"{member}".*takes effect at the next start') == 2
    assert gateway.log.count('"member":"') == 6
    assert not (tmp_path / "new").exists()
    gateway.configuration.write_text(text)
    gateway.usage("key", requests=2)


def test_listeners_come_and_go(start):
    first, second = free_port(), free_port()
    gateway = start(listen=f"127.0.0.1:{first}")
    kept = http.client.HTTPConnection("127.0.0.1", first, timeout=TIMEOUT)
    assert ask(kept) == 200
    sock = kept.sock
    gateway.listen = f"[127.0.0.1:{first}, 127.0.0.1:{second}]"
    gateway.configure("")
    hang_up(gateway)
    leaving = http.client.HTTPConnection("127.0.0.1", second, timeout=TIMEOUT)
    assert ask(leaving) == 200
    assert ask(kept) == 200 and kept.sock is sock
    assert f"http://127.0.0.1:{second}" in gateway.run("status").stdout
    # Connections of a listener that goes drain, and those of the other stay.
    gateway.listen = f"127.0.0.1:{first}"
    gateway.configure("")
    hang_up(gateway)
    assert leaving.sock.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", second), TIMEOUT)
    assert ask(kept) == 200 and kept.sock is sock


def test_an_address_in_use_fails_the_reload(start):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        gateway = start()
        gateway.listen = f"[{gateway.listen}, 127.0.0.1:{other.getsockname()[1]}]"
        gateway.configure("tiers: { new: {} }\n")
        hang_up(gateway, REFUSED)
        assert "Address already in use" in gateway.log.text
        assert gateway.run("status").returncode == 0


def test_the_admin_listener_moves(start):
    gateway = start()
    old, gateway.admin_port = gateway.admin_port, free_port()
    gateway.configure("")
    hang_up(gateway)
    assert gateway.is_ready()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", old), TIMEOUT)


def test_the_level_of_the_log(start):
    gateway = start("log: { level: error }\n")
    gateway.configure("log: { level: info }\n")
    hang_up(gateway)
    # This reload is silent. The new listener says that it is done.
    port = free_port()
    gateway.listen = f"[{gateway.listen}, 127.0.0.1:{port}]"
    gateway.configure("log: { level: error }\n")
    gateway.signal(signal.SIGHUP)
    assert eventually(lambda: not connect_fails(port))
    gateway.configure("listn: x\n")
    hang_up(gateway, REFUSED)
    assert gateway.log.count(RELOADED) == 1


def connect_fails(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port))


def test_the_admin_listener_answers_for_its_hosts_alone(start):
    """A page of the web that rebinds its name to 127.0.0.1 reaches the listener, with its own name as `Host`."""
    gateway = start()

    def status(host, path="/metrics"):
        connection = http.client.HTTPConnection("127.0.0.1", gateway.admin_port, timeout=TIMEOUT)
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status

    for host in ("localhost", f"127.0.0.1:{gateway.admin_port}", "[::1]:9"):
        assert status(host) == 200
    for path in ("/metrics", "/healthz", "/admin/v1/status", "/none"):
        assert status(f"evil.example:{gateway.admin_port}", path) == 421
    text = gateway.configuration.read_text()
    admin = f"127.0.0.1:{gateway.admin_port} }}"
    gateway.configuration.write_text(text.replace(admin, f"127.0.0.1:{gateway.admin_port}, hosts: [Gateway.example] }}"))
    assert status("gateway.example") == 421
    hang_up(gateway)
    assert status("gateway.example:8081") == 200
    assert status("evil.example") == 421
