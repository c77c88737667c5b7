"""Formulas are set when the book is built: drawn for the eye, written as MathML for the ear."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup

from nnkit.book.formulas import Setter


@pytest.fixture(scope="module")
def setter() -> Iterator[Setter]:
    setter = Setter()
    yield setter
    setter.close()


def parse(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def outlines(drawing: str) -> set[str]:
    return set(re.findall(r'<use href="#([^"]+)"', drawing))


def test_formula_is_drawn_and_written_as_mathml(setter: Setter) -> None:
    drawing, mathml = parse(setter.set(r"x^2 < \alpha", display=False)).find_all(recursive=False)
    assert drawing.name == "svg"
    assert drawing["aria-hidden"] == "true"
    assert len(drawing.find_all("use")) == 4
    assert mathml.name == "math"
    assert mathml.get_text() == "x2<α"
    assert mathml.select_one("msup > mi + mn")


def test_formula_is_well_formed(setter: Setter) -> None:
    html = setter.set(r"\begin{aligned} a &< b \\ c &\in \{d\} \end{aligned}", display=True)
    assert len(ElementTree.fromstring(f"<p>{html}</p>")) == 2


def test_displayed_formula_says_so_and_an_inline_one_does_not(setter: Setter) -> None:
    tex = r"\sum_{i=1}^n x_i"
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">' in setter.set(
        tex, display=True
    )
    assert "display=" not in setter.set(tex, display=False)


def test_same_formula_is_set_the_same_again(setter: Setter) -> None:
    first = setter.set(r"\frac{R}{\gamma}", display=False)
    setter.set("z", display=False)
    assert setter.set(r"\frac{R}{\gamma}", display=False) == first


@pytest.mark.parametrize(
    ("tex", "complaint"),
    [
        (r"a + \foo", r"Undefined control sequence \foo in the formula a + \foo"),
        (r"\frac{1", r"Missing close brace in the formula \frac{1"),
    ],
)
def test_what_cannot_be_set_is_named_and_the_next_formula_is_set(
    setter: Setter, tex: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(complaint)}$"):
        setter.set(tex, display=False)
    assert "<math" in setter.set("x", display=False)


def test_formulas_share_the_outlines_of_their_letters(setter: Setter) -> None:
    page = setter.set("x + x", display=False) + setter.set("y + x", display=True)
    shared = parse(setter.outlines_of(page))
    ids = [path["id"] for path in shared.find_all("path")]
    assert len(ids) == 3
    assert set(ids) == outlines(page)
    assert not parse(page).find("path")
    assert shared.svg
    assert shared.svg["aria-hidden"] == "true"


def test_page_gets_only_the_outlines_it_uses(setter: Setter) -> None:
    setter.set("q", display=False)
    assert setter.outlines_of("<p>No formula</p>") == ""
    x = setter.set("x", display=False)
    assert [path["id"] for path in parse(setter.outlines_of(x)).find_all("path")] == [*outlines(x)]


def test_closing_ends_the_process() -> None:
    setter = Setter()
    setter.close()
    setter.set("x", display=False)
    process = setter.process
    assert process
    assert process.poll() is None
    setter.close()
    assert process.returncode == 0
