"""One neuron: the smallest explorable, and the example of how to add one."""

from collections.abc import Mapping
from typing import ClassVar

import nnkit.scratch as engine
from nnkit.explore import Answer, Control, Explorable, Slider
from nnkit.palette import themed


class Neuron(Explorable):
    """The activation σ(w x + b) of one neuron, for inputs from -2 to 2."""

    controls: ClassVar[dict[str, Control]] = {
        "w": Slider("Weight w", low=-8, high=8, steps=33, start=20, smooth=True),
        "b": Slider("Bias b", low=-8, high=8, steps=17, start=8),
    }
    answer_bytes = 480
    tolerance: ClassVar[Mapping[str, float]] = {"a": 0.012}
    piece = 50
    size = (400, 300)

    @staticmethod
    def compute(*, w: float, b: float) -> Answer:
        """Run the neuron on 81 inputs, an equal distance apart.

        Parameters
        ----------
        w, b : float
            Weight and bias.

        Returns
        -------
        dict of str to ndarray
            `a`, float32 (81,): the activations.
        """
        x = engine.linspace(-2, 2, 81)
        return {"a": engine.sigmoid(w * x + b).numpy()}

    @staticmethod
    def describe(answer: Answer, time: int) -> str:
        """Say what the neuron answers at the ends and in the middle."""
        low, mid, high = answer["a"][[0, 40, 80]]
        return f"The activation is {low:.2f} at x = −2, {mid:.2f} at 0, {high:.2f} at 2."

    @staticmethod
    def figure(answer: Answer) -> str:
        """Draw the activation as a curve over the input."""
        heights = (280 - 260 * answer["a"]).tolist()
        points = " ".join(f"{5 * i},{y:.1f}" for i, y in enumerate(heights))
        paint = f'fill="none" stroke="{themed("model")}" stroke-width="2"'
        return f'<polyline points="{points}" {paint}/>'
