"""A table is computed where it is wanted, once, and kept until what it depends on changes."""

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from nnkit.book import cache, serve, tables
from nnkit.explore.kit.explorable import load, texts


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NNKIT_CACHE", str(tmp_path / "kept"))
    tables._digest.cache_clear()
    return tmp_path / "kept"


def test_whole_tables_are_what_the_explorables_compute() -> None:
    found = {(name, number): text for name, number, text in tables.tabulate({"neuron", "relu"})}
    for name in ("neuron", "relu"):
        pieces = texts(name, range(load(name).pieces()))
        assert [found.pop((name, number)) for number in range(len(pieces))] == pieces
    assert found == {}


def test_what_is_kept_is_not_computed_again_until_a_source_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, number, _ in tables.tabulate({"neuron"}):
        cache.keep(tables.key(name, number), "kept")
    assert {text for *_, text in tables.tabulate({"neuron"})} == {"kept"}
    tables._digest.cache_clear()
    monkeypatch.setattr(tables, "sources", lambda name: [])
    assert "kept" not in {text for *_, text in tables.tabulate({"neuron"})}


def test_error_in_a_table_names_the_explorable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "texts", int)  # takes no such arguments, in whatever process
    with pytest.raises(RuntimeError, match="The table of neuron cannot be computed: "):
        list(tables.tabulate({"neuron"}))


def test_command_writes_the_tables_that_pages_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = '<figure class="explorable" data-explorable="neuron" data-spec="">'
    (tmp_path / "gallery.html").write_text(page)
    monkeypatch.setattr(sys, "argv", ["tables", str(tmp_path)])
    assert tables.main() == 0
    files = (tmp_path / "_static/explorables/neuron").iterdir()
    assert {file.name for file in files} == {f"{n}.json" for n in range(load("neuron").pieces())}
    assert capsys.readouterr().out == "tabulated neuron\n"


def test_table_depends_on_the_lesson_and_not_on_what_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def digest_with(file: Path) -> str:
        monkeypatch.setattr(tables.notebooks, "dependencies", lambda notebook: [file])
        return tables.notebooks.digest(tables.sources("perceptron"))

    def changes(file: Path) -> bool:
        digests = []
        for text in ("1", "2"):
            file.write_text(text)
            digests.append(digest_with(file))
        return digests[0] != digests[1]

    monkeypatch.setattr(tables, "EXPLORE", tmp_path)
    monkeypatch.setattr(tables, "PALETTE", tmp_path / "palette.py")
    (tmp_path / "kit").mkdir()
    names = ("lesson.py", "data.npz", "view.js", "run.json", "kit/widget.py", "palette.py")
    assert [name for name in names if changes(tmp_path / name)] == ["lesson.py", "data.npz"]


@pytest.fixture
def answering() -> Iterator[tables.Tables]:
    answering = tables.Tables(workers=1)
    yield answering
    answering.close()


@pytest.fixture
def site(tmp_path: Path, answering: tables.Tables) -> Iterator[str]:
    """Address of a book that has a page and no tables."""
    (tmp_path / "html").mkdir()
    (tmp_path / "html/page.html").write_text("A page")
    (tmp_path / "secret.txt").write_text("not in the book")
    with serve.listen(tmp_path / "html", 0, answering.piece) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


def ask(url: str) -> tuple[int, str]:
    try:
        with urlopen(url) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_server_computes_the_piece_that_is_asked_for_and_keeps_it(site: str) -> None:
    address = f"{site}/_static/explorables/neuron/0.json"
    assert cache.find(tables.key("neuron", 0)) is None
    assert ask(address) == (200, texts("neuron", [0])[0])
    cache.keep(tables.key("neuron", 0), json.dumps("kept"))
    assert ask(address) == (200, '"kept"')


def test_piece_asked_for_many_times_at_once_is_computed_once(
    answering: tables.Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted = []
    submit = answering.pool.submit
    monkeypatch.setattr(
        answering.pool, "submit", lambda *task: submitted.append(task) or submit(*task)
    )
    with ThreadPoolExecutor(8) as readers:
        answers = set(readers.map(lambda _: answering.piece("neuron", 0), range(8)))
    assert answers == set(texts("neuron", [0]))
    assert len(submitted) == 1


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("axon/0.json", 404, "There is no explorable 'axon', only backprop, "),
        ("kit/0.json", 404, "There is no explorable 'kit', only "),
        ("neuron/7777.json", 404, "The table of neuron has pieces 0 to "),
        ("neuron/-1.json", 404, ""),
        ("../../../secret.txt", 404, ""),
        ("..%2F..%2F..%2Fsecret.txt", 404, ""),
    ],
)
def test_server_says_what_it_does_not_have_and_lives(
    site: str, path: str, status: int, said: str
) -> None:
    code, text = ask(f"{site}/_static/explorables/{path}")
    assert code == status
    assert text.startswith(said)
    assert "Traceback" not in text
    assert "not in the book" not in text
    assert ask(f"{site}/page.html") == (200, "A page")


def test_failing_computation_is_told_in_one_line_and_the_server_lives(
    site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "texts", int)
    code, text = ask(f"{site}/_static/explorables/neuron/0.json")
    assert code == 500
    assert text.startswith("Piece 0 of neuron failed: TypeError: ")
    assert text.count("\n") == 1
    monkeypatch.setattr(tables, "texts", texts)
    assert ask(f"{site}/_static/explorables/neuron/0.json")[0] == 200


def test_server_answers_others_while_it_computes(
    site: str, answering: tables.Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, goes_on = Event(), Event()

    def slow(name: str, number: int) -> str:
        begun.set()
        assert goes_on.wait(60)
        return "late"

    monkeypatch.setattr(answering.pool, "submit", lambda *_: Late(slow))
    with ThreadPoolExecutor(1) as reader:
        late = reader.submit(ask, f"{site}/_static/explorables/neuron/0.json")
        assert begun.wait(60)
        assert ask(f"{site}/page.html") == (200, "A page")
        goes_on.set()
        assert late.result() == (200, "late")


class Late:
    """A future whose result takes as long as a function."""

    def __init__(self, slow: Callable[[str, int], str]) -> None:
        self.slow = slow

    def result(self) -> list[str]:
        return [self.slow("neuron", 0)]


def test_server_listens_on_this_machine_alone(tmp_path: Path) -> None:
    with serve.listen(tmp_path, 0) as server:
        assert server.server_address[0] == "127.0.0.1"
