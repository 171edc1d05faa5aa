"""How a service is set up.

Receives a TOML file and the environment (`TOCSIN_DATA`, `TOCSIN_PORT` ...; the environment wins). Gives checked
settings. Never holds a secret that a file should not.
"""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tocsin.model.errors import InputError


class Settings(BaseSettings):
    """Everything that can be set, with what holds where nothing is said."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_", extra="forbid")

    data: Path = Path("tocsin-data")
    packs: list[Path] = []
    evidence: str = ""
    fonts: list[Path] = []
    host: str = "127.0.0.1"
    port: int = Field(8790, ge=0, le=65_535)
    allowed_lateness_s: int = Field(3_600, ge=0, le=7 * 86_400)
    every_feature: bool = False
    snapshot_every_s: float = Field(300.0, gt=0)
    compact_every_s: float = Field(60.0, gt=0)
    stretch: int = Field(50_000, ge=1)
    keep_days: dict[str, int] = {}
    rate_per_s: int = Field(50_000, ge=1)
    body_timeout_s: float = Field(10.0, gt=0)
    stop_timeout_s: float = Field(10.0, gt=0)


def read_settings(file: Path | None, **given: object) -> Settings:
    """The settings from the command line, the environment and a file, in this order of strength.

    Raises:
        InputError: the file cannot be read, or a setting is unknown or out of range.
    """
    written: dict[str, Any] = {}
    if file is not None:
        try:
            written = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError(f"{file}: {error}") from None
    wanted = {name: value for name, value in given.items() if value is not None}
    try:
        from_environment = Settings().model_dump(exclude_unset=True)
        return Settings(**{**written, **from_environment, **wanted})
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise InputError(f"settings: {faults}") from None


def find_settings(file: Path | None, **given: object) -> Settings:
    """The same with `tocsin.toml` of this folder, where there is one and no other file is named.

    Raises:
        InputError: as `read_settings`.
    """
    usual = Path("tocsin.toml")
    return read_settings(file or (usual if usual.is_file() else None), **given)
