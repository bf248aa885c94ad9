"""Build one extension module by setuptools: `python build_extension.py JOB.json`, run in the folder of the sources.

JOB.json: {"kind": "pybind11" or "cython", "module", "sources", "include_dirs", "compile_args", "cxx_args",
           "output_dir", "temp_dir"}
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from setuptools import Extension, setup


def extension(job: dict[str, Any]) -> Extension:
    """The module as setuptools describes it; Cython sources become C or C++ first."""
    made = Extension(
        job["module"],
        sources=job["sources"],
        include_dirs=job["include_dirs"],
        extra_compile_args=job["compile_args"],
        language="c++" if job["kind"] == "pybind11" else None,
    )
    if job["kind"] == "pybind11":
        made.extra_compile_args = [*job["compile_args"], *job["cxx_args"]]
        return made
    from Cython.Build import cythonize

    # With line numbers of the .pyx in the C file, an error of the C compiler names the learner's line too.
    modules = cythonize([made], language_level=3, emit_linenums=True, build_dir=job["temp_dir"], quiet=True)
    if modules[0].language == "c++":
        modules[0].extra_compile_args = [*job["compile_args"], *job["cxx_args"]]
    return modules[0]


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    setup(
        name=job["module"],
        ext_modules=[extension(job)],
        script_args=["--quiet", "build_ext", "--build-lib", job["output_dir"], "--build-temp", job["temp_dir"]],
    )


if __name__ == "__main__":
    main()
