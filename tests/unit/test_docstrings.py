"""Every public name says what it does, what it takes and what it returns, in numpydoc's form."""

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from numpydoc.docscrape import get_doc_object
from numpydoc.validate import ERROR_MSGS, Validator, validate

import nnkit

# The checks of numpydoc that the course does not make, and why not.
LEFT_OUT = {
    "ES01": "one sentence can be enough",
    "SA01": "See Also stands where it leads somewhere",
    "EX01": "an example stands where it shows something",
}


class CourseValidator(Validator):  # type: ignore[misc]
    """Reads signatures as the course documents them."""

    def __init__(self, obj_name: object) -> None:
        super().__init__(get_doc_object(obj_name, config={"show_class_members": False}))

    @property
    def signature_parameters(self) -> tuple[str, ...]:
        """Those of a constructor only in the class that defines it."""
        inherited = (
            inspect.isclass(self.obj) and not {"__init__", "__new__"} & vars(self.obj).keys()
        )
        return () if inherited else super().signature_parameters

    @property
    def doc_all_parameters(self) -> dict[str, tuple[str, list[str]]]:
        """The fields of a dataclass are its attributes and its parameters in one."""
        sections = ["Parameters", "Other Parameters"]
        if dataclasses.is_dataclass(self.obj):
            sections.append("Attributes")
        return self._doc_parameters(sections)


def faults(member: object) -> set[str]:
    """Everything that is wrong with the docstring of a function, a method or a class."""
    errors = validate(member, validator_cls=CourseValidator)["errors"]
    return {f"{code}: {message}" for code, message in errors if code not in LEFT_OUT}


def modules() -> Iterator[ModuleType]:
    yield nnkit
    for found in pkgutil.walk_packages(nnkit.__path__, "nnkit."):
        yield importlib.import_module(found.name)


def public_members(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Yield, with their names, the functions, classes and methods that a module makes public.

    A method that overrides one of a base class is documented there; so is a function that Sphinx
    calls, whose first parameter is its application.
    """
    for name in getattr(module, "__all__", vars(module)):
        member = getattr(module, name)
        if name.startswith("_") or getattr(member, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(member):
            if [*inspect.signature(member).parameters][:1] != ["app"]:
                yield f"{module.__name__}.{name}", member
        elif inspect.isclass(member):
            yield f"{module.__name__}.{name}", member
            for method, value in vars(member).items():
                overrides = any(hasattr(base, method) for base in member.__mro__[1:])
                documented = isinstance(value, property | classmethod | staticmethod | Callable)
                if documented and not method.startswith("_") and not overrides:
                    yield f"{module.__name__}.{name}.{method}", getattr(member, method)


PUBLIC = {name: member for module in modules() for name, member in public_members(module)}


@pytest.mark.parametrize("name", PUBLIC)
def test_docstring_is_complete(name: str) -> None:
    assert faults(PUBLIC[name]) == set()


def test_public_names_are_found() -> None:
    assert {"nnkit.data.plane.blobs", "nnkit.palette.Colour"} <= set(PUBLIC)
    assert not any("._" in name for name in PUBLIC)


def complete(rate: float) -> float:
    """Return the rate.

    Parameters
    ----------
    rate : float
        Learning rate, > 0.

    Returns
    -------
    float
        The same.
    """
    return rate


DOCSTRING = complete.__doc__ or ""


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("GL07", DOCSTRING, "Return it.\n\n    Returns\n    -------\n    float\n        It.\n\n"
         "    Parameters\n    ----------\n    rate : float\n        Rate.\n    "),
        ("GL08", DOCSTRING, ""),
        ("SS03", "rate.\n\n    Par", "rate\n\n    Par"),
        ("SS06", "Return the rate.", "Return\n    the rate."),
        ("PR01", "    rate : float\n        Learning rate, > 0.\n", ""),
        ("PR02", "rate : float", "speed : float"),
        ("PR04", "rate : float", "rate"),
        ("PR07", "        Learning rate, > 0.\n", ""),
        ("RT01", "    Returns\n    -------\n    float\n        The same.\n", ""),
        ("RT03", "        The same.\n", ""),
    ],
)  # fmt: skip
def test_fault_in_a_docstring_is_found(
    code: str, old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert faults(complete) == set()
    assert old in DOCSTRING
    monkeypatch.setattr(complete, "__doc__", DOCSTRING.replace(old, new))
    assert code in {fault.partition(":")[0] for fault in faults(complete)}


@dataclasses.dataclass
class Undocumented:
    """One field, which is not documented."""

    rate: float

    def step(self, weight: float) -> None:
        """Take a step."""


def test_fault_in_a_class_is_found() -> None:
    assert faults(Undocumented) == {"PR01: Parameters {'rate'} not documented"}
    assert faults(Undocumented.step) == {"PR01: Parameters {'weight'} not documented"}


def test_checks_left_out_exist() -> None:
    assert set(LEFT_OUT) <= set(ERROR_MSGS)
