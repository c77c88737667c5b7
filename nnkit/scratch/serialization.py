"""Tensors on disk: `save` and `load`, without pickle.

A file is a NumPy archive (.npz) of the arrays, with one more member, the structure that they stand
in, as JSON. So nothing that is read is ever executed. PyTorch's own files are not read here.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

import numpy as np

from nnkit.scratch.core.dtypes import Array
from nnkit.scratch.core.recording import Tensor
from nnkit.scratch.ops.conversion import leaf

CONTAINERS: dict[str, Any] = {
    "list": list, "tuple": tuple, "ordered": OrderedDict, "dict": dict
}  # fmt: skip


def save(obj: Any, f: str | Path | IO[bytes]) -> None:
    """Write tensors, and dicts, lists, numbers and text around them, to a file.

    Parameters
    ----------
    obj : object
        A tensor, a state dict, a checkpoint: whatever nests tensors, arrays, dicts, lists, tuples,
        numbers, strings and None.
    f : str, Path or file
        Where it goes; the name is taken as it is.

    Raises
    ------
    TypeError
        If something else is among them.

    Examples
    --------
    >>> import io
    >>> import nnkit.scratch as engine
    >>> file = io.BytesIO()
    >>> engine.save({"step": 3, "w": engine.ones(2)}, file)
    >>> _ = file.seek(0)
    >>> engine.load(file)
    {'step': 3, 'w': tensor([1., 1.])}
    """
    arrays: dict[str, Array] = {}
    structure = json.dumps(_pack(obj, arrays))
    with nullcontext(f) if hasattr(f, "write") else open(f, "wb") as file:
        np.savez(file, allow_pickle=False, structure=np.array(structure), **arrays)


def load(f: str | Path | IO[bytes], **ignored: Any) -> Any:
    """Read what `save` has written.

    Parameters
    ----------
    f : str, Path or file
        Where it is.
    **ignored : object
        What PyTorch says about devices and safety; nothing that is read is executed here.

    Returns
    -------
    object
        An equal of what was saved.

    Raises
    ------
    ValueError
        If the file was not written by `save`.
    """
    with np.load(f, allow_pickle=False) as archive:
        if "structure" not in getattr(archive, "files", ()):
            raise ValueError(f"load: expected a file that save has written, got {f}")
        return _unpack(json.loads(archive["structure"].item()), archive)


def _pack(obj: Any, arrays: dict[str, Array]) -> Any:
    """Return an equal of an object in JSON, and put its arrays aside."""
    if obj is None or isinstance(obj, bool | int | float | str):
        return obj
    for name, kind in CONTAINERS.items():
        if isinstance(obj, kind):
            items = obj.items() if isinstance(obj, dict) else obj
            return {name: [_pack(item, arrays) for item in items]}
    if isinstance(obj, np.generic):
        return obj.item()
    name = f"array{len(arrays)}"
    if isinstance(obj, np.ndarray):
        arrays[name] = obj
        return {"ndarray": name}
    if isinstance(obj, Tensor):
        arrays[name] = obj.array
        return {"tensor": [name, obj.requires_grad and obj.is_leaf]}
    raise TypeError(f"save: expected tensors, containers, numbers and text, got {type(obj)}")


def _unpack(packed: Any, arrays: Any) -> Any:
    if not isinstance(packed, dict):
        return packed
    ((kind, content),) = packed.items()
    if kind in CONTAINERS:
        return CONTAINERS[kind](_unpack(item, arrays) for item in content)
    return arrays[content] if kind == "ndarray" else leaf(arrays[content[0]], content[1])
