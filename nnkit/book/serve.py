"""Serve the built book on this machine, or say in one line why that cannot be.

With `--check` it runs before anything is installed, so at its head it uses the standard library
alone. A piece of an explorable's table that the book does not have is computed when a page asks.
"""

from __future__ import annotations

import argparse
import errno
import functools
import re
import sys
from collections.abc import Callable
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PIECE = re.compile(r"/_static/explorables/(\w+)/(\d+)\.json")


class Quiet(SimpleHTTPRequestHandler):
    """Answers like the standard handler, computes what it is asked for, and logs nothing.

    Parameters
    ----------
    *args
        As the standard handler takes them.
    piece : callable, optional
        From an explorable's name and a number to that piece of its table, as JSON. It raises
        LookupError where there is none.
    **kwargs
        As the standard handler takes them.
    """

    def __init__(
        self, *args: Any, piece: Callable[[str, int], str] | None = None, **kwargs: Any
    ) -> None:
        self.piece = piece
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        """Answer with a file, or with a piece of a table that has to be computed."""
        asked = PIECE.fullmatch(self.path)
        if not asked or self.piece is None or Path(self.translate_path(self.path)).exists():
            super().do_GET()
            return
        name, number = asked[1], int(asked[2])
        try:
            self.say(200, "application/json", self.piece(name, number))
        except LookupError as error:
            self.say(404, "text/plain", f"{error.args[0]}\n")
        except Exception as error:  # whatever it is: the page waits, and the server goes on
            reason = f"{type(error).__name__}: {error}".partition("\n")[0]
            self.say(500, "text/plain", f"Piece {number} of {name} failed: {reason}\n")

    def say(self, status: int, kind: str, text: str) -> None:
        """Answer with a text.

        Parameters
        ----------
        status : int
            The answer's status in HTTP.
        kind : str
            The text's media type.
        text : str
            The body; it is sent as UTF-8.
        """
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Drop the message."""


class Server(ThreadingHTTPServer):
    """Passes over readers who leave before all has reached them."""

    request_queue_size = 128  # a page asks for many files at once

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report an error, unless the reader has left."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def listen(folder: Path, port: int, piece: Callable[[str, int], str] | None = None) -> Server:
    """Return a server for `folder` that already holds the port, so that a taken one is noticed.

    Parameters
    ----------
    folder : Path
        What is served.
    port : int
        The port on localhost, 1 to 65535; 0 lets the system choose a free one.
    piece : callable, optional
        What computes a piece of a table that is not in the folder; see `Quiet`.

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
        handler = functools.partial(Quiet, directory=str(folder), piece=piece)
        return Server(("localhost", port), handler)
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
    if options.check:
        listen(Path("_build/html"), options.port).server_close()
        return
    from nnkit.book.tables import Tables  # installed by now

    tables = Tables()
    with listen(Path("_build/html"), options.port, tables.piece) as server:
        print(f"The book is at http://localhost:{server.server_port} (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
        finally:
            tables.close()


if __name__ == "__main__":
    main()
