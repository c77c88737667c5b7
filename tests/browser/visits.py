"""A page as a test finds it that asks of the same visit as others do."""

from dataclasses import dataclass

from playwright.sync_api import Page, Response


@dataclass(frozen=True)
class Visit:
    """A page that has been opened, unfolded, in a theme and a width, and what it has done since.

    All tests of a module that ask of the same visit look at the same page, in their order.
    """

    page: Page
    path: str
    theme: str
    width: int
    loaded: list[Response]
    faults: list[str]

    def background(self) -> str:
        colour: str = self.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return colour


def rgb(colour: str) -> str:
    """A colour `#rrggbb` as browsers write it."""
    return f"rgb({', '.join(str(part) for part in bytes.fromhex(colour[1:]))})"
