"""An HTTP proxy in front of the upstream and of webhooks."""

import json
import socket
import socketserver
import ssl
import threading

import pytest

from gateway import TIMEOUT, eventually
from test_tls import Authority

SECRET = "hunter2"


class ConnectProxy:
    """Tunnels every connection to `target`, whatever name it is for, and records the heads of requests. `status` replaces the
    200 of its answers."""

    def __init__(self, target):
        self.heads, self.status = [], 200
        proxy = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = self.rfile.readline()
                    if not line:
                        return
                    head += line
                proxy.heads.append(head.decode())
                self.wfile.write(b"HTTP/1.1 %d Answer\r\nproxy-agent: test\r\n\r\n" % proxy.status)
                if proxy.status != 200:
                    return
                with socket.create_connection(target, timeout=TIMEOUT) as server:
                    back = threading.Thread(target=copy, args=(server, self.connection), daemon=True)
                    back.start()
                    copy(self.connection, server)
                    back.join(TIMEOUT)

        def copy(source, sink):
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
                sink.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def proxy(recorder):
    proxy = ConnectProxy(recorder.address)
    yield proxy
    proxy.close()


def upstream(url, more=""):
    return f"upstream: {{ base_url: '{url}', api_keys: [upstream-key]{more} }}\n"


def test_upstream_behind_a_configured_proxy(start, recorder, proxy):
    """Without TLS too, the proxy sees a CONNECT and no key."""
    more = f", proxy: 'http://user:{SECRET}@{proxy.address}'"
    gateway = start(upstream("http://upstream.test:8080/v1", more), sandbox=False)
    assert [gateway.status_of(gateway.first_key()) for _ in range(3)] == [200] * 3
    assert [arrival.target for arrival in recorder.arrivals] == ["/v1/models"] * 3
    assert len(proxy.heads) == 1 and proxy.heads[0].startswith("CONNECT upstream.test:8080 HTTP/1.1\r\n")
    assert "proxy-authorization: Basic dXNlcjpodW50ZXIy\r\n" in proxy.heads[0]
    assert "proxy-authorization" not in recorder.arrivals[0].headers
    assert SECRET not in gateway.run("config", "show").stdout
    proxy.status = 407
    gateway.signal(1)
    assert gateway.log.wait_for("the configuration is reloaded")
    assert eventually(lambda: gateway.status_of(gateway.first_key()) == 502)
    cause = rf"the proxy http://{proxy.address} refuses its user and password \(407\)"
    assert eventually(lambda: gateway.out.count(cause) + gateway.log.count(cause))
    assert SECRET not in gateway.log.text + gateway.out.text


def test_tls_through_the_proxy_of_the_environment(start, tmp_path, recorder, proxy):
    authority = Authority(tmp_path)
    recorder.use_tls(*authority.sign("upstream.test"))
    members = upstream("https://upstream.test/v1", f", ca_file: '{authority.certificate}'")
    gateway = start(members, sandbox=False, variables={"HTTPS_PROXY": f"http://{proxy.address}"})
    assert gateway.status_of(gateway.first_key()) == 200
    assert proxy.heads == ["CONNECT upstream.test:443 HTTP/1.1\r\nhost: upstream.test:443\r\n\r\n"]
    proxy.status = 403
    excepted = start(members, sandbox=False, variables={"HTTPS_PROXY": f"http://{proxy.address}", "NO_PROXY": ".test"})
    assert excepted.status_of(excepted.first_key()) == 502  # the name does not exist
    assert len(proxy.heads) == 1


def test_webhooks_go_through_the_proxy(start, recorder, proxy):
    tiers = "tiers: { few: { requests_per_day: 1, alert_at: [100] } }\n"
    hook = "alerts: { webhooks: [{ url: 'http://hooks.test/alert', secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, events: [limit.*] }] }\n"
    gateway = start(tiers + hook, variables={"http_proxy": f"http://{proxy.address}"})
    _, key = gateway.create_key("few", "--tier", "few")
    gateway.openai(key).chat.completions.create(model="gpt-oss:120b", messages=[{"role": "user", "content": "Hello"}])
    assert eventually(lambda: any(arrival.target == "/alert" for arrival in recorder.arrivals))
    assert proxy.heads[0].startswith("CONNECT hooks.test:80 HTTP/1.1\r\n")
    alert = next(arrival for arrival in recorder.arrivals if arrival.target == "/alert")
    assert json.loads(alert.body)["type"] == "limit.reached"
