"""Results that take longer to come by than a chapter may run, kept as they were measured.

A script in `benchmarks/` writes each, with the command that does it and the versions it ran on;
the chapter that shows it measures a part again.
"""

import json
from importlib import resources
from typing import Any


def measured(name: str) -> dict[str, Any]:
    """Return the stored results of a script in `benchmarks/`.

    Parameters
    ----------
    name : str
        The script's name, such as "gradients".

    Returns
    -------
    dict
        What it measured, and under "command" and "versions" how.

    Raises
    ------
    FileNotFoundError
        If no script of that name has stored results.

    Examples
    --------
    >>> from nnkit.data import measured
    >>> measured("gradients")["command"]
    'python benchmarks/gradients.py'
    """
    text = resources.files("nnkit.data").joinpath(f"{name}.json").read_text(encoding="utf-8")
    stored: dict[str, Any] = json.loads(text)
    return stored
