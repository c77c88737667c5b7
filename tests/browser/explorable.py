"""Wakes an explorable, reads what it says that it shows, and operates its controls with keys."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page, Route, expect

from nnkit.explore import Answer

HOME = "gallery.html"
OPERABLE = "select:enabled, input:enabled, [role=slider]"

# Has each figure remember what it has drawn last.
REMEMBER = 'addEventListener("answered", ({ target, detail }) => (target.shown = detail));'
SHOWN = """({ shown: { controls, time, answer } }) => JSON.stringify(
  { controls, time, answer: Object.entries(answer).map(([name, { shape, data }]) =>
      [name, shape, Array.from(data, String)]) })"""
DRAWN = """(figure) => {
  const drawing = figure.querySelector("svg").cloneNode(true);
  for (const hidden of drawing.querySelectorAll("[visibility=hidden]")) hidden.remove();
  for (const control of drawing.querySelectorAll("[data-number]")) delete control.dataset.number;
  const pixels = Array.from(figure.querySelectorAll("canvas"), (canvas) => canvas.toDataURL());
  return [drawing.outerHTML, ...pixels].join();
}"""
NUMBER = "(all) => all.forEach((control, i) => (control.dataset.number = i))"


def figure_of(page: Page, name: str) -> Locator:
    return page.locator(f"figure[data-explorable={name}]")


def wake(page: Page, name: str, link: str = "", runtime: str = "table") -> Locator:
    """Open the gallery, at a link to a state if there is one, and wait for its answer."""
    page.add_init_script(REMEMBER)
    page.goto(HOME + (link and f"#{name}?{link}"))
    figure = figure_of(page, name)
    figure.scroll_into_view_if_needed()
    expect(figure).to_have_attribute("data-ready", runtime)
    return figure


def spread_out(route: Route) -> None:
    """Serve a page with each of its explorables far below the first screen."""
    tall = '<p style="height: 5000px"></p><figure'
    route.fulfill(body=route.fetch().text().replace("<figure", tall), content_type="text/html")


def controls_of(figure: Locator) -> list[Locator]:
    """All that can be operated; each is found again whatever becomes of the others."""
    figure.locator(OPERABLE).evaluate_all(NUMBER)
    return [figure.locator(f"[data-number='{i}']") for i in range(figure.locator(OPERABLE).count())]


def settle(figure: Locator) -> None:
    """Wait until what is asked is answered; a kernel may have to train a network for it."""
    expect(figure).not_to_have_attribute("aria-busy", "true", timeout=60_000)


@dataclass(frozen=True)
class Shown:
    """What a figure says that it shows."""

    controls: dict[str, Any]
    time: int
    answer: Answer


def shown(figure: Locator) -> Shown:
    """What the figure has drawn last, once nothing more is asked."""
    settle(figure)
    told = json.loads(figure.evaluate(SHOWN))
    answer = {
        name: np.array([float(value) for value in data]).reshape(shape)
        for name, shape, data in told["answer"]
    }
    return Shown(told["controls"], told["time"], answer)


def by_keyboard(control: Locator, page: Page) -> Iterator[None]:
    """Operate a control with keys alone."""
    control.focus()
    keys = {
        "select-one": ["ArrowDown"] * (control.locator("option").count() - 1),
        "checkbox": ["Space", "Space"],
        "number": ["ArrowUp", "ArrowUp", "ArrowDown"],
        "range": ["Home", "ArrowRight", "ArrowRight", "PageUp", "End", "ArrowLeft"],
    }
    kind = control.evaluate("({ type }) => type")
    for key in keys.get(kind, ["ArrowRight", "ArrowUp", "ArrowUp", "ArrowLeft", "ArrowDown"]):
        page.keyboard.press(key)
        yield
