"""Break the code in forty places, a line at a time, and see that a test notices each.

    python tests/mutants.py

works on a copy, in which the book has been built: `make mutants` sees to that. A test that fails
before anything is broken, a line that is no longer there once, and a breakage that its test does
not notice are told, and the command fails.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
REBUILD = """
import shutil
from pathlib import Path
from nnkit.book import cards, explorables, scripts
from nnkit.explore.kit import widget
static = Path("_build/html/_static")
kit = explorables.EXPLORE / "kit"
for entries, name in (
    ([kit / "page.js", kit / "kit.css", *sorted(explorables.EXPLORE.glob("*.js"))], "explorables"),
    ([cards.PACKAGE / "cards/kit" / script for script in ("cards.js", "review.js")], "cards"),
):
    scripts.bundle(entries, Path("bundled"))
    shutil.copytree("bundled", static / name, dirs_exist_ok=True)
"""


class Mutant(NamedTuple):
    """A file, what stands there once, what takes its place, and the test that notices."""

    file: str
    line: str
    broken: str
    test: str


OPS, NN, CARDS, EXPLORE = (
    "nnkit/scratch/ops",
    "nnkit/scratch/nn",
    "nnkit/cards/kit",
    "nnkit/explore",
)
REVIEW, FIGURES = "tests/browser/test_review.py::test_", "tests/browser/test_explorables.py::test_"
FORMS, MODULES = "tests/browser/test_card_forms.py::test_", "tests/parity/test_nn_"

MUTANTS = [
    # The engine
    Mutant(
        f"{OPS}/arithmetic.py",
        "(other, lambda g: -g))",
        "(other, lambda g: g))",
        "tests/parity/test_tensor.py::test_function_of_two_elements",
    ),
    Mutant(
        f"{OPS}/activations.py",
        "g * (out * (1 - out))",
        "g * (out * (1 + out))",
        f"{MODULES}basic.py::test_activation",
    ),
    Mutant(
        f"{OPS}/activations.py", "keep(g, out != 0)", "g", f"{MODULES}basic.py::test_activation"
    ),
    Mutant(
        f"{NN}/smooth.py",
        "share * (1 + x * (1 - share))",
        "share * (1 + x * share)",
        f"{MODULES}basic.py::test_activation",
    ),
    Mutant(
        f"{NN}/batch_norm.py",
        "variance * (count / (count - 1))",
        "variance * 1",
        f"{MODULES}norm.py::test_normalisation_of_a_batch",
    ),
    Mutant(
        f"{NN}/attention.py",
        "1 / sqrt(q.shape[-1])",
        "1 / q.shape[-1]",
        f"{MODULES}attention.py::test_function_equals_pytorch",
    ),
    Mutant(
        f"{NN}/init.py",
        "q *= gain * np.sign(np.diagonal(r))",
        "q *= 2 * gain",
        f"{MODULES}basic.py::test_orthogonal_values_are_orthonormal",
    ),
    Mutant(
        "nnkit/scratch/optim/descent.py",
        "correction = math.sqrt(1 - beta2**step)",
        "correction = math.sqrt(1 - beta2)",
        "tests/parity/test_optim.py::test_optimizer_takes_the_same_steps",
    ),
    Mutant(
        "nnkit/scratch/optim/descent.py",
        'rate = group["lr"] / (1 + (step - 1) * group["lr_decay"])',
        'rate = group["lr"]',
        "tests/parity/test_optim.py::test_optimizer_takes_the_same_steps",
    ),
    Mutant(
        "nnkit/scratch/optim/lr_scheduler.py",
        "self.gamma ** (epoch // self.step_size)",
        "self.gamma ** (epoch / self.step_size)",
        "tests/parity/test_optim.py::test_schedule_sets_the_same_rates",
    ),
    # Data, models, exercises
    Mutant(
        "nnkit/data/holdout.py",
        "share = min(max(round(test * count), 1), count - 1)",
        "share = round(test * len(y) / len(classes))",
        "tests/unit/test_data.py::test_split_keeps_class_shares",
    ),
    Mutant(
        "nnkit/models/perceptron.py",
        "if labels[i] * float(z) <= 0:",
        "if labels[i] * float(z) < 0:",
        "tests/parity/test_perceptron.py",
    ),
    Mutant(
        "nnkit/models/diffusion.py",
        "np.fill_diagonal(squares[:, first:], np.inf)",
        "squares[0, first] = np.inf",
        "tests/unit/test_models_diffusion.py",
    ),
    Mutant(
        "nnkit/checks/kit/exercise.py",
        "one.shape == other.shape and np.allclose",
        "np.allclose",
        "tests/unit/test_checks.py",
    ),
    # Measurements and notebooks
    Mutant(
        "nnkit/measurement.py",
        "close = abs(mean - mean_other) <= APART * pooled + unit + tiny",
        "close = abs(mean - mean_other) <= 2 * APART * pooled + unit + tiny",
        "tests/unit/test_measurement.py",
    ),
    Mutant(
        "nnkit/measurement.py",
        "return close and large <= RATIO * small + unit + tiny",
        "return close",
        "tests/unit/test_measurement.py",
    ),
    Mutant(
        "nnkit/book/comparison.py",
        "return _apart(one, other) <= tolerance",
        "return True",
        "tests/unit/test_comparison.py",
    ),
    Mutant(
        "nnkit/book/notebooks.py",
        "return hashlib.sha256(json.dumps([sources, rest]).encode()).hexdigest()",
        "return hashlib.sha256(json.dumps([sources]).encode()).hexdigest()",
        "tests/unit/test_notebooks.py",
    ),
    Mutant(
        "nnkit/book/cache.py",
        'file.write(f"{_mark(text)}\\n{text}")',
        'file.write(f"{_mark(text)}\\n{text[:-1]}")',
        "tests/unit/test_cache.py",
    ),
    Mutant(
        "tests/notebooks/rules.py",
        "if draws(cell) and len(alt) < ALT_TEXT:",
        "if draws(cell) and len(alt) < 0:",
        "tests/notebooks/test_rules.py",
    ),
    # Pages
    Mutant(
        "nnkit/book/formulas.py",
        """svg.replace("<svg ", '<svg aria-hidden="true" ')""",
        "svg",
        "tests/unit/test_formulas.py",
    ),
    Mutant(
        "nnkit/book/figures.py",
        'f"{round(value, 1 if abs(value) >= 1 else 4) + 0.0:g}"',
        'f"{round(value, 0 if abs(value) >= 1 else 4) + 0.0:g}"',
        "tests/unit/test_figures.py",
    ),
    Mutant(
        "nnkit/book/serve.py",
        'return Server(("localhost", port), handler)',
        'return Server(("", port), handler)',
        "tests/unit/test_tables.py::test_server_listens_on_this_machine_alone",
    ),
    Mutant(
        "nnkit/book/tables.py",
        "and file not in idle]",
        "]",
        "tests/unit/test_tables.py::test_table_depends_on_the_lesson_and_not_on_what_draws",
    ),
    # Cards
    Mutant(
        f"{CARDS}/deck.py",
        'plain = text.strip().replace("−", "-")',
        "plain = text.strip()",
        "tests/unit/test_cards.py::test_number_is_read_alike_in_the_notebook_and_on_the_page",
    ),
    Mutant(
        f"{CARDS}/answer.js",
        "Math.abs(number(given) - known) <= tolerance",
        "Math.abs(number(given) - known) <= 2 * tolerance",
        "tests/unit/test_cards.py::test_answer_is_judged_alike_in_the_notebook_and_on_the_page",
    ),
    Mutant(
        f"{CARDS}/answer.js",
        'status.setAttribute("role", "status");',
        "",
        f"{FORMS}choice_is_answered_by_keyboard_and_the_reply_announced",
    ),
    Mutant(
        f"{CARDS}/answer.js",
        'return say(["A number is asked for, such as −0.5."]);',
        "",
        f"{FORMS}empty_answer_is_not_judged",
    ),
    # The review
    Mutant(
        f"{CARDS}/schedule.js",
        "clock.setHours(clock.getHours() - 4);",
        "clock.setHours(clock.getHours() - 3);",
        "tests/unit/test_schedule.py::test_day_lasts_until_four_in_the_morning_of_the_readers_clock",
    ),
    Mutant(
        f"{CARDS}/schedule.js",
        "memory(card).due <= today",
        "memory(card).due < today",
        "tests/unit/test_schedule.py::test_card_is_due_when_its_interval_is_over_and_not_before",
    ),
    Mutant(
        f"{CARDS}/schedule.js",
        "Math.max(0, settings.newPerDay - begun.length)",
        "settings.newPerDay",
        f"{REVIEW}year_of_sittings_follows_the_reference",
    ),
    Mutant(
        f"{CARDS}/log.js",
        "if ([...this.#own.keys()].some((id) => !this.#kept.has(id))) this.#save();",
        "",
        f"{REVIEW}answer_that_another_tab_has_overwritten_is_written_again",
    ),
    Mutant(
        f"{CARDS}/log.js",
        "if (this.#unread !== null) this.#putAside();",
        "",
        f"{REVIEW}corrupt_log_is_kept_aside_and_said",
    ),
    # Explorables
    Mutant(
        f"{EXPLORE}/kit/controls.py",
        "np.geomspace if control.log else np.linspace",
        "np.linspace",
        "tests/unit/test_explore.py::test_logarithmic_slider_has_equal_ratios",
    ),
    Mutant(
        f"{EXPLORE}/kit/suppliers.js",
        "share: share * of",
        "share: of",
        "tests/unit/test_explore.py::test_page_interpolates_linearly_along_each_smooth_slider",
    ),
    Mutant(
        f"{EXPLORE}/kit/mount.js",
        'figure.ariaBusy = "true";',
        "if (!changed) return;",
        f"{FIGURES}each_control_is_answered_as_python_does[neuron-keyboard]",
    ),
    Mutant(
        f"{EXPLORE}/kit/mount.js",
        "if (state[key] === start[key]) continue;",
        'if (kind === "slider") continue;',
        f"{FIGURES}link_brings_the_state_back_and_reset_the_start",
    ),
    Mutant(
        f"{EXPLORE}/kit/controls.js",
        "if (input.value === input.max) pause();",
        "if (input.value > input.max) pause();",
        f"{FIGURES}play_runs_to_the_end_and_can_be_paused",
    ),
    Mutant(
        f"{EXPLORE}/kit/glide.js",
        'if (matchMedia("(prefers-reduced-motion: reduce)").matches) return frame(1), () => {};',
        "",
        f"{FIGURES}drawing_moves_gently_and_not_at_all_where_motion_is_unwelcome",
    ),
    Mutant(
        f"{EXPLORE}/perceptron.js",
        "<= 0",
        "< 0",
        "tests/unit/test_explore.py::test_page_and_python_make_the_same_mistakes_on_random_points",
    ),
]


def tests_fail(copy: Path, *tests: str) -> str:
    """Run tests in a copy; return what they print if one fails, and else nothing."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"PYTHONPATH": str(copy)}
    run = subprocess.run(command, cwd=copy, capture_output=True, text=True, env=environment)
    if run.returncode not in (0, 1):  # neither all passed nor some failed: nothing was tested
        sys.exit(f"{' '.join(command)}\n{run.stdout}{run.stderr}")
    return run.stdout * run.returncode


def rebuild(copy: Path) -> None:
    """Bundle the scripts of pages and notebooks anew."""
    environment = os.environ | {"PYTHONPATH": str(copy)}
    subprocess.run([sys.executable, "-c", REBUILD], cwd=copy, check=True, env=environment)


def survives(copy: Path, mutant: Mutant) -> str:
    """Break a copy as a mutant says; return a line if no test notices, and mend the copy."""
    file = copy / mutant.file
    text = file.read_text(encoding="utf-8")
    if text.count(mutant.line) != 1:
        return f"{mutant.file} has {mutant.line!r} {text.count(mutant.line)} times, expected once"
    file.write_text(text.replace(mutant.line, mutant.broken), encoding="utf-8")
    try:
        if file.suffix == ".js":
            rebuild(copy)
        noticed = tests_fail(copy, mutant.test)
    finally:
        file.write_text(text, encoding="utf-8")
    if file.suffix == ".js":
        rebuild(copy)
    return "" if noticed else f"{mutant.test} does not notice {mutant.broken!r} in {mutant.file}"


def main() -> int:
    """Try all mutants.

    Returns
    -------
    int
        Exit status: 1 if one survives.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "book")
        hidden = shutil.ignore_patterns(
            ".git", ".venv", "node_modules", ".hypothesis", "__pycache__"
        )
        shutil.copytree(ROOT, copy, ignore=hidden)
        for name in (".venv", "node_modules"):
            (copy / name).symlink_to(ROOT / name)
        rebuild(copy)
        if printed := tests_fail(copy, *sorted({mutant.test for mutant in MUTANTS})):
            print(f"A test fails before anything is broken:\n{printed}")
            return 1
        survivors = 0
        for number, mutant in enumerate(MUTANTS, 1):
            fault = survives(copy, mutant)
            survivors += bool(fault)
            print(
                f"{number:2} of {len(MUTANTS)}: {fault or f'caught in {mutant.file}'}", flush=True
            )
    print(f"{len(MUTANTS) - survivors} of {len(MUTANTS)} caught")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
