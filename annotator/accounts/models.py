"""People and their roles."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotator.database import Base, new_public_id


class Person(Base):
    """Somebody with an account.

    ``stamp`` is part of every session and sign-in link; a new one ends them all. ``credit_name`` is the name
    printed beside texts by people who chose to be named. With ``left_at`` nobody can sign in: it is a random stand-in
    for somebody who left and let texts stay, or the one that stands behind everything that was erased. ``leaving_at`` is
    when they asked to leave: until that is carried out they can sign in and undo it, and do nothing else.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(36), unique=True, default=new_public_id)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    handle: Mapped[str] = mapped_column(String(40), unique=True)
    credit_name: Mapped[str | None] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    stamp: Mapped[str] = mapped_column(String(40))
    email_confirmed_at: Mapped[datetime | None]
    adult_confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    leaving_at: Mapped[datetime | None]

    roles: Mapped[list["Role"]] = relationship(back_populates="person", foreign_keys="Role.person_id")


class Role(Base):
    """A role of the whole platform, from ``granted_at`` until ``revoked_at``; only maintainer today.

    Ambassador is a role per language and lives with the languages.
    """

    __tablename__ = "roles"
    __table_args__ = (
        Index(
            "uq__roles__standing",
            "person_id",
            "role",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str] = mapped_column(String(20))
    granted_at: Mapped[datetime]
    granted_by: Mapped[str] = mapped_column(String(40))
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(back_populates="roles", foreign_keys=[person_id])


class Attempt(Base):
    """One try at something that is counted across processes (sign-in, reset): ``key`` says what and by whom."""

    __tablename__ = "attempts"
    __table_args__ = (Index(None, "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]


class Token(Base):
    """What a script signs in with, for one person; only its SHA-256 is kept, so nobody can read it here.

    ``scopes`` are what it may be used for (``permissions.Scope``), never more than the person may.
    """

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
