"""Explorables compute what their lesson's code computes, on both sides, within their bounds."""

import ast
import base64
import gzip
import itertools
import json
import subprocess
import sys
from collections.abc import Mapping
from copy import deepcopy
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from docutils import nodes
from in_page import EXPLORE, answers, arrays, evaluate
from IPython.core.formatters import DisplayFormatter
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from nnkit.book import explorables, scripts
from nnkit.book.notebooks import imports
from nnkit.explore import (
    Answer,
    Choice,
    Control,
    Explorable,
    Handles,
    Seed,
    Slider,
    Switch,
    Time,
    asked,
    pack,
    positions,
)
from nnkit.explore.kit.explorable import load
from nnkit.explore.perceptron import PASSES, STEP, Perceptron, largest_margin
from nnkit.models import perceptron

NAMES = sorted(file.stem for file in EXPLORE.glob("*.js"))


class Line(Explorable):
    """A straight line: the smallest thing there is to play with."""

    controls: ClassVar[dict[str, Control]] = {
        "slope": Slider("Slope", low=0.01, high=100, steps=5, start=2, log=True),
        "shape": Choice("Shape", ("up", "down")),
        "shift": Switch("Shift"),
        "seed": Seed("Seed", count=3),
        "moment": Time("Moment", along="y"),
    }
    answer_bytes = 400
    steps: ClassVar[Mapping[str, float]] = {"y": 0.25}
    piece = 7

    @staticmethod
    def compute(*, slope: float, shape: str, shift: bool, seed: int) -> Answer:
        noise = np.random.default_rng(seed).normal()
        sign = {"up": 1, "down": -1}[shape]
        return {"y": sign * slope * np.arange(4.0) + shift + noise}

    @staticmethod
    def describe(answer: Answer, time: int) -> str:
        return "A line"

    @staticmethod
    def figure(answer: Answer) -> str:
        return ""


class Ridge(Explorable):
    """A smooth curve on either side of which whole numbers differ."""

    controls: ClassVar[dict[str, Control]] = {
        "scale": Slider("Scale", low=0.1, high=10, steps=9, start=2, log=True, smooth=True),
        "side": Choice("Side", ("left", "right")),
        "marks": Switch("Marks", drawn=True),
        "shift": Slider("Shift", low=-1, high=1, steps=5, smooth=True),
    }
    answer_bytes = 400
    tolerance: ClassVar[Mapping[str, float]] = {"y": 0.13, "count": 4}
    piece = 11

    @staticmethod
    def compute(*, scale: float, side: str, shift: float) -> Answer:
        x = np.linspace(-2, 2, 9) * (1 if side == "right" else -1)
        y = np.tanh(x * scale + shift)
        return {"y": y, "count": (y > 0).sum(), "x": x}

    @staticmethod
    def describe(answer: Answer, time: int) -> str:
        return "A ridge"

    @staticmethod
    def figure(answer: Answer) -> str:
        return ""


LOOK_UP = """async ({ table }, { folder, spec, settings }) => {
  const { readFile } = await import("node:fs/promises");
  globalThis.fetch = async (file) => {
    const text = await readFile(file, "utf-8");
    return { ok: true, json: async () => JSON.parse(text) };
  };
  const ask = table(folder, spec);
  const answers = [];
  for (const setting of settings) answers.push(plain(await ask(setting)));
  return answers;
}"""


def look_up(
    explorable: type[Explorable], settings: list[dict[str, Any]], folder: Path
) -> list[dict[str, np.ndarray]]:
    """What a page without a kernel shows."""
    for number, piece in enumerate(explorable.table()):
        (folder / f"{number}.json").write_text(json.dumps(piece))
    given = {"folder": str(folder), "spec": explorable.spec(), "settings": settings}
    return [arrays(answer) for answer in evaluate(LOOK_UP, "kit/suppliers.js", given)]


def between(explorable: type[Explorable], count: int) -> list[dict[str, Any]]:
    """Random settings, those of smooth sliders between the positions that the table holds."""
    rng = np.random.default_rng(0)

    def draw(control: Control) -> Any:
        grid = positions(control)
        if not getattr(control, "smooth", False):
            return grid[rng.integers(len(grid))]
        scale = np.log if control.log else np.array
        place = np.interp(rng.uniform(0, len(grid) - 1), range(len(grid)), scale(grid))
        return float(np.exp(place) if control.log else place)

    controls = {key: control for key, control in explorable.controls.items() if asked(control)}
    return [{key: draw(control) for key, control in controls.items()} for _ in range(count)]


def unpack(packed: list[Any]) -> np.ndarray:
    code, shape, text, step = packed
    return np.frombuffer(base64.b64decode(text), code).reshape(shape) * step


SUPPLIERS = """async (suppliers, { spec, packed, header, buffers, setting }) => {
  const { browser, kernel, table } = suppliers;
  const response = { ok: true, json: async () => packed };
  globalThis.fetch = async (address) => (address === "folder/3.json" ? response : { ok: false });
  const model = {
    on: (event, answer) => (model.answer = answer),
    send: ({ id, controls }) => {
      if (controls.seed !== setting.seed) return model.answer({ id, error: "no such seed" });
      const bytes = buffers.map((numbers) => new DataView(Uint8Array.from(numbers).buffer));
      model.answer({ id, arrays: header }, bytes);
    },
  };
  const python = async (name, controls) =>
    JSON.stringify(name === spec.name && controls.seed === setting.seed ? packed[0] : null);

  const asks = [table("folder", spec), kernel(model), browser(python, spec)];
  const answers = await Promise.all(asks.map((ask) => ask(setting)));
  const other = await kernel(model)({ ...setting, seed: 1 }).catch((error) => error.message);
  return { answers: answers.map(({ y: { shape, data } }) => [shape, [...data]]), other };
}"""


def random_settings(count: int) -> list[dict[str, Any]]:
    """Settings with random points; every second set can be separated, every third has no bias."""
    rng = np.random.default_rng(0)
    settings = []
    for number in range(count):
        x = rng.integers(-128, 129, (int(rng.integers(1, 13)), 2)) * STEP
        y = rng.choice([-1, 1], len(x))
        if number % 2:
            y = np.where(x @ rng.normal(size=2) + rng.normal() > 0, 1, -1)
        points = np.column_stack([x, y]).tolist()
        settings.append({"data": "a wide gap", "bias": bool(number % 3), "points": points})
    return settings


def test_page_and_python_make_the_same_mistakes_on_random_points() -> None:
    settings = random_settings(200)
    converged = 0
    for setting, (there, _) in zip(settings, answers("perceptron", settings), strict=True):
        answer = Perceptron.compute(**setting)
        converged += bool(answer["converged"])
        assert list(answer) == list(there)
        for name, array in answer.items():
            rtol = 1e-12 if name == "bound" else 0
            np.testing.assert_allclose(there[name], array, rtol=rtol, err_msg=name)
    assert 50 < converged < 150


def test_page_and_python_describe_random_points_in_the_same_words() -> None:
    settings = random_settings(60)
    twins = answers("perceptron", settings, along="weights")
    for setting, (_, words) in zip(settings, twins, strict=True):
        answer = Perceptron.compute(**setting)
        times = range(len(answer["mistakes"]) + 1)
        assert words == [Perceptron.describe(answer, time) for time in times]


@pytest.mark.parametrize("setting", list(Perceptron.grid()), ids=str)
def test_perceptron_answers_with_the_run_of_the_lesson(setting: dict[str, Any]) -> None:
    answer = Perceptron.compute(**setting)
    inputs = perceptron.augment(np, answer["x"])
    inputs[:, 2] *= setting["bias"]
    run = perceptron.train(np, inputs, answer["y"], epochs=PASSES)
    assert answer["mistakes"].tolist() == run.mistakes
    np.testing.assert_array_equal(answer["weights"], run.weights)
    assert answer["converged"] == run.converged
    assert len(run.mistakes) <= answer["bound"]


def test_presets_do_what_their_names_say() -> None:
    def ends(data: str, bias: bool) -> bool:
        return bool(Perceptron.compute(data=data, bias=bias, points=None)["converged"])

    assert ends("a wide gap", True)
    assert ends("a narrow gap", True)
    assert ends("off centre", True)
    assert not ends("off centre", False)
    assert not ends("exclusive or", True)


def test_no_direction_has_a_larger_margin_than_the_largest() -> None:
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(20_000, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    for _ in range(20):
        z = rng.integers(-128, 129, (8, 3)) * STEP + [0, 0, 2]
        best = largest_margin(z)
        largest = (z @ best).min() / np.linalg.norm(best)
        sampled = (directions @ z.T).min(1).max()
        assert sampled <= largest < sampled + 0.1


def test_perceptron_rejects_a_label_that_is_none() -> None:
    with pytest.raises(ValueError, match=r"labels must be -1 or \+1, got"):
        Perceptron.compute(data="a wide gap", bias=True, points=[[0, 0, 2]])


def test_perceptron_rejects_an_empty_list_of_points() -> None:
    with pytest.raises(ValueError, match="1 to 24 points, got 0"):
        Perceptron.compute(data="a wide gap", bias=True, points=[])


@pytest.mark.parametrize("name", NAMES)
def test_same_setting_has_the_same_answer_and_is_left_as_it_is(name: str) -> None:
    explorable = load(name)
    setting = next(explorable.grid())
    before = deepcopy(setting)
    first, second = explorable.compute(**setting), explorable.compute(**setting)
    assert setting == before
    assert list(first) == list(second)
    for array, again in zip(first.values(), second.values(), strict=True):
        np.testing.assert_array_equal(array, again)


@pytest.mark.parametrize("name", NAMES)
def test_table_holds_answers_to_within_half_a_step(name: str) -> None:
    explorable = load(name)
    settings = list(explorable.grid())
    count = min(30, len(settings))
    for i in np.random.default_rng(0).choice(len(settings), count, replace=False):
        answer = explorable.compute(**settings[i])
        packed = pack(answer, explorable.steps)
        assert len(json.dumps(packed)) <= explorable.bound(settings[i])
        for key, array in answer.items():
            half = explorable.steps.get(key, 0) / 2
            np.testing.assert_allclose(unpack(packed[key]), array, rtol=0, atol=half)


def test_perceptron_table_is_exact() -> None:
    (answers,) = Perceptron.table()
    for setting, packed in zip(Perceptron.grid(), answers, strict=True):
        for key, array in Perceptron.compute(**setting).items():
            np.testing.assert_array_equal(unpack(packed[key]), array)


@pytest.mark.parametrize("name", NAMES)
def test_spec_names_what_the_function_takes_and_gives(name: str) -> None:
    explorable = load(name)
    answer = explorable.compute(**explorable.start())
    times = [control for control in explorable.controls.values() if isinstance(control, Time)]
    assert len(times) <= 1
    assert all(control.along in answer for control in times)
    assert set(explorable.steps) <= set(answer)


def test_function_is_not_asked_about_what_only_the_drawing_heeds() -> None:
    assert list(Ridge.start()) == ["scale", "side", "shift"]
    assert len(list(Ridge.grid())) == 9 * 2 * 5
    assert Ridge.spec()["controls"]["marks"]["drawn"]


@pytest.mark.parametrize("name", NAMES)
def test_figure_says_in_words_what_it_shows(name: str) -> None:
    explorable = load(name)
    answer = explorable.compute(**explorable.start())
    words = explorable.describe(answer, explorable.moments(answer) - 1)
    html = explorable().html()
    assert f'role="img" aria-label="{words}"' in html
    assert f"<figcaption>{words}</figcaption>" in html


def test_answer_off_the_grid_is_written_as_text_without_loss() -> None:
    setting = {"slope": 0.3, "shape": "up", "shift": False, "seed": 7}
    written = json.loads(Line.packed(**setting))
    np.testing.assert_array_equal(unpack(written["y"]), Line.compute(**setting)["y"])


def test_one_piece_is_computed_as_it_is_in_the_whole_table() -> None:
    whole = list(Line.table())
    assert len(whole) == Line.pieces() > 1
    assert list(Line.table([1, 0])) == [whole[1], whole[0]]


def test_table_comes_in_pieces_in_the_order_of_the_grid() -> None:
    pieces = list(Line.table())
    assert [len(piece) for piece in pieces] == [7] * 8 + [4]
    last = unpack(pieces[-1][-1]["y"])
    np.testing.assert_allclose(
        last, Line.compute(slope=100, shape="down", shift=True, seed=2)["y"], atol=0.125
    )


def test_table_kernel_and_python_in_the_page_answer_alike() -> None:
    setting = Line.start()
    answer = Line.compute(**setting)
    content = {
        "spec": Line.spec(),
        "packed": [pack(answer, {})] * Line.piece,
        "header": {"y": ["f8", [4]]},
        "buffers": [list(answer["y"].tobytes())],
        "setting": setting,
    }
    result = evaluate(SUPPLIERS, "kit/suppliers.js", content)
    assert result["answers"] == [[[4], answer["y"].tolist()]] * 3
    assert result["other"] == "no such seed"


def test_page_interpolates_linearly_along_each_smooth_slider(tmp_path: Path) -> None:
    settings = [*between(Ridge, 40), {"scale": 10, "side": "left", "shift": -0.8}, Ridge.start()]
    scales, shifts = (np.array(positions(Ridge.controls[key])) for key in ("scale", "shift"))
    for setting, there in zip(settings, look_up(Ridge, settings, tmp_path), strict=True):
        part = np.log(setting["scale"] / 0.1) / np.log(100) * 8, (setting["shift"] + 1) / 0.5
        expected, counts, shares = np.zeros(9), [], []
        for i, j in itertools.product(range(9), range(5)):
            share = max(0, 1 - abs(part[0] - i)) * max(0, 1 - abs(part[1] - j))
            corner = Ridge.compute(scale=scales[i], side=setting["side"], shift=shifts[j])
            expected += share * corner["y"]
            counts.append(corner["count"])
            shares.append(share)
        np.testing.assert_allclose(there["y"], expected, atol=1e-12)
        assert there["count"] == counts[np.argmax(shares)]


def error_between(explorable: type[Explorable], folder: Path) -> dict[str, float]:
    """The largest error of each array at 60 settings that the page interpolates, beyond steps."""
    settings = between(explorable, 60)
    errors: dict[str, float] = {}
    for setting, there in zip(settings, look_up(explorable, settings, folder), strict=True):
        for name, array in explorable.compute(**setting).items():
            assert there[name].shape == array.shape
            error = float(np.abs(there[name] - array).max(initial=0))
            error -= explorable.steps.get(name, 0) / 2
            errors[name] = max(errors.get(name, 0), error)
    return errors


@pytest.mark.parametrize("name", NAMES)
def test_interpolated_answers_are_off_by_the_tolerance_at_most(name: str, tmp_path: Path) -> None:
    explorable = load(name)
    if not any(getattr(control, "smooth", False) for control in explorable.controls.values()):
        assert explorable.tolerance == {}
        return
    for array, error in error_between(explorable, tmp_path).items():
        assert error <= explorable.tolerance.get(array, 0) + 1e-9, array


def test_error_of_interpolation_is_measured(tmp_path: Path) -> None:
    errors = error_between(Ridge, tmp_path)
    assert Ridge.tolerance["y"] / 2 < errors["y"] <= Ridge.tolerance["y"]
    assert 0 < errors["count"] <= Ridge.tolerance["count"]
    assert errors["x"] < 1e-12


def test_slider_of_whole_numbers_has_no_others() -> None:
    assert positions(Slider("Depth", low=1, high=64, steps=7, log=True, whole=True)) == [
        1, 2, 4, 8, 16, 32, 64,
    ]  # fmt: skip
    assert positions(Slider("Depth", low=1, high=4, steps=3, whole=True)) == [1, 2, 4]


def test_logarithmic_slider_has_equal_ratios() -> None:
    assert positions(Line.controls["slope"]) == pytest.approx([0.01, 0.1, 1, 10, 100])


def test_table_holds_handles_only_as_the_other_controls_leave_them() -> None:
    handles = Handles(names=("a", "b"), ends=(1, 2), step=0.5)
    assert positions(handles) == [None]


def test_table_that_may_be_too_large_is_refused_before_it_is_computed() -> None:
    with pytest.raises(ValueError, match="at most 2000000 bytes, got up to 2000040"):
        type("Large", (Line,), {"answer_bytes": 33_334})


def test_answer_larger_than_its_bound_is_refused() -> None:
    small = type("Small", (Line,), {"answer_bytes": 30})
    with pytest.raises(ValueError, match=r"Small: the answer to .* must be at most 30 bytes, got"):
        next(small.table())


class Uneven(Line):
    """A line whose answers are large in the table's first half, as it knows."""

    @classmethod
    def bound(cls, setting: Mapping[str, Any]) -> int:
        return 400 if setting["slope"] < 1 else 30


def test_table_is_bounded_answer_by_answer() -> None:
    count = len(list(Uneven.grid()))
    assert Uneven.table_bytes() == count * (2 * 400 + 3 * 30) // 5
    pieces = Uneven.table()
    for _ in range(2 * count // 5 // Uneven.piece):
        next(pieces)
    with pytest.raises(ValueError, match=r"'slope': 1\.0, .* must be at most 30 bytes, got"):
        next(pieces)


def test_rounding_to_steps_is_off_by_half_a_step_at_most() -> None:
    x = np.random.default_rng(0).uniform(-10, 10, (50, 4))
    error = np.abs(unpack(pack({"x": x}, {"x": 0.01})["x"]) - x).max()
    assert 0.0049 < error <= 0.005 + 1e-12


def test_multiples_of_a_step_take_a_byte_each_where_they_fit() -> None:
    assert pack({"x": np.array([-12.7, 12.7])}, {"x": 0.1})["x"][0] == "i1"
    assert pack({"x": np.array([-12.7, 12.8])}, {"x": 0.1})["x"][0] == "i2"


@pytest.mark.parametrize(
    "array",
    [
        np.array([-(2**31), 2**31 - 1]),
        np.array([[True], [False]]),
        np.array(np.inf),
        np.array([0.1], np.float32),
        np.arange(6, dtype=np.uint8).reshape(2, 3).T,
        np.zeros((0, 3)),
    ],
    ids=lambda array: f"{array.dtype}{array.shape}",
)
def test_array_is_packed_without_loss(array: np.ndarray) -> None:
    np.testing.assert_array_equal(unpack(pack({"x": array}, {})["x"]), array)


def test_integer_beyond_32_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="n: the page knows integers of 32 bits, got 2147483648"):
        pack({"n": np.array([0, 2**31])}, {})


def test_value_too_large_for_its_step_is_refused() -> None:
    with pytest.raises(ValueError, match=r"x must be within ±8192, got 8192\.0"):
        pack({"x": np.array([3.0, -8192.0])}, {"x": 0.25})
    with pytest.raises(ValueError, match=r"x must be within ±8192, got nan"):
        pack({"x": np.array([np.nan, 1.0])}, {"x": 0.25})


def test_type_that_the_page_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="z: the page knows no arrays of complex128"):
        pack({"z": np.array([1j])}, {})


@pytest.mark.parametrize("name", NAMES)
def test_explorable_reads_no_stored_run(name: str) -> None:
    tree = ast.parse((EXPLORE / f"{name}.py").read_text(encoding="utf-8"))
    assert not [used for used in imports(tree, "nnkit.explore") if "stored" in used]


def read(root: Path, text: str) -> tuple[Sphinx, str]:
    """Have Sphinx read a page of Markdown; return what it knows then, and its warnings."""
    (root / "index.md").write_text(text)
    warnings = StringIO()
    settings = {"extensions": ["myst_nb", "nnkit.book.explorables"], "nb_execution_mode": "off"}
    with docutils_namespace():  # each build registers what it needs
        app = Sphinx(root, None, root / "out", root / "tree", "dummy", settings, None, warnings)
        app.build()
    return app, warnings.getvalue()


def test_directive_puts_in_what_a_cell_puts_out(tmp_path: Path) -> None:
    app, warnings = read(tmp_path, "# Gallery\n\n```{explorable} perceptron\n```\n")
    assert warnings == ""
    (figure,) = app.env.get_doctree("index").findall(nodes.raw)
    assert figure.astext() == Perceptron().html()


def test_figure_is_drawn_again_when_its_sources_change_and_not_for_prose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNKIT_CACHE", str(tmp_path / "kept"))
    drawn: list[int] = []
    monkeypatch.setattr(Perceptron, "html", lambda self: f"<p>{drawn.append(1) or len(drawn)}")
    page = "# Gallery\n\n```{explorable} perceptron\n```\n"

    def figure(text: str) -> str:
        app, _ = read(tmp_path, text)
        return next(app.env.get_doctree("index").findall(nodes.raw)).astext()

    assert [figure(page), figure(f"{page}\nProse.\n")] == ["<p>1", "<p>1"]
    palette = tmp_path / "palette.py"
    palette.write_text("# another")
    monkeypatch.setattr(explorables, "PALETTE", palette)
    assert figure(f"{page}\nMore prose.\n") == "<p>2"


def test_page_with_the_directive_is_made_anew_when_the_answers_may_change(tmp_path: Path) -> None:
    app, _ = read(tmp_path, "# Gallery\n\n```{explorable} perceptron\n```\n")
    names = {Path(file).name for file in app.env.dependencies["index"]}
    assert {"perceptron.py", "plane.py", "palette.py", "requirements.txt"} <= names
    assert "perceptron.js" not in names


def test_directive_for_what_does_not_exist_is_reported(tmp_path: Path) -> None:
    _, warnings = read(tmp_path, "# Gallery\n\n```{explorable} nothing\n```\n")
    assert "index.md:3" in warnings
    assert "There is no explorable 'nothing'" in warnings


def test_error_in_a_script_is_esbuilds(tmp_path: Path) -> None:
    broken = tmp_path / "broken.js"
    broken.write_text("export const = 1")
    with pytest.raises(RuntimeError, match=r"Expected identifier but found \"=\""):
        explorables.bundle([broken], tmp_path / "out")


def test_scripts_of_the_page_are_light(tmp_path: Path) -> None:
    explorables.bundle([EXPLORE / f"{name}.js" for name in NAMES], tmp_path)
    files = [file for file in tmp_path.iterdir() if file.suffix in {".js", ".css"}]
    assert {file.stem for file in files} >= {"page", "kit", *NAMES}
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= 60_000


def test_notebooks_bundle_is_made_from_the_kit_as_it_is(tmp_path: Path) -> None:
    root = EXPLORE.parents[1]
    package = json.loads((root / "package.json").read_text(encoding="utf-8"))
    tool, *options, stored = package["scripts"]["kit"].replace("--outfile=", "").split()
    command = [scripts.ESBUILD.with_name(tool), *options, f"--outfile={tmp_path}/bundle.js"]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    assert (tmp_path / "bundle.js").read_text() == (root / stored).read_text(), "run: npm run kit"


def test_widget_answers_with_the_function() -> None:
    from nnkit.explore.kit.widget import Widget

    widget = Widget("perceptron", Perceptron.spec(), Perceptron.compute)
    sent: list[tuple[dict[str, Any], list[bytes]]] = []
    widget.send = lambda content, buffers=None: sent.append((content, buffers))
    setting = random_settings(1)[0]
    widget.answer(widget, {"id": 7, "controls": setting}, [])
    ((content, buffers),) = sent
    assert content["id"] == 7
    for (name, (code, shape)), buffer in zip(content["arrays"].items(), buffers, strict=True):
        there = np.frombuffer(buffer, code).reshape(shape)
        np.testing.assert_array_equal(there, Perceptron.compute(**setting)[name])


def test_widget_answers_a_bad_question_with_the_reason() -> None:
    from nnkit.explore.kit.widget import Widget

    widget = Widget("perceptron", Perceptron.spec(), Perceptron.compute)
    sent: list[dict[str, Any]] = []
    widget.send = lambda content, buffers=None: sent.append(content)
    question = {"data": "a wide gap", "bias": True, "points": []}
    widget.answer(widget, {"id": 1, "controls": question}, [])
    reason = "ValueError: Perceptron: there must be 1 to 24 points, got 0"
    assert sent == [{"id": 1, "error": reason}]


def test_widget_answers_whatever_goes_wrong() -> None:
    from nnkit.explore.kit.widget import Widget

    widget = Widget("perceptron", Perceptron.spec(), Perceptron.compute)
    sent: list[dict[str, Any]] = []
    widget.send = lambda content, buffers=None: sent.append(content)
    widget.answer(widget, {"id": 2, "controls": {"data": 1}}, [])
    ((number, reason),) = [tuple(content.values()) for content in sent]
    assert number == 2
    assert reason.startswith("TypeError: Perceptron.compute() missing 2 required keyword-only")


WIDGET = "application/vnd.jupyter.widget-view+json"


def shown_in_a_notebook() -> tuple[dict[str, Any], dict[str, Any]]:
    """What a notebook gets of a cell that ends in an explorable: data and metadata."""
    data, metadata = DisplayFormatter(active_types=[]).format(Perceptron())
    return data, metadata


def test_output_in_a_notebook_is_the_same_every_time_but_for_the_widget() -> None:
    (first, metadata), (second, _) = (shown_in_a_notebook() for _ in range(2))
    assert metadata == {}
    assert first.pop(WIDGET) != second.pop(WIDGET)
    assert first == second
    assert first["text/plain"] == "Perceptron explorable"


def test_colab_is_told_where_to_get_what_shows_widgets(monkeypatch: pytest.MonkeyPatch) -> None:
    colab = SimpleNamespace(
        enable_custom_widget_manager=lambda: None,
        _widgets=SimpleNamespace(_installed_url="https://manager"),
    )
    monkeypatch.setitem(sys.modules, "google.colab.output", colab)
    data, metadata = shown_in_a_notebook()
    assert data.keys() == {"text/plain", "text/html", WIDGET}
    assert metadata == {WIDGET: {"colab": {"custom_widget_manager": {"url": "https://manager"}}}}


def test_notebook_without_anywidget_shows_the_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nnkit.explore.kit.widget", None)
    data, metadata = shown_in_a_notebook()
    assert data.keys() == {"text/plain", "text/html"}
    assert metadata == {}
