"""The built book is served on this machine, or one line says why it cannot be."""

import errno
import re
import subprocess
import sys
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import pytest

from nnkit.book import serve


def test_listening_server_gives_back_the_files_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("A page", encoding="utf-8")
    with serve.listen(tmp_path, 0) as server:
        Thread(target=server.handle_request).start()
        with urlopen(f"http://localhost:{server.server_port}/page.html") as answer:
            assert answer.read() == b"A page"


@pytest.mark.parametrize(("error", "told"), [(BrokenPipeError, False), (ValueError, True)])
def test_reader_who_leaves_is_no_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], error: type[Exception], told: bool
) -> None:
    with serve.listen(tmp_path, 0) as server:
        try:
            raise error
        except error:
            server.handle_error(None, ("localhost", 0))
    assert (error.__name__ in capsys.readouterr().err) == told


def test_taken_port_is_named_with_a_way_out(tmp_path: Path) -> None:
    with serve.listen(tmp_path, 0) as server:
        port = server.server_port
        line = f"Port {port} is taken. Choose another: make book PORT="
        with pytest.raises(SystemExit, match=rf"^{re.escape(line)}\d+$"):
            serve.listen(tmp_path, port)


@pytest.mark.parametrize("port", [-1, 65536])
def test_port_out_of_range_is_named_with_a_way_out(tmp_path: Path, port: int) -> None:
    line = f"Port {port} does not exist. Choose another: make book PORT="
    with pytest.raises(SystemExit, match=rf"^{re.escape(line)}\d+$"):
        serve.listen(tmp_path, port)


@pytest.mark.parametrize(
    ("code", "reason"),
    [(errno.EACCES, "is not allowed"), (errno.EADDRNOTAVAIL, "cannot be used (no such address)")],
)
def test_port_that_the_system_refuses_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, reason: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(code, "no such address")

    monkeypatch.setattr(serve, "Server", refuse)
    with pytest.raises(SystemExit, match=rf"^Port 80 {re.escape(reason)}\. Choose another: "):
        serve.listen(tmp_path, 80)


def test_port_is_checked_with_the_standard_library_alone(tmp_path: Path) -> None:
    # -I -S: nothing installed can be imported, as on a fresh clone.
    command = [sys.executable, "-I", "-S", serve.__file__, "--check"]
    with serve.listen(tmp_path, 0) as server:
        taken = server.server_port
        check = subprocess.run([*command, str(taken)], capture_output=True, text=True)
        assert check.returncode == 1
        assert check.stderr.startswith(f"Port {taken} is taken.")
        assert check.stderr.count("\n") == 1
    check = subprocess.run([*command, str(taken)], capture_output=True, text=True)
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")
