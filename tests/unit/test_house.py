"""The library keeps its order: imports run one way, and what must be light is light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import nnkit
from nnkit.book.notebooks import imports

PACKAGE = Path(nnkit.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# What each part of the library may import besides itself and the standard library, at the head of
# a module or inside a function. `book` may use everything, and nothing uses `book`.
COMPUTING = {"numpy", "nnkit.scratch", "nnkit.models", "nnkit.data"}
ALLOWED = {
    "__init__": set(),
    "palette": set(),
    "measurement": {"numpy"},
    "scratch": {"numpy"},
    "data": {"numpy"},
    "models": {"numpy"},
    "plot": COMPUTING | {"nnkit.palette", "matplotlib", "matplotlib_inline"},
    "checks": COMPUTING,
    "explore": COMPUTING | {"nnkit.palette", "anywidget", "traitlets"},
    "cards": COMPUTING | {"genanki", "jsonschema", "markdown_it", "mdit_py_plugins", "yaml"},
}
# The parts that must run in a browser's Python, where NumPy is all there is.
LIGHT = {part for part, allowed in ALLOWED.items() if allowed <= COMPUTING}

VAGUE = {"utils", "util", "helpers", "helper", "misc", "common"}

ONLY_NUMPY = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in {"nnkit", "numpy", *sys.stdlib_module_names}:
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

sys.meta_path.insert(0, Blocker())
"""


def part_of(module: Path) -> str:
    """The part of the library that a module belongs to: its folder or, at the top, itself."""
    return module.relative_to(PACKAGE).with_suffix("").parts[0]


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


def forbidden_imports(source: str, module: Path) -> set[str]:
    """The parts and packages that the source of a module imports and may not."""
    found = set()
    for name in imports(ast.parse(source), package=dotted(module.parent)):
        first, *rest = name.split(".")
        found.add(".".join([first, *rest[:1]]) if first == "nnkit" else first)
    part = part_of(module)
    return found - ALLOWED[part] - {f"nnkit.{part}"} - sys.stdlib_module_names


def run_with_numpy_alone(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", ONLY_NUMPY + code],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "module", [module for module in MODULES if part_of(module) != "book"], ids=dotted
)
def test_module_imports_only_what_its_part_may(module: Path) -> None:
    assert forbidden_imports(module.read_text(encoding="utf-8"), module) == set()


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("models/perceptron.py", "import torch", "torch"),
        ("models/perceptron.py", "def late():\n    import torch.nn as nn", "torch"),
        ("models/perceptron.py", "import nnkit.scratch as torch", "nnkit.scratch"),
        ("models/perceptron.py", "from ..scratch import Tensor", "nnkit.scratch"),
        ("scratch/tensor.py", "from nnkit import data", "nnkit.data"),
        ("checks/perceptron.py", "from nnkit.book import notebooks", "nnkit.book"),
        ("data/__init__.py", "from .. import plot", "nnkit.plot"),
        ("palette.py", "import numpy", "numpy"),
    ],
)
def test_forbidden_import_is_found(module: str, source: str, found: str) -> None:
    assert forbidden_imports(source, PACKAGE / module) == {found}


def test_allowed_imports_are_none_of_the_forbidden() -> None:
    source = "import json\nimport numpy as np\nfrom nnkit import data\nfrom . import perceptron"
    assert forbidden_imports(source, PACKAGE / "checks" / "__init__.py") == set()


def test_light_parts_need_numpy_alone() -> None:
    light = [module for module in MODULES if part_of(module) in LIGHT]
    assert {"__init__", "data", "models", "checks"} <= {part_of(module) for module in light}
    names = (dotted(module).removesuffix(".__init__") for module in light)
    run = run_with_numpy_alone(f"import {', '.join(names)}")
    assert run.returncode == 0, run.stderr


def test_what_is_blocked_cannot_be_imported() -> None:
    run = run_with_numpy_alone("import torch")
    assert run.returncode == 1
    assert "ModuleNotFoundError: torch is blocked" in run.stderr


@pytest.mark.parametrize("module", MODULES, ids=dotted)
def test_module_says_what_it_is(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_bytes()))


@pytest.mark.parametrize("folder", sorted({module.parent for module in MODULES}), ids=dotted)
def test_folder_of_modules_is_a_package(folder: Path) -> None:
    assert (folder / "__init__.py").is_file()


def edges(modules: dict[str, str]) -> dict[str, set[str]]:
    """Which of some modules, given by name with their source, each imports, wherever it does so."""
    found = {}
    for name, source in modules.items():
        package = name if name.endswith(".__init__") else name.rpartition(".")[0]
        names = set(imports(ast.parse(source), package=package.removesuffix(".__init__")))
        names |= {name.rpartition(".")[0] for name in names}
        found[name] = {known for known in modules if known in names and known != name}
    return found


def circle(graph: dict[str, set[str]]) -> list[str]:
    """The modules that import each other in a circle; empty if none do."""
    while free := [name for name, wanted in graph.items() if not wanted & graph.keys()]:
        graph = {name: wanted for name, wanted in graph.items() if name not in free}
    return sorted(graph)


def test_no_imports_run_in_a_circle() -> None:
    modules = {dotted(m): m.read_text("utf-8") for m in MODULES if m.name != "__init__.py"}
    assert circle(edges(modules)) == []


def test_a_circle_of_imports_is_found() -> None:
    modules = {"a.one": "from a.two import x", "a.two": "def f():\n    import a.one", "a.three": ""}
    assert circle(edges(modules)) == ["a.one", "a.two"]


def test_the_engines_core_knows_no_operation() -> None:
    for module in (PACKAGE / "scratch/core").glob("*.py"):
        names = imports(ast.parse(module.read_bytes()), package="nnkit.scratch.core")
        ours = {name for name in names if name.startswith("nnkit.")}
        assert all(name.startswith("nnkit.scratch.core") for name in ours), module


def test_kits_hold_what_is_shared_and_their_folders_one_piece_for_each_subject() -> None:
    parts = {part: PACKAGE / part for part in ("explore", "cards", "checks")}
    pieces = {part: {file.stem for file in at.glob("[!_]*.py")} for part, at in parts.items()}
    assert pieces["explore"] == {view.stem for view in parts["explore"].glob("*.js")}
    decks = {deck.stem for deck in parts["cards"].glob("decks/*.yml")}
    assert pieces["cards"] | pieces["checks"] <= decks
    for part, folder in parts.items():
        shared = {item.name for item in folder.iterdir()} - {"__pycache__", "__init__.py", "decks"}
        subjects = {item for item in shared if Path(item).stem in pieces[part]}
        assert shared - subjects == {"kit"}


@pytest.mark.parametrize(
    "module", [module for module in MODULES if part_of(module) != "scratch"], ids=dotted
)
def test_module_name_says_what_is_in_it(module: Path) -> None:
    """In `scratch` the names are PyTorch's, and so are `nn.utils` and `utils.data`."""
    assert VAGUE.isdisjoint(module.stem.split("_"))
