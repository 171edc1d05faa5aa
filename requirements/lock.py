"""Writes the locked requirements: versions and hashes, no index address. Needs `uv` (pip install uv)."""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCKS = {
    "core.txt": ["../pyproject.toml", "build.in"],
    "dev.txt": ["../pyproject.toml", "build.in", "--extra", "dev"],
    "bench.txt": ["../pyproject.toml", "build.in", "bench.in"],
}
OPTIONS = [
    "--generate-hashes",
    "--universal",
    "--python-version",
    "3.11",
    "--no-header",
    "--no-emit-index-url",
    "--no-annotate",
    "--quiet",
]


def main() -> None:
    """Resolves each file anew and strips whatever looks like an address."""
    for name, arguments in LOCKS.items():
        command = [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "compile",
            *arguments,
            *OPTIONS,
            "--no-emit-find-links",
            "-o",
            name,
        ]
        if (HERE / "core.txt").exists() and name != "core.txt":
            command += ["-c", "core.txt"]
        subprocess.run(command, cwd=HERE, check=True)
        text = (HERE / name).read_text(encoding="utf-8")
        if re.search(r"https?://", text):
            sys.exit(f"{name} names an address; it must not")


if __name__ == "__main__":
    main()
