"""Serve the built book on this machine, or say in one line why that cannot be.

It runs before anything is installed, so it uses the standard library alone.
"""

import argparse
import errno
import functools
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Quiet(SimpleHTTPRequestHandler):
    """Answers like the standard handler and logs nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Drop the message."""


class Server(ThreadingHTTPServer):
    """Passes over readers who leave before all has reached them."""

    request_queue_size = 128  # a page asks for many files at once

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report an error, unless the reader has left."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def listen(folder: Path, port: int) -> Server:
    """Return a server for `folder` that already holds the port, so that a taken one is noticed.

    Parameters
    ----------
    folder : Path
        What is served.
    port : int
        The port on localhost, 1 to 65535; 0 lets the system choose a free one.

    Returns
    -------
    Server
        The server; `serve_forever` starts it.

    Raises
    ------
    SystemExit
        The port is taken or not allowed; the message says which and what to do.
    """
    try:
        return Server(("localhost", port), functools.partial(Quiet, directory=str(folder)))
    except OSError as error:
        reasons = {errno.EADDRINUSE: "is taken", errno.EACCES: "is not allowed"}
        reason = reasons.get(error.errno or 0, f"cannot be used ({error.strerror})")
    except OverflowError:
        reason = "does not exist"
    sys.exit(
        f"Port {port} {reason}. Choose another: make book PORT={8001 if port != 8001 else 8002}"
    )


def main() -> None:
    """Serve `_build/html`, or with `--check` only see whether the port is free."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--check", action="store_true", help="only see whether the port is free")
    options = parser.parse_args()
    with listen(Path("_build/html"), options.port) as server:
        if options.check:
            return
        print(f"The book is at http://localhost:{server.server_port} (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
