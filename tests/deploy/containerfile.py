"""A small reader of Containerfiles: instructions, stages, and what each copies."""

import json
import re
import shlex
from dataclasses import dataclass, field

KNOWN = frozenset(
    "ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL RUN STOPSIGNAL USER VOLUME WORKDIR".split()  # noqa: SIM905
)
IMAGE = re.compile(r"(?P<name>[a-z0-9]+(?:[._/-][a-z0-9]+)*):(?P<tag>[\w.-]+)")


@dataclass
class Stage:
    """One FROM and what follows it."""

    image: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def of(self, word: str) -> list[str]:
        return [rest for each, rest in self.instructions if each == word]


def read_stages(text: str) -> list[Stage]:
    """The stages of a file; ValueError where a line is no instruction."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    stages: list[Stage] = []
    for line in filter(None, map(str.strip, joined.splitlines())):
        word, _, rest = line.partition(" ")
        if word not in KNOWN or not rest.strip():
            raise ValueError(f"no instruction: {line}")
        if word == "FROM":
            parts = rest.split()
            stages.append(Stage(parts[0], parts[2] if len(parts) == 3 and parts[1] == "AS" else ""))
        elif not stages and word != "ARG":
            raise ValueError(f"before the first FROM: {line}")
        else:
            stages[-1].instructions.append((word, rest.strip()))
    return stages


def copies(stage: Stage) -> list[tuple[str, list[str]]]:
    """What is copied: the stage it comes from (empty: the context) and the sources."""
    found = []
    for rest in stage.of("COPY"):
        words = shlex.split(rest)
        options = [word for word in words if word.startswith("--")]
        plain = [word for word in words if not word.startswith("--")]
        origin = next((each.removeprefix("--from=") for each in options if each.startswith("--from=")), "")
        found.append((origin, plain[:-1]))
    return found


def words(rest: str) -> list[str]:
    """An instruction in its exec form; ValueError where it is in another."""
    found = json.loads(rest)
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ValueError(rest)
    return found


def environment(stage: Stage) -> dict[str, str]:
    """The variables that a stage sets."""
    return dict(pair.split("=", 1) for rest in stage.of("ENV") for pair in shlex.split(rest))


def check_image(image: str) -> None:
    """An image is named with a tag that stays, and without a registry's host."""
    found = IMAGE.fullmatch(image)
    assert found, image
    assert found["tag"] != "latest"
    assert "." not in found["name"].split("/")[0]
