"""What the book says of the engine is read from the engine itself."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from nnkit.book import api


def module_of(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    (tmp_path / "made_for_a_test.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(api.inspect.sys.modules, "made_for_a_test", raising=False)
    return importlib.import_module("made_for_a_test")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("__all__ = ['b']\ndef a(): ...\nb = 1", ["b"]),
        ("import math\ndef a(): ...\nclass B: ...\ndef _c(): ...\nd = 1", ["a", "B"]),
        ("from __future__ import annotations\nfrom math import pi, e as a\nb = 1", ["pi", "a"]),
    ],
    ids=["__all__", "what it defines", "what it imports"],
)
def test_public_names_of_a_module(
    source: str, names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert api.public(module_of(source, tmp_path, monkeypatch)) == names


def test_public_names_of_a_class_are_those_that_no_base_has() -> None:
    class Base:
        def forward(self) -> None: ...

    class Layer(Base):
        def forward(self) -> None: ...

        def reset(self) -> None: ...

        def _draw(self) -> None: ...

        @property
        def size(self) -> int:
            return 1

    assert api.public(Layer) == ["reset", "size"]


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("cat", "def cat("),
        ("Tensor", "class Tensor"),
        ("Tensor.reshape", "def reshape("),
        ("Tensor.requires_grad", "@property"),
        ("nn.Linear", "class Linear("),
        ("nn.functional.linear", "def linear("),
        ("nn.Linear.reset_parameters", "def reset_parameters("),
        ("optim", '"""'),
        ("pi", "from math import"),
    ],
)
def test_definition_is_where_a_name_gets_its_value(name: str, begins: str) -> None:
    place = api.definition(f"nnkit.scratch.{name}")
    line = (api.FOLDER / place.file).read_text(encoding="utf-8").splitlines()[place.line - 1]
    assert line.lstrip().startswith(begins)


def test_function_that_another_makes_is_defined_where_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "def make():\n    return lambda: 1\n\none = make()\n"
    module = module_of(source, tmp_path, monkeypatch)
    monkeypatch.setattr(api, "FOLDER", tmp_path)
    assert api.definition(f"{module.__name__}.one") == ("made_for_a_test.py", 4)


@pytest.mark.parametrize(
    ("written", "escaped"),
    [
        ("The size |x| of *each*.", r"The size \|x\| of \*each\*."),
        ("xavier_uniform_; in_features", r"xavier_uniform\_; in_features"),
        ("`zeros_` and `a * |b|`", "`zeros_` and `a * |b|`"),
        ("*tensors : Tensor", "*tensors : Tensor"),
        (">>> x * abs_", ">>> x * abs_"),
    ],
)
def test_formulas_in_docstrings_mean_themselves(written: str, escaped: str) -> None:
    lines = [written]
    api.escape(None, "function", "f", None, None, lines)
    assert lines == [escaped]
