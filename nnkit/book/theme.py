"""Give the pages their look, and keep them light.

One style sheet is put together here from the palette, the fonts, the icons and `style/book.css`.
The theme's own icon library, larger than all the rest of a page, is left out: the few icons in use
come from Lucide, under the class names that the theme's templates use.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sphinx.util.fileutil import copy_asset_file

from nnkit.palette import variables

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

HERE = Path(__file__).parent
NODE_MODULES = HERE.parents[1] / "node_modules"

FONTS = {  # family, style: file of @fontsource (weight 400, Latin letters)
    ("STIX Two Text", "normal"): "stix-two-text/files/stix-two-text-latin-400-normal.woff2",
    ("STIX Two Text", "italic"): "stix-two-text/files/stix-two-text-latin-400-italic.woff2",
    ("Source Code Pro", "normal"): "source-code-pro/files/source-code-pro-latin-400-normal.woff2",
}

ICONS = {  # class name in the theme's templates: name in Lucide
    "fa-angle-left": "chevron-left",
    "fa-angle-right": "chevron-right",
    "fa-arrow-up": "arrow-up",
    "fa-bars": "menu",
    "fa-circle-half-stroke": "sun-moon",
    "fa-download": "download",
    "fa-file": "file",
    "fa-file-pdf": "printer",
    "fa-list": "list",
    "fa-magnifying-glass": "search",
    "fa-moon": "moon",
    "fa-rocket": "play",
    "fa-sun": "sun",
}


def style_sheet() -> str:
    """Put the book's style sheet together.

    Returns
    -------
    str
        CSS: the palette as variables, the fonts, the icons, and `style/book.css`.
    """
    dark = f'html[data-theme="dark"]{{{variables("dark")}}}'
    parts = [f"html{{{variables('light')}}}", f"@media screen{{{dark}}}"]
    for (family, style), file in FONTS.items():
        parts.append(
            f'@font-face{{font-family:"{family}";font-style:{style};font-display:swap;'
            f'src:url("fonts/{Path(file).name}") format("woff2")}}'
        )
    for name, icon in ICONS.items():
        svg = (NODE_MODULES / "lucide-static/icons" / f"{icon}.svg").read_text(encoding="utf-8")
        svg = re.sub(r"<!--.*?-->|\s*class=\"[^\"]*\"", "", svg, flags=re.DOTALL)
        svg = re.sub(r"\s+", " ", svg).strip()
        parts.append(f'.{name}{{--icon:url("data:image/svg+xml,{quote(svg)}")}}')
    parts.append((HERE / "style/book.css").read_text(encoding="utf-8"))
    return "\n".join(parts)


def configure(app: Sphinx, config: Config) -> None:
    """Set what the theme has to know: our templates, our formulas, the repository's address."""
    config.templates_path.insert(0, str(HERE / "templates"))
    config.html_math_renderer = "mathjax-at-build"
    config.html_favicon = str(HERE / "style/icon.svg")
    config.html_context = {"default_mode": "auto"}
    config.nb_ipywidgets_js = {}
    options = config.html_theme_options
    options["use_fullscreen_button"] = False
    options["show_toc_level"] = 2  # what comes and goes with the scrolling is hard to tab through
    options["pygment_light_style"] = options["pygment_dark_style"] = "bw"  # coloured in book.css
    if "GITHUB_REPOSITORY" in os.environ:  # published from a fork: its links lead to the fork
        server = os.environ.get("GITHUB_SERVER_URL", "https://github.com")
        options["repository_url"] = f"{server}/{os.environ['GITHUB_REPOSITORY']}"
        owner, _, name = os.environ["GITHUB_REPOSITORY"].partition("/")
        config.html_baseurl = f"https://{owner.lower()}.github.io/{name}/"
        options["repository_branch"] = os.environ.get("GITHUB_REF_NAME", "main")


def copy_assets(app: Sphinx, exception: Exception | None) -> None:
    """Write the style sheet and the fonts into the built book."""
    if exception is None and app.builder.format == "html":
        static = Path(app.outdir, "_static")
        (static / "fonts").mkdir(exist_ok=True)
        (static / "book.css").write_text(style_sheet(), encoding="utf-8")
        for file in FONTS.values():
            copy_asset_file(str(NODE_MODULES / "@fontsource" / file), str(static / "fonts"))


def setup(app: Sphinx) -> None:
    """Connect this step."""
    for unused in ("comments_config", "use_jupyterbook_latex"):  # set by Jupyter Book all the same
        app.add_config_value(unused, None, "")
    app.connect("config-inited", configure, priority=100)
    app.connect("build-finished", copy_assets)
    app.add_css_file("book.css", priority=900)
