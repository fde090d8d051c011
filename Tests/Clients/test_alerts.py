"""Alerts reach webhooks and mail, each by itself, over outages and restarts; the SDK of Standard Webhooks verifies them."""

import base64
import email
import email.policy
import http.server
import json
import queue
import signal
import ssl
import threading

import openai
import pytest
from standardwebhooks import Webhook

from gateway import TIMEOUT, Gateway, eventually
from ports import free_port
from test_takeover import Process, no_process_is_left  # noqa: F401
from test_tls import Authority

SECRETS = ["whsec_" + base64.b64encode(bytes(range(n, n + 32))).decode() for n in (0, 64)]
TOKEN = "swordfish-in-the-url"
TIERS = "tiers: { small: { output_tokens_per_day: 100, alert_at: [80] } }\n"


class Hook(http.server.ThreadingHTTPServer):
    """A webhook that keeps what it gets. It answers with `statuses` first, then with 204; None is no answer."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, *statuses, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.statuses, self.posts, self.ended = list(statuses), queue.Queue(), threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook?token={TOKEN}"

    def alert(self, secret=SECRETS[0]):
        """The next alert, verified; its id is the member `id`."""
        headers, body = self.posts.get(timeout=TIMEOUT)
        return Webhook(secret).verify(body, headers) | {"id": headers["webhook-id"]}

    def close(self):
        self.ended.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        status = self.server.statuses.pop(0) if self.server.statuses else 204
        self.server.posts.put(({name.lower(): value for name, value in self.headers.items()}, body))
        if status is None:
            return self.server.ended.wait()
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def hook():
    """Makes webhooks, which end with the test."""
    made = []

    def make(*statuses, **options):
        made.append(Hook(*statuses, **options))
        return made[-1]

    yield make
    for server in made:
        server.close()


def members(*hooks, events=None, secret=SECRETS[0]):
    choice = f", events: {json.dumps(events)}" if events else ""
    places = [f"{{ url: '{hook if isinstance(hook, str) else hook.url}', secret: {secret}{choice} }}" for hook in hooks]
    return TIERS + f"alerts: {{ webhooks: [{', '.join(places)}] }}\n"


def waiting(gateway):
    """The recipients as `propylon alerts` shows them, by name."""
    return {row["recipient"]: row for row in gateway.json("alerts", "--json")}


def known(gateway, count):
    """True once the gateway has begun to keep alerts for `count` recipients."""
    return eventually(lambda: len(waiting(gateway)) == count)


def use(gateway, key, tokens):
    with gateway.openai(key) as client:
        body = {"model": f"sandbox:tokens={tokens}", "max_tokens": tokens}
        client.chat.completions.create(messages=[{"role": "user", "content": "PROMPT-MARKER"}], **body)


def test_a_limit_is_alerted_with_names_and_times(start, hook):
    server = hook(503)
    gateway = start("machine_name: gateway-1\n" + members(server, events=["limit.*"], secret=json.dumps(SECRETS)))
    assert known(gateway, 1)
    identifier, key = gateway.create_key("ada", "--tier", "small")
    use(gateway, key, 85)
    # The first attempt gets a 503; the second one has the same id. Each secret verifies.
    first, second = server.alert(SECRETS[0]), server.alert(SECRETS[1])
    assert first == second
    assert first["type"] == "limit.reached"
    data = first["data"]
    assert (data["subject"], data["subject_name"], data["gateway"]) == (identifier, "ada", "gateway-1")
    assert (data["limit"], data["limit_text"]) == ("output_tokens_per_day", "100 output tokens a day")
    assert (data["percent"], data["used"], data["allowed"], data["severity"]) == (80, "85", "100", "warning")
    assert data["time_zone"] == "Europe/Paris"
    assert data["window_start"].endswith("Z") and data["window_start_local"][11:] in ("00:00:00+01:00", "00:00:00+02:00")
    assert gateway.log.wait_for("a limit is used up to a percentage of alert_at")
    assert eventually(lambda: waiting(gateway)["webhook 1"]["waiting"] == 0)
    with pytest.raises(openai.RateLimitError):
        use(gateway, key, 50)
    refusal = server.alert()
    assert refusal["type"] == "limit.refused" and refusal["id"] != first["id"]
    assert refusal["data"]["cause"] == "quota_exceeded" and refusal["data"]["asked"] == "50"
    assert server.posts.empty()
    for secret in (*SECRETS, TOKEN, "PROMPT-MARKER"):
        assert secret not in gateway.log.text


def test_a_webhook_that_hangs_delays_no_other(start, hook):
    # Each reload tries again.
    hanging, working = hook(*[None] * 4), hook()
    gateway = start(members(hanging, working, events=["configuration.*"]))
    assert known(gateway, 2)
    for _ in range(2):
        gateway.signal(signal.SIGHUP)
        assert working.alert()["type"] == "configuration.reloaded"
        # A reload before the delivery is noted would deliver it again.
        assert eventually(lambda: waiting(gateway)["webhook 2"]["waiting"] == 0)
    assert hanging.posts.qsize() >= 1
    shown = waiting(gateway)
    assert (shown["webhook 1"]["waiting"], shown["webhook 2"]["waiting"]) == (2, 0)
    assert gateway.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_alerts_outlast_an_outage_and_the_process(start, hook, number):
    port = free_port()
    url = f"http://127.0.0.1:{port}/hook?token={TOKEN}"
    gateway = start(members(url, events=["limit.reached"]))
    assert known(gateway, 1)
    for name in ("ada", "bob"):
        identifier, key = gateway.create_key(name, "--tier", "small")
        use(gateway, key, 85)
    assert eventually(lambda: waiting(gateway)["webhook 1"]["waiting"] == 2)
    assert gateway.log.wait_for("alerts cannot be delivered")
    shown = waiting(gateway)["webhook 1"]
    assert "refused" in shown["last_error"] and shown["oldest"] == "limit.reached" and shown["next_attempt"]
    table = gateway.run("alerts").stdout
    assert "webhook 1" in table and "refused" in table
    assert TOKEN not in table and TOKEN not in gateway.log.text
    gateway.signal(number)
    gateway.wait()
    # A command shows what waits without a gateway.
    assert waiting(gateway)["webhook 1"]["waiting"] == 2
    server = hook(port=port)
    gateway.start()
    assert [server.alert()["data"]["subject_name"] for _ in range(2)] == ["ada", "bob"]
    assert eventually(lambda: waiting(gateway)["webhook 1"]["waiting"] == 0)
    assert gateway.log.wait_for("alerts are delivered again")
    # What is delivered is not delivered again.
    assert gateway.stop() == 0
    gateway.start()
    _, key = gateway.create_key("eve", "--tier", "small")
    use(gateway, key, 85)
    assert server.alert()["data"]["subject_name"] == "eve"
    assert server.posts.empty()


def test_a_kill_between_two_deliveries_loses_nothing(start, hook):
    """The process dies while the webhook has an alert and has not answered: it comes again, with the same id."""
    server = hook(204, None)
    gateway = start(members(server, events=["limit.reached"]))
    assert known(gateway, 1)
    keys = [gateway.create_key(name, "--tier", "small")[1] for name in ("ada", "bob", "eve")]
    for key in keys:
        use(gateway, key, 85)
    taken = [server.alert() for _ in range(2)]
    # The third event is in the store.
    assert eventually(lambda: waiting(gateway)["webhook 1"]["waiting"] == 2)
    gateway.process.kill()
    gateway.wait()
    gateway.start()
    again = [server.alert() for _ in range(2)]
    assert again[0] == taken[1]
    assert [alert["data"]["subject_name"] for alert in taken + again] == ["ada", "bob", "bob", "eve"]
    assert eventually(lambda: waiting(gateway)["webhook 1"]["waiting"] == 0)


def test_a_receiver_that_is_gone_is_left_alone_until_a_reload(start, hook):
    server = hook(410)
    gateway = start(members(server, events=["limit.reached", "alerts.*"]))
    assert known(gateway, 1)
    _, key = gateway.create_key("ada", "--tier", "small")
    use(gateway, key, 85)
    first = server.alert()
    assert gateway.log.wait_for("alerts are given up")
    assert "410" in waiting(gateway)["webhook 1"]["last_error"]
    gateway.signal(signal.SIGHUP)
    assert server.alert() == first
    assert eventually(lambda: waiting(gateway)["webhook 1"]["waiting"] == 0)


def test_the_test_command_says_what_each_recipient_answers(start, hook, tmp_path):
    good, bad = hook(), hook(500, 500)
    gateway = Gateway(tmp_path, members(good, bad, "http://127.0.0.1:1/" + TOKEN))
    outcome = gateway.run("alerts", "test")
    assert outcome.returncode == 1
    lines = outcome.stdout.splitlines()
    assert lines[:2] == ["webhook 1: HTTP status 204", "webhook 2: HTTP status 500"]
    assert lines[2].startswith("webhook 3: ") and "refused" in lines[2]
    assert good.alert()["type"] == bad.alert()["type"] == "alerts.test"
    for number, status in (("1", 0), ("2", 1)):
        assert gateway.run("alerts", "test", "--webhook", number).returncode == status
    missing = gateway.run("alerts", "test", "--webhook", "4")
    assert missing.returncode == 1 and "there is no webhook 4; alerts.webhooks has 3" in missing.stderr
    shown = gateway.run("config", "show")
    assert shown.returncode == 0
    for text in (outcome.stdout, outcome.stderr, shown.stdout):
        assert TOKEN not in text and "whsec_" not in text
    # It needs no ledger, and makes none.
    assert not (tmp_path / "data").exists()
    assert "There is no recipient" in gateway.run("alerts").stdout


def test_certificates_of_webhooks_are_verified(hook, tmp_path):
    authority = Authority(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.sign("localhost"))
    server = hook()
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    gateway = Gateway(tmp_path, members(server.url.replace("http://127.0.0.1", "https://localhost")))
    unknown = gateway.run("alerts", "test")
    assert unknown.returncode == 1 and "certificate" in unknown.stdout
    assert server.posts.empty()
    known = gateway.run("alerts", "test", SSL_CERT_FILE=str(authority.certificate))
    assert (known.returncode, known.stdout) == (0, "webhook 1: HTTP status 204\n")
    assert server.alert()["type"] == "alerts.test"


def test_a_successor_delivers_what_waits(start, hook):
    server = hook(500)
    gateway = start(members(server, events=["limit.reached"]))
    assert known(gateway, 1)
    _, key = gateway.create_key("ada", "--tier", "small")
    use(gateway, key, 85)
    first = server.alert()
    before = gateway.process
    successor = Process(gateway, "--sandbox", "--take-over")
    assert successor.out.wait_for("listens on")
    gateway.process, gateway.out, gateway.log = successor.process, successor.out, successor.log
    assert before.wait(TIMEOUT) == 0
    assert server.alert() == first
    assert eventually(lambda: waiting(gateway)["webhook 1"]["waiting"] == 0)
    # The key is used up to 85; another one is alerted by the successor alone, once.
    _, key = gateway.create_key("bob", "--tier", "small")
    use(gateway, key, 85)
    assert server.alert()["data"]["subject_name"] == "bob"
    assert server.posts.empty()


def test_mail_goes_to_the_program(start, tmp_path):
    program = tmp_path / "sendmail"
    # The first message is refused for the time being, as a full queue does.
    program.write_text(
        f'#!/bin/sh\ncat > {tmp_path}/mail.$$\necho "$@" > {tmp_path}/arguments\n'
        f"test -e {tmp_path}/tried && exit 0\ntouch {tmp_path}/tried\nexit 75\n"
    )
    program.chmod(0o700)
    mail = f"email: {{ to: [admin@a.example, b@b.example], from: gateway@c.example, sendmail: {program}, events: [limit.*] }}"
    gateway = start(TIERS + f"alerts: {{ {mail} }}\n")
    assert known(gateway, 1)
    identifier, key = gateway.create_key("Zoë", "--tier", "small")
    use(gateway, key, 85)
    assert eventually(lambda: "status 75" in (waiting(gateway)["email"]["last_error"] or ""))
    assert eventually(lambda: waiting(gateway)["email"]["waiting"] == 0)
    files = list(tmp_path.glob("mail.*"))
    messages = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    assert len({message["message-id"] for message in messages}) == 1 and len(messages) == 2
    message = messages[0]
    assert message["to"] == "admin@a.example, b@b.example" and message["from"] == "gateway@c.example"
    assert message["subject"] == "[Propylon] a limit is used up to a percentage of alert_at: Zoë (80 % of 100 output tokens a day)"
    text = message.get_content()
    assert f"subject: {identifier}" in text and "limit_text: 100 output tokens a day" in text
    assert (tmp_path / "arguments").read_text() == "-i -f gateway@c.example -- admin@a.example b@b.example\n"
    outcome = gateway.run("alerts", "test")
    assert (outcome.returncode, outcome.stdout) == (0, f"email: {program} took the mail\n")


def test_members_of_before_are_named(tmp_path):
    gateway = Gateway(tmp_path, "alerts: { webhook: 'https://a.example', secret: x }\n")
    outcome = gateway.run("config", "check")
    assert outcome.returncode == 3
    assert "alerts.webhook" in outcome.stderr and "webhooks" in outcome.stderr and "alerts.secret" in outcome.stderr
