"""One of your own programs: answers every request with its own name. `python hello.py NAME PORT`."""

import http.server
import sys

NAME, PORT = sys.argv[1], int(sys.argv[2])


class Hello(http.server.BaseHTTPRequestHandler):
    """Says who it is."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        body = f"hello from {NAME}\n".encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal is yours."""


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Hello).serve_forever()
