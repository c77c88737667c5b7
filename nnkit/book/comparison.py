"""Hold what a notebook puts out to what it has stored: exactly, but for what is a measurement.

Text is compared by `nnkit.measurement`. A drawing is compared by what it shows: the same things in
the same order, in the same words and colours, at places that are at most `PLACE` apart; in a cell
tagged `measured`, which draws runs that no two processors end alike, `MEASURED`.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import matplotlib.image
import numpy as np
from nbformat import NotebookNode
from numpy.typing import NDArray

from nnkit.book.figures import shrink
from nnkit.measurement import same

PLACE, MEASURED = 1.0, 40.0  # points, of a figure that is some 500 wide
SHADE = 4.0  # of 255, for each point that places may be apart

PLACES = {"d", "x", "y", "width", "height", "viewBox", "transform", "points", "cx", "cy"}
NAMES = {"id", "clip-path"}
DIGEST = re.compile(r"#\w*[0-9a-f]{10}")  # of places: what matplotlib calls a mark, not a letter
COLOUR = re.compile(r"#[0-9a-f]{6}\b")
NUMBER = re.compile(r"-?[\d.]+(?:e-?\d+)?")

Floats = NDArray[np.float64]


def reconcile(stored: list[NotebookNode], fresh: list[NotebookNode], tolerance: float) -> None:
    """Put what is stored in place of what is fresh, wherever both say or show the same.

    What differs after that is a difference.

    Parameters
    ----------
    stored, fresh : list of NotebookNode
        Outputs of one cell, in order; the fresh ones are changed.
    tolerance : float
        How far apart places of drawings may be, in points.
    """
    known: dict[str, list[str]] = {}
    for kind, _, text in _texts(stored):
        known.setdefault(kind, []).append(text)
    for kind, holder, text in _texts(fresh):
        if known.get(kind):
            before = known[kind].pop(0)
            holder["text" if holder.get("output_type") else kind] = _settled(
                kind, before, text, tolerance
            )


def _settled(kind: str, before: str, text: str, tolerance: float) -> str:
    """Return what is stored if the fresh text says or shows the same, else how it differs."""
    if kind == "image/svg+xml":
        return difference(before, shrink(text), tolerance) or before
    if kind == "text/html" and "<svg" in before and "<svg" in text:
        (around, drawn), (around_fresh, drawn_fresh) = map(_taken_out, (before, text))
        if around == around_fresh:
            return difference(drawn, drawn_fresh, tolerance) or before
    return before if same(before, text) else text


def _texts(outputs: list[NotebookNode]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield each text of outputs: its stream or MIME type, what holds it, and the text."""
    for output in outputs:
        if output.output_type == "stream":
            yield output.name, output, output.text
        for kind, content in output.get("data", {}).items():
            if isinstance(content, str):
                yield kind, output.data, content


def _taken_out(html: str) -> tuple[str, str]:
    """Return HTML without its drawing, and the drawing."""
    before, start, rest = html.partition("<svg")
    drawing, end, after = rest.rpartition("</svg>")
    return before + after, start + drawing + end


def difference(stored: str, fresh: str, tolerance: float) -> str:
    """Tell the first difference of what two drawings show.

    Parameters
    ----------
    stored, fresh : str
        SVG elements.
    tolerance : float
        How far apart their places may be, in the drawings' unit.

    Returns
    -------
    str
        Where they differ and by what; empty if they show the same.
    """
    parts = [list(ElementTree.fromstring(svg).iter()) for svg in (stored, fresh)]
    for one, other in zip(*parts, strict=False):
        if one.tag != other.tag or one.attrib.keys() != other.attrib.keys():
            return f"{_told(one)} against {_told(other)}"
        if (one.text or "").strip() != (other.text or "").strip():
            return f"the words {one.text!r} against {other.text!r}"
        for name in one.attrib:
            if not _alike(name, one.attrib[name], other.attrib[name], tolerance):
                return f"{name} of {_told(one)} against {_told(other)}"
    if len(parts[0]) != len(parts[1]):
        return f"{len(parts[0])} elements against {len(parts[1])}"
    return ""


def _told(element: ElementTree.Element) -> str:
    return ElementTree.tostring(element, encoding="unicode")[:200]


def _alike(name: str, one: str, other: str, tolerance: float) -> bool:
    """Say whether an attribute's two values show the same."""
    if name in NAMES or one == other:
        return True
    if name in PLACES:
        return _apart(one, other) <= tolerance
    if name == "href":
        if one.startswith("data:image/"):
            return _shade(_pixels(one), _pixels(other)) <= SHADE * tolerance
        return bool(DIGEST.fullmatch(one) and DIGEST.fullmatch(other))
    colours = [_bytes(COLOUR.findall(style)) for style in (one, other)]
    return COLOUR.sub("", one) == COLOUR.sub("", other) and (_shade(*colours) <= SHADE * tolerance)


def _apart(one: str, other: str) -> float:
    """Return how far two places, or two curves, are from one another at most."""
    numbers = [np.array(NUMBER.findall(text), dtype=float) for text in (one, other)]
    words = [NUMBER.sub("", text).split() for text in (one, other)]
    if words[0] == words[1] and len(numbers[0]) == len(numbers[1]):
        return float(np.abs(numbers[0] - numbers[1]).max(initial=0))
    if set(words[0]) <= {"M", "L", "z"} and set(words[1]) <= {"M", "L", "z"}:
        curves = [each.reshape(-1, 2) for each in numbers]  # a vertex on the way may be left out
        return max(_away(*curves), _away(*reversed(curves)))
    return np.inf


def _away(points: Floats, curve: Floats) -> float:
    """Return the largest distance of points from a curve of straight pieces."""
    start, step = curve[:-1], np.diff(curve, axis=0)
    length = np.maximum((step**2).sum(1), 1e-12)
    along = ((points[:, None] - start) * step).sum(2) / length
    nearest = start + np.clip(along, 0, 1)[:, :, None] * step
    distances: Floats = np.linalg.norm(points[:, None] - nearest, axis=2)
    return float(distances.min(axis=1).max())


def _pixels(data: str) -> Floats:
    """Read an image that stands in a drawing."""
    file = io.BytesIO(base64.b64decode(data.partition(",")[2]))
    return 255 * np.asarray(matplotlib.image.imread(file), dtype=float)


def _bytes(colours: list[str]) -> Floats:
    return np.array([list(bytes.fromhex(colour[1:])) for colour in colours], dtype=float)


def _shade(one: Floats, other: Floats) -> float:
    """Return how much two images or lists of colours differ at most, of 255."""
    return float(np.abs(one - other).max(initial=0)) if one.shape == other.shape else np.inf
