"""What the page's scripts compute and say, outside of any page."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from nnkit import explore
from nnkit.explore import Answer, encode

EXPLORE = Path(explore.__file__).parent

PROGRAM = """
const exported = await import(process.argv[1]);
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const plain = (answer) => Object.fromEntries(
  Object.entries(answer).map(([name, { shape, data }]) => [name, [shape, [...data].map(String)]]));
const run = %s;
console.log(JSON.stringify(await run(exported, JSON.parse(Buffer.concat(chunks)))));
"""

ANSWERS = """({ explorable }, { along, settings }) => settings.map((setting) => {
  const answer = explorable.compute(setting);
  const times = along ? answer[along].shape[0] : 1;
  const words = Array.from({ length: times }, (_, time) => explorable.describe(answer, time));
  return [plain(answer), words];
})"""

WORDS = """({ explorable }, answers) => answers.map(([answer, moments]) =>
  Array.from({ length: moments }, (_, time) => explorable.describe(answer, time)))"""


def evaluate(script: str, module: str, given: object) -> Any:
    """What a function in JavaScript returns for what a module exports and what is given.

    The module is a path below nnkit/explore. The function may use `plain`, which writes arrays so
    that `arrays` reads them.
    """
    run = subprocess.run(
        ["node", "--input-type=module", "--eval", PROGRAM % script, str(EXPLORE / module)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


def arrays(plain: dict[str, Any]) -> dict[str, np.ndarray]:
    """The arrays that `plain` has written."""
    return {
        name: np.array([float(value) for value in values]).reshape(shape)
        for name, (shape, values) in plain.items()
    }


def passed(answer: Answer) -> dict[str, Any]:
    """An answer of Python as the page's scripts take it."""
    encoded = {name: encode(name, array) for name, array in answer.items()}
    return {name: {"shape": a.shape, "data": a.ravel().tolist()} for name, a in encoded.items()}


def answers(
    name: str, settings: list[dict[str, Any]], along: str = ""
) -> list[tuple[dict[str, np.ndarray], list[str]]]:
    """The view's answers, and its words for each moment along an array, or for the only one."""
    there = evaluate(ANSWERS, f"{name}.js", {"along": along, "settings": settings})
    return [(arrays(answer), words) for answer, words in there]


def words(name: str, given: list[Answer], moments: list[int]) -> list[list[str]]:
    """The view's words for each of the moments that each answer of Python has."""
    pairs = [[passed(answer), count] for answer, count in zip(given, moments, strict=True)]
    said: list[list[str]] = evaluate(WORDS, f"{name}.js", pairs)
    return said
