"""masu as Koku registers it in production, ``ONPREM`` alone: a front that hides the rest.

See docs/contract/koku.md 5.1.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests
from patience import ANSWER_SECONDS

Host = tuple[str, int]
REGISTERED = ("status", "report_data", "running_celery_tasks", "celery_queue_tasks", "celery_queue_lengths")
_PREFIX = "/api/cost-management/v1/"
_SECONDS = ANSWER_SECONDS


@contextmanager
def production(masu: Host) -> Iterator[Host]:
    """Where a masu is reached that knows no more than it does in production."""
    session = requests.Session()
    session.trust_env = False

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, content_type, content = 404, "text/html", b"<h1>Not Found</h1>"
            if self.path.removeprefix(_PREFIX).partition("/")[0] in REGISTERED:
                url = f"http://{masu[0]}:{masu[1]}{self.path}"
                found = session.request(self.command, url, data=body, timeout=_SECONDS)
                status, content = found.status_code, found.content
                content_type = found.headers.get("content-type", "text/plain")
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield "127.0.0.1", server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        session.close()
