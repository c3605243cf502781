"""The build: protoc writes the messages, Cython the native core; everything else is declared in pyproject.toml.

Both generators run before setuptools looks at the tree, so plain, editable and in-place builds find what they wrote.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from Cython.Build import cythonize
from google.rpc import status_pb2
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

NATIVE = [
    Extension(
        "engine._native.*",
        ["engine/_native/**/*.pyx"],
        # -O3 splits paths: it makes branches of what is written without, because they could not be foreseen.
        extra_compile_args=["-std=c11", "-O2", "-Wall", "-Wextra"],
    )
]
DIRECTIVES = {
    "language_level": 3,
    # Program.load checks every offset and index once; pricing then trusts them.
    "boundscheck": False,
    "wraparound": False,
    "initializedcheck": False,
    # Division as in C: every divisor is known to be positive.
    "cdivision": True,
}


class BuildExt(build_ext):
    """Also copies the extensions beside their sources, which tests that run from the root import."""

    def run(self) -> None:
        super().run()
        if not self.inplace:
            self.copy_extensions_to_source()


def generate_messages() -> None:
    """Write the package engine.v1 from protos/engine/v1."""
    protos = sorted(str(path) for path in Path("protos/engine/v1").glob("*.proto"))
    includes = ["-Iprotos", f"-I{Path(status_pb2.__file__).parents[2]}"]
    outputs = ["--python_out=.", "--pyi_out=.", "--grpc_python_out=."]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *includes, *outputs, *protos], check=True)
    Path("engine/v1/__init__.py").write_text('"""Messages and stubs, generated from protos/engine/v1."""\n')


generate_messages()
setup(
    ext_modules=cythonize(NATIVE, compiler_directives=DIRECTIVES, quiet=True),
    cmdclass={"build_ext": BuildExt},
)
