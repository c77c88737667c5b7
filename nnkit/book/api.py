"""Describe the engine from its own docstrings, with links into pages of its source.

`.. api::` names modules or classes of the engine. Their public names are read from the package
itself, set out in a table by the file that defines them, and described below it by Sphinx's
autodoc and numpydoc. The source stands in the book whole, file by file, and not behind a link to
the repository: it can be read with the network cut, and it is what this very book was made from.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from docutils import nodes
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from nnkit import scratch

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

ENGINE = scratch.__name__
FOLDER = Path(scratch.__path__[0])


class Place(NamedTuple):
    """Where something is defined.

    Parameters
    ----------
    file : str
        Path in the engine's folder, as "nn/conv.py".
    line : int
        Number of the line in it, from 1.
    """

    file: str
    line: int


def modules() -> Iterator[ModuleType]:
    """Find the modules of the engine.

    Yields
    ------
    module
        Each of them, the package itself first.
    """
    yield scratch
    for found in pkgutil.walk_packages(scratch.__path__, f"{ENGINE}."):
        yield importlib.import_module(found.name)


def public(namespace: Any) -> list[str]:
    """Find the public names of a module or a class.

    Parameters
    ----------
    namespace : module or class
        Of the engine.

    Returns
    -------
    list of str
        Of a module, `__all__`; without it, the functions and classes that it defines, and if it is
        a package, or defines none, the names that it imports from elsewhere. Of a class, the
        methods and properties that no base of it has.
    """
    if inspect.isclass(namespace):
        kinds = (FunctionType, property, classmethod, staticmethod)
        bases = namespace.__mro__[1:]
        names = [
            name
            for name, value in vars(namespace).items()
            if isinstance(value, kinds) and not any(hasattr(base, name) for base in bases)
        ]
    elif hasattr(namespace, "__all__"):
        names = namespace.__all__
    else:
        body = ast.parse(inspect.getsource(namespace)).body
        names = [s.name for s in body if isinstance(s, ast.FunctionDef | ast.ClassDef)]
        if hasattr(namespace, "__path__") or not names:
            imports = (
                s for s in body if isinstance(s, ast.ImportFrom) and s.module != "__future__"
            )
            names += [alias.asname or alias.name for s in imports for alias in s.names]
    return [name for name in names if not name.startswith("_")]


def definition(name: str) -> Place:
    """Find where a public name is defined.

    Parameters
    ----------
    name : str
        Dotted name.

    Returns
    -------
    Place
        The statement that gives the name its value, in the module where that is made; of a method
        or a property, where it begins.
    """
    value = pkgutil.resolve_name(name)
    value = getattr(value, "fget", getattr(value, "__func__", value))
    if inspect.ismodule(value):
        return Place(_file(value), 1)
    module = importlib.import_module(getattr(value, "__module__", name.rpartition(".")[0]))
    names = {other for other, it in vars(module).items() if it is value}
    for statement in ast.parse(inspect.getsource(module)).body:
        if names & set(_bound(statement)):
            return Place(_file(module), statement.lineno)
    value = inspect.unwrap(value)
    return Place(_file(value), inspect.getsourcelines(value)[1])


def _file(value: Any) -> str:
    return Path(inspect.getfile(value)).relative_to(FOLDER).as_posix()


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement gives values to."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.alias):
            yield node.asname or node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


class Api(SphinxDirective):
    """Stands for the public names of the modules and classes that are its arguments.

    Of what has several of these names, the first leads to its description, which tells the others.
    """

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the table, and a section for each file."""
        for module in modules():
            self.env.note_dependency(inspect.getfile(module))
        files = self._files()
        table = nodes.container()
        self._parse(table, _table(files))
        sections = []
        for file, names in files.items():
            title = nodes.title("", "", nodes.literal("", file))
            section = nodes.section("", title, ids=[nodes.make_id(file)])
            self._parse(section, [*_about(file), *(line for name in names for line in names[name])])
            sections.append(section)
        return [*table.children, *sections]

    def _parse(self, node: nodes.Element, lines: list[str]) -> None:
        self.state.nested_parse(StringList(lines, self.get_source_info()[0]), 0, node)

    def _files(self) -> dict[str, dict[str, list[str]]]:
        """Return for each file, in order, what is to be said of its names, in order."""
        namespaces = self.arguments[0].split()
        files: dict[str, dict[str, list[str]]] = {}
        functions: dict[FunctionType, list[str]] = {}
        for namespace in namespaces:
            for short in public(pkgutil.resolve_name(namespace)):
                name = f"{namespace}.{short}"
                value = pkgutil.resolve_name(name)
                if isinstance(value, FunctionType) and value in functions:
                    functions[value] += [f"   Also ``{name.removeprefix(ENGINE + '.')}``.", ""]
                elif not inspect.ismodule(value):
                    entry = files.setdefault(definition(name).file, {})[name] = _entry(
                        name, members=name not in namespaces
                    )
                    if isinstance(value, FunctionType):
                        functions[value] = entry
        return {
            file: dict(sorted(names.items(), key=lambda entry: short_name(entry[0])))
            for file, names in sorted(files.items())
        }


def short_name(name: str) -> str:
    """Shorten a dotted name to what tells it from the others of its file.

    Parameters
    ----------
    name : str
        Dotted name.

    Returns
    -------
    str
        Its last part, after a dot if it is a method or a property.
    """
    parent, _, last = name.rpartition(".")
    return f".{last}" if inspect.isclass(pkgutil.resolve_name(parent)) else last


def _table(files: dict[str, dict[str, list[str]]]) -> list[str]:
    lines = [".. list-table::", "   :header-rows: 1", "", "   * - File", "     - Names"]
    for file, names in files.items():
        links = ", ".join(f":py:obj:`{short_name(name)} <{name}>`" for name in names)
        lines += [f"   * - `{file} <#{nodes.make_id(file)}>`__", f"     - {links}"]
    return lines


def _about(file: str) -> list[str]:
    """Return the first paragraph of a file's docstring."""
    text = ast.get_docstring(ast.parse((FOLDER / file).read_bytes())) or ""
    return [*text.partition("\n\n")[0].splitlines(), ""]


def _entry(name: str, members: bool) -> list[str]:
    """Return the directive that describes a name."""
    value = pkgutil.resolve_name(name)
    if inspect.isclass(value):
        listed = ", ".join(public(value)) if members else ""
        return [f".. autoclass:: {name}", *[f"   :members: {listed}"] * bool(listed), ""]
    if isinstance(value, property):
        return [f".. autoproperty:: {name}", ""]
    if inspect.isroutine(value):
        kind = "method" if short_name(name).startswith(".") else "function"
        return [f".. auto{kind}:: {name}", ""]
    module, _, last = name.rpartition(".")
    return [f".. py:data:: {last}", f"   :module: {module}", f"   :value: {value!r}", ""]


def link_source(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put a link to its definition behind the signature of each name of the engine."""
    if app.builder.format != "html":
        return
    for signature in doctree.findall(addnodes.desc_signature):
        if (signature.get("module") or "").startswith(ENGINE):
            name = signature["fullname"]
            place = definition(f"{signature['module']}.{name}")
            page = app.builder.get_relative_uri(docname, page_name(place.file))
            link = f'href="{page}#line-{place.line}" aria-label="source of {name}"'
            signature += nodes.raw("", f'<a class="source" {link}>source</a>', format="html")


def escape(
    app: Sphinx, what: str, name: str, value: object, options: object, lines: list[str]
) -> None:
    """Have a formula in a docstring mean itself: |x| no substitution, x* no emphasis."""
    marks = re.compile(r"(`[^`]*`)|(?<=.)[|*]|(?<=\w)_(?!\w)")
    doctest = False
    for number, line in enumerate(lines):
        doctest = bool(line) and (doctest or line.startswith(">>>"))
        if not doctest:
            lines[number] = marks.sub(lambda match: match[1] or f"\\{match[0]}", line)


def page_name(file: str) -> str:
    """Return the name of the page that shows a file.

    Parameters
    ----------
    file : str
        Path in the engine's folder.

    Returns
    -------
    str
        Name of the page, without suffix.
    """
    return f"api/source/{file.removesuffix('.py')}"


def source_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Make a page of each file of the engine."""
    highlighter = app.builder.highlighter  # type: ignore[attr-defined]
    for module in modules():
        path = Path(inspect.getfile(module))
        file = path.relative_to(FOLDER).as_posix()
        code = highlighter.highlight_block(path.read_text("utf-8"), "python", linespans="line")
        title = f"nnkit/scratch/{file}"
        body = (
            f'<h1><code>{title}</code></h1><div class="highlight-python source-page">{code}</div>'
        )
        yield page_name(file), {"title": title, "body": body}, "page.html"


def configure(app: Sphinx, config: Config) -> None:
    """Have docstrings read as they are written: types in words, names between single backticks."""
    config.default_role = "literal"
    config.add_module_names = False
    config.autodoc_member_order = "bysource"
    config.autodoc_preserve_defaults = True
    config.autodoc_typehints = "none"
    config.html_domain_indices = False
    config.html_use_index = False  # the tables and the search serve better
    config.numpydoc_show_class_members = False
    config.smartquotes = False  # a string of Python keeps its own; Markdown sees to the chapters'
    config.toc_object_entries = False


def setup(app: Sphinx) -> None:
    """Connect this step."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("numpydoc")
    app.add_directive("api", Api)
    app.connect("config-inited", configure, priority=100)
    app.connect("autodoc-process-docstring", escape, priority=400)  # before numpydoc
    app.connect("doctree-resolved", link_source)
    app.connect("html-collect-pages", source_pages)
