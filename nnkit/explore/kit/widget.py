"""An explorable in a notebook: a widget whose every question the kernel answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from nnkit.explore.kit.packing import CODES, Answer, encode
from nnkit.palette import variables

HERE = Path(__file__).parent
# What stands around a dark notebook's output in JupyterLab, on Colab and in VS Code.
DARK = (
    '[data-jp-theme-light="false"], html[theme="dark"], .vscode-dark, '
    ".vscode-high-contrast:not(.vscode-high-contrast-light)"
)


def script(name: str) -> str:
    """Put the script of a widget together, in one file, as a notebook needs it.

    Parameters
    ----------
    name : str
        Name of the explorable.

    Returns
    -------
    str
        A JavaScript module: the kit, bundled, then the view with its import of the kit replaced.
    """
    kit = (HERE / "bundle.js").read_text(encoding="utf-8")
    view = (HERE.parent / f"{name}.js").read_text(encoding="utf-8")
    view = re.sub(r'import (\{.*?\}) from "\./kit/kit\.js";', r"const \1 = kit;", view, flags=re.S)
    return f"{kit}\n{view}\nexport default {{ render: kit.widget(explorable) }};\n"


def style() -> str:
    """Put the style sheet of every widget together.

    Returns
    -------
    str
        CSS: the palette, light or as dark as JupyterLab, Colab or VS Code is, then the kit's style.
    """
    kit = (HERE / "kit.css").read_text(encoding="utf-8")
    return (
        f".explorable{{{variables('light')}}}:is({DARK}) .explorable{{{variables('dark')}}}\n{kit}"
    )


class Widget(anywidget.AnyWidget):
    """The widget of one explorable.

    Parameters
    ----------
    name : str
        The explorable's name.
    spec : dict
        What the view has to know of it.
    compute : callable
        What answers: from a setting of the controls to named arrays.
    """

    spec = traitlets.Dict().tag(sync=True)

    def __init__(self, name: str, spec: dict[str, Any], compute: Callable[..., Answer]) -> None:
        self._esm = script(name)
        self._css = style()
        self.compute = compute
        super().__init__(spec=spec)
        self.on_msg(self.answer)

    def answer(self, widget: object, question: dict[str, Any], buffers: object) -> None:
        """Answer a question of the view.

        Parameters
        ----------
        widget : object
            This widget.
        question : dict
            Its number, `id`, and a setting of the `controls`.
        buffers : object
            Not used.
        """
        try:
            answer = self.compute(**question["controls"])
            arrays = {name: encode(name, array) for name, array in answer.items()}
        except Exception as error:  # whatever it is: the view waits for an answer
            self.send({"id": question["id"], "error": f"{type(error).__name__}: {error}"})
            return
        header = {name: [CODES[a.dtype.name], list(a.shape)] for name, a in arrays.items()}
        buffers = [a.tobytes() for a in arrays.values()]
        self.send({"id": question["id"], "arrays": header}, buffers)

    def view(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the output that shows this widget.

        Returns
        -------
        data : dict of str to object
            What the notebook needs to find it, under the MIME type of widgets.
        metadata : dict of str to object
            On Colab, under the same type, where to get what shows widgets; elsewhere nothing.
        """
        bundle, metadata = self._repr_mimebundle_() or ({}, {})
        data = {mime: content for mime, content in bundle.items() if mime != "text/plain"}
        return data, metadata
