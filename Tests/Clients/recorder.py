"""An upstream that records requests byte for byte, and responds as the test says."""

import dataclasses
import http.server
import ssl
import threading


@dataclasses.dataclass
class Arrival:
    method: str
    target: str
    headers: dict  # names in lower case
    body: bytes


class Recorder:
    """Listens on its own port. `answer` is a function of the `Arrival`, called in a thread of the connection. It returns a
    status, headers and a body; or bytes, which are sent as they are before the connection is closed."""

    def __init__(self):
        self.arrivals = []
        self.answer = lambda arrival: (200, {"content-type": "application/json"}, b"{}")
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                arrival = Arrival(self.command, self.path, headers, body)
                recorder.arrivals.append(arrival)
                answer = recorder.answer(arrival)
                if isinstance(answer, bytes):
                    self.wfile.write(answer)
                    self.close_connection = True
                    return
                status, fields, content = answer
                self.send_response_only(status)
                for name, value in ({"content-length": len(content)} | fields).items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()
        self.address = self._server.server_address
        self.url = f"http://127.0.0.1:{self.address[1]}/v1"

    def use_tls(self, certificate, key):
        """Speaks TLS from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
