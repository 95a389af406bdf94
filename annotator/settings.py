"""Settings: from the environment, then from ``annotator.toml`` in the working folder; a wrong one is named."""

import difflib
import os
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource


@dataclass(frozen=True)
class RightsPolicy:
    """The numbers of the rights model that an installation may set (rights-model, "where a number is a policy")."""

    undo: timedelta = timedelta(hours=72)
    erase: timedelta = timedelta(days=7)
    release: timedelta = timedelta(days=7)
    mend: timedelta = timedelta(days=30)
    mend_share: float = 0.2
    block: timedelta = timedelta(days=90)
    hold: timedelta = timedelta(days=180)
    answer: timedelta = timedelta(days=30)
    extend: timedelta = timedelta(days=60)
    export: timedelta = timedelta(days=7)
    small_count: int = 5


class SettingsError(Exception):
    """A setting is wrong; the message names it and says what it should be."""


class Settings(BaseSettings):
    """Every setting of the program, with its meaning. Environment names are these with ``ANNOTATOR_`` before."""

    model_config = SettingsConfigDict(
        env_prefix="ANNOTATOR_", toml_file="annotator.toml", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    database_url: str = Field(
        "sqlite:///instance/annotator.db", description="SQLAlchemy URL: SQLite or postgresql+psycopg://…"
    )
    secret_key: str = Field("", description="Signs sessions and links; `annotator init` makes one")
    exports: Path = Field(Path("exports"), description="Folder of the public lanes of releases")
    exports_gated: Path = Field(Path("exports-gated"), description="Folder of the gated lane of releases")
    personal: Path = Field(
        Path("personal"), description="Folder of copies that people ask for of their own data; never served as a folder"
    )
    journal: Path = Field(Path("journal"), description="Folder of ledger heads, outside the database and its backups")
    redis_url: str = Field(
        "", description="redis://… for queue and rate limits of several machines; empty: SQLite and memory"
    )
    mail_url: str = Field(
        "dir:instance/mail", description="smtp://user:password@host:port or dir:FOLDER (letters as files)"
    )
    public_url: str = Field("http://127.0.0.1:8000", description="Address under which people reach this server")
    trusted_proxies: int = Field(
        0,
        ge=0,
        description="How many proxies stand in front and are believed about who asks (X-Forwarded-For, -Proto); 0: none",
    )
    api_rate: str = Field(
        "600/minute",
        description="Requests by one token that the HTTP API answers: NUMBER/second, /minute or /hour; 0: any",
    )
    controller_name: str = Field("", description="Who is responsible for personal data; public sign-up needs it")
    controller_contact: str = Field("", description="How to reach the controller; public sign-up needs it")
    controller_jurisdiction: str = Field("", description="Under which law; public sign-up needs it")

    rights_undo_hours: int = Field(72, ge=0, description="How long a withdrawal, or leaving, can be undone")
    rights_erase_days: int = Field(7, ge=0, description="Days after that until the words are erased at the latest")
    rights_release_days: int = Field(
        7, ge=0, description="Days after that until no release holds the rows at the latest"
    )
    rights_mend_days: int = Field(30, ge=0, description="Days to mend a text after one that it builds on was withdrawn")
    rights_mend_share: float = Field(
        0.2, ge=0, le=1, description="Below this share of withdrawn words in each field a text can be mended"
    )
    rights_block_days: int = Field(90, ge=0, description="Days for which a withdrawn text cannot be imported again")
    rights_hold_days: int = Field(180, ge=1, description="Longest time for which an authority's order stops erasing")
    rights_answer_days: int = Field(30, ge=1, description="Days in which a request about a text is answered")
    rights_extend_days: int = Field(60, ge=1, description="Days by which that can be extended once, with a reason")
    rights_export_days: int = Field(7, ge=1, description="Days for which a copy of one's own data can be fetched")
    small_count: int = Field(5, ge=2, description="Numbers of people below this are not shown (k of k-anonymity)")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic passes it by name; we read no .env
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments win over the environment, the environment over ``annotator.toml``."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))

    @field_validator("database_url")
    @classmethod
    def _a_database_we_know(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            message = "it should be sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"
            raise ValueError(message)
        return value

    @field_validator("mail_url")
    @classmethod
    def _a_way_for_letters(cls, value: str) -> str:
        if not value.startswith(("smtp://", "smtps://")) and not (value.startswith("dir:") and value != "dir:"):
            message = "it should be smtp://user:password@host:port or dir:FOLDER"
            raise ValueError(message)
        return value

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            message = "it should be an address such as https://annotator.example.org"
            raise ValueError(message)
        return value.rstrip("/")

    @field_validator("redis_url")
    @classmethod
    def _a_redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            message = "it should be redis://HOST:PORT/NUMBER, or empty"
            raise ValueError(message)
        return value

    @field_validator("api_rate")
    @classmethod
    def _a_rate(cls, value: str) -> str:
        if value in {"", "0"}:
            return ""
        if not re.fullmatch(r"[1-9][0-9]{0,8}/(second|minute|hour)", value):
            message = "it should be a rate such as 600/minute, or 0 for no limit"
            raise ValueError(message)
        return value

    @property
    def rights(self) -> RightsPolicy:
        """The numbers of the rights model as durations."""
        return RightsPolicy(
            undo=timedelta(hours=self.rights_undo_hours),
            erase=timedelta(days=self.rights_erase_days),
            release=timedelta(days=self.rights_release_days),
            mend=timedelta(days=self.rights_mend_days),
            mend_share=self.rights_mend_share,
            block=timedelta(days=self.rights_block_days),
            hold=timedelta(days=self.rights_hold_days),
            answer=timedelta(days=self.rights_answer_days),
            extend=timedelta(days=self.rights_extend_days),
            export=timedelta(days=self.rights_export_days),
            small_count=self.small_count,
        )

    @property
    def controller_is_known(self) -> bool:
        """Whether a notice can name who is responsible (rights-model §2.1)."""
        return bool(self.controller_name and self.controller_contact and self.controller_jurisdiction)


def load(**changes: object) -> Settings:
    """Return the settings.

    Raises SettingsError with the setting's name and what it should be.
    """
    _refuse_unknown_names()
    try:
        return Settings(**changes)  # type: ignore[arg-type]  # pydantic checks the values
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise SettingsError(_unknown(name, "annotator.toml")) from error
        what = first["msg"].removeprefix("Value error, ")
        message = (
            f"The setting ANNOTATOR_{name.upper()} is wrong: {what}. `annotator check --settings` lists all settings."
        )
        raise SettingsError(message) from error
    except ValueError as error:  # annotator.toml is not TOML
        message = f"annotator.toml cannot be read: {error}"
        raise SettingsError(message) from error


def _refuse_unknown_names() -> None:
    """Refuse a name in the environment that is no setting: a typing slip there would otherwise count as not set."""
    known = {f"ANNOTATOR_{name.upper()}" for name in Settings.model_fields}
    for name in os.environ:
        if name.startswith("ANNOTATOR_") and not name.startswith("ANNOTATOR_TEST_") and name not in known:
            raise SettingsError(_unknown(name, "the environment"))


def _unknown(name: str, place: str) -> str:
    names = [f"ANNOTATOR_{field.upper()}" if name.isupper() else field for field in Settings.model_fields]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"{name} in {place} is not a setting.{hint} `annotator check --settings` lists all settings."
