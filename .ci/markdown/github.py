"""Servers for a check: a target that answers with hostile text, and as much of GitHub's API as keeps what is written to it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """A client that goes away at the end of its load is no error."""


def serve(handler):
    """Starts a server on a free loopback port; its address."""
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Head and body in one packet.
    wbufsize = -1

    def log_message(self, *_):
        pass

    def reply(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def body(self):
        return self.rfile.read(int(self.headers.get("content-length", 0)))


def target(answer):
    """A target whose `answer` gives status and text for a path."""

    class Target(Handler):
        def do_GET(self):
            status, text = answer(self.path)
            self.reply(status, text.encode(), "text/plain; charset=utf-8")

    return serve(Target)


class Hub:
    """Comments and check runs as they were written."""

    def __init__(self):
        self.comments, self.checks = [], []
        hub = self

        class Api(Handler):
            def do_GET(self):
                runs = self.path.split("?")[0].endswith("/check-runs")
                self.send({"total_count": 0, "check_runs": []} if runs else [])

            def do_POST(self):
                body = json.loads(self.body())
                if self.path == "/graphql":
                    self.send({"data": {"viewer": {"login": "github-actions[bot]"}}})
                elif self.path.endswith("/comments"):
                    hub.comments.append(body["body"])
                    self.send({"id": 1, "html_url": "https://github.example/c/1"}, 201)
                else:
                    hub.checks.append(body)
                    self.send({"id": 1, "html_url": "https://github.example/k/1"}, 201)

            def send(self, value, status=200):
                self.reply(status, json.dumps(value).encode())

        self.url = serve(Api)
