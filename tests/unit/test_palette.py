"""The book's colours can be read on its page, and told apart by colour-blind readers."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from nnkit.palette import PALETTE

Array = NDArray[np.float64]

THEMES = ("light", "dark")
HUES = ("data", "model", "gradient", "validation")

# What a dichromat sees, on linear RGB: Machado, Oliveira and Fernandes (2009), "A
# Physiologically-based Model for Simulation of Color Vision Deficiency", severity 1.0.
VISION = {
    "trichromacy": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
# Linear sRGB to CIE XYZ (IEC 61966-2-1). Its rows' sums are the white point.
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
# About nine times the least difference that is noticed between two patches side by side (2.3;
# Mahy, Van Eycken and Oosterlinck, 1994): figures have thin lines and small marks, far apart.
APART = 20.0


def linear(colour: str) -> Array:
    """Linear RGB in [0, 1] of `#rrggbb` (WCAG 2.2, relative luminance)."""
    srgb = np.array(list(bytes.fromhex(colour.removeprefix("#")))) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    dark, light = sorted(linear(colour) @ XYZ[1] for colour in (one, other))
    return float((light + 0.05) / (dark + 0.05))


def lab(rgb: Array) -> Array:
    """CIE L*a*b* of linear RGB."""
    ratio = XYZ @ rgb.clip(0, 1) / XYZ.sum(axis=1)
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str, other: str, vision: str) -> float:
    """Distance of two colours in L*a*b* as this vision sees them (CIE 1976)."""
    seen = [lab(VISION[vision] @ linear(colour)) for colour in (one, other)]
    return float(np.linalg.norm(seen[0] - seen[1]))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("name", "least"), [*((hue, 3.0) for hue in HUES), ("ink", 4.5), ("muted", 4.5)]
)
def test_colour_stands_out_from_the_paper(theme: str, name: str, least: float) -> None:
    colour, paper = (getattr(PALETTE[key], theme) for key in (name, "paper"))
    assert contrast(colour, paper) >= least


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(("one", "other"), list(combinations(HUES, 2)))
def test_hues_are_told_apart(theme: str, vision: str, one: str, other: str) -> None:
    colours = (getattr(PALETTE[key], theme) for key in (one, other))
    assert distance(*colours, vision) >= APART


def test_every_colour_but_the_decoration_is_measured() -> None:
    assert set(PALETTE) - {"paper", "line"} == {*HUES, "ink", "muted"}


def test_contrast_agrees_with_published_values() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


def test_distance_agrees_with_published_values() -> None:
    assert lab(linear("#ff0000")) == pytest.approx([53.23, 80.11, 67.22], abs=0.01)
    assert distance("#ff0000", "#00ff00", "trichromacy") == pytest.approx(170.58, abs=0.05)


def test_red_and_green_of_one_lightness_are_alike_without_red_cones() -> None:
    assert distance("#a05000", "#5a6e00", "trichromacy") > APART
    assert distance("#a05000", "#5a6e00", "deuteranopia") < APART
