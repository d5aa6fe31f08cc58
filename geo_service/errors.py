"""The one error tree: every error says what is wrong, where, and how to mend it.

The sentences live in ``messages/``; an error carries only its key and values. ``cli.py`` turns a class
into an exit code, ``api/errors.py`` into problem+json; nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence

from geo_service import messages


class GeoServiceError(Exception):
    """An error a user can cause or must know of.

    Parameters
    ----------
    key : str
        Key of the sentence in the message catalogues, e.g. ``"import.crs_missing"``.
    where : str
        What it is about: a file, a row, an option, an area code.
    details : sequence of dict
        One JSON-ready entry for each part of a refusal that has parts, such as every infeasible community.
    **values
        Filled into the sentence.
    """

    def __init__(
        self, key: str, *, where: str = "", details: Sequence[dict[str, object]] = (), **values: object
    ) -> None:
        super().__init__(key, where, values)
        self.key = key
        self.where = where
        self.details = list(details)
        self.values = values

    def what(self, language: str = messages.DEFAULT_LANGUAGE) -> str:
        """The sentence saying what is wrong."""
        return messages.text(self.key, language, **self.values)

    def mend(self, language: str = messages.DEFAULT_LANGUAGE) -> str:
        """The sentence saying how to mend it; empty where the first sentence says all."""
        return messages.text(f"{self.key}.mend", language, missing="", **self.values)

    def __reduce__(self) -> tuple[object, ...]:
        # workers raise their errors in the process that asked
        return _raised_elsewhere, (type(self), self.key, self.where, self.details, self.values), self.__dict__

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what('en')} {self.mend('en')}".strip()


def _raised_elsewhere(
    kind: type[GeoServiceError],
    key: str,
    where: str,
    details: list[dict[str, object]],
    values: dict[str, object],
) -> GeoServiceError:
    return kind(key, where=where, details=details, **values)


class InvalidInput(GeoServiceError):
    """What the user gave cannot be used."""


class NotFound(GeoServiceError):
    """The thing asked for does not exist, or not in the caller's scope."""


class Infeasible(GeoServiceError):
    """The limits asked for admit no answer; the sentence says which would."""


class Conflict(GeoServiceError):
    """Another write came first, or the state does not allow this one."""


class LostRace(Conflict):
    """The thing changed since the caller read it."""


class Forbidden(GeoServiceError):
    """The actor's role or scope does not allow this."""


class Unauthenticated(Forbidden):
    """Nobody known asks: the token is missing, expired or not ours."""


class Unavailable(GeoServiceError):
    """The database or the disk failed; nothing was written."""


class Cancelled(GeoServiceError):
    """The user stopped a long verb; nothing was written."""
