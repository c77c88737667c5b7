"""What the view of an explorable computes and says, outside of any page."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from nnkit import explore

SCRIPT = """
const { explorable } = await import(process.argv[1]);
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const plain = (answer) => Object.fromEntries(
  Object.entries(answer).map(([name, { shape, data }]) => [name, [shape, [...data].map(String)]]));
const { along, settings } = JSON.parse(Buffer.concat(chunks));
console.log(JSON.stringify(settings.map((setting) => {
  const answer = explorable.compute(setting);
  const times = along ? answer[along].shape[0] : 1;
  const words = Array.from({ length: times }, (_, time) => explorable.describe(answer, time));
  return [plain(answer), words];
})));
"""


def answers(
    name: str, settings: list[dict[str, Any]], along: str = ""
) -> list[tuple[dict[str, np.ndarray], list[str]]]:
    """The view's answers, and its words for each moment along an array, or for the only one."""
    view = str(Path(explore.__file__).with_name(f"{name}.js"))
    run = subprocess.run(
        ["node", "--input-type=module", "--eval", SCRIPT, view],
        input=json.dumps({"along": along, "settings": settings}),
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        (
            {
                key: np.array([float(value) for value in values]).reshape(shape)
                for key, (shape, values) in answer.items()
            },
            words,
        )
        for answer, words in json.loads(run.stdout)
    ]
