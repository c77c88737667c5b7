"""Other processors, tried on this one: which kernels OpenBLAS, NumPy and PyTorch may take.

`make machines` runs every notebook and every test of the code under the oldest kernels of this kind
of processor, under those of AVX2 and under its own, on one thread and on two. A whole check runs
the notebooks under the oldest, while they are stored under the machine's own.
"""

import os
import platform
import subprocess
import sys
from itertools import product
from pathlib import Path

from numpy._core._multiarray_umath import __cpu_dispatch__ as dispatched

ROOT = Path(__file__).parents[1]
X86 = platform.machine() in {"x86_64", "AMD64"}
AVX512 = [name for name in dispatched if "512" in name or name == "X86_V4"]

# What tells each library's dispatcher, before it is loaded, what this processor is taken to have.
MACHINES: dict[str, dict[str, str]] = {
    "oldest": {
        "OPENBLAS_CORETYPE": "Nehalem" if X86 else "ARMV8",
        "NPY_DISABLE_CPU_FEATURES": " ".join(dispatched),
        "ATEN_CPU_CAPABILITY": "default",
    },
    "own": {},
}
if X86:
    MACHINES["AVX2"] = {
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": " ".join(AVX512),
        "ATEN_CPU_CAPABILITY": "avx2",
    }
THREADS = ("1", "2")

IN_FORCE = """
import numpy, threadpoolctl, torch
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
pools = threadpoolctl.threadpool_info()
blas = {f"{pool['internal_api']} {pool.get('architecture', '')}" for pool in pools}
on = [name for name in __cpu_dispatch__ if __cpu_features__[name]]
print(*sorted(blas), sep=", ", end=" | ")
print("NumPy", *on or ["baseline"], end=" | ")
print("PyTorch", torch.backends.cpu.get_cpu_capability(), "|", torch.get_num_threads(), "threads")
"""


def main() -> int:
    """Run what does not need a browser on every machine; return 1 if anything failed anywhere.

    Arguments are pytest's, in place of all notebooks and tests of the code.
    """
    chosen = sys.argv[1:] or ["chapters", "nnkit", "tests/unit", "tests/parity"]
    failed = []
    for name, threads in product(MACHINES, THREADS):
        counts = {f"{library}_NUM_THREADS": threads for library in ("OMP", "MKL", "OPENBLAS")}
        environment = os.environ | MACHINES[name] | counts | {"NNKIT_MACHINE": name}
        label = f"{name}, {threads} thread{'s' * (threads != '1')}"
        print(f"\n=== {label}: ", end="", flush=True)
        subprocess.run([sys.executable, "-c", IN_FORCE], env=environment, check=True)
        run = [sys.executable, "-m", "pytest", "-q", *chosen]
        if subprocess.run(run, cwd=ROOT, env=environment).returncode:
            failed.append(label)
    print(f"\nFailed on: {'; '.join(failed)}" if failed else "\nAll machines agree.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
