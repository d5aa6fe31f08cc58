"""Which of our languages a client prefers."""

from __future__ import annotations

from geo_service.messages import DEFAULT_LANGUAGE, LANGUAGES


def preferred_language(accept_language: str | None) -> str:
    """The first of our languages in an Accept-Language header, Chinese where it names none."""
    offers = []
    for position, entry in enumerate((accept_language or "").split(",")):
        name, _, weight = entry.partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        offers.append((-quality, position, name.strip().lower().split("-")[0]))
    return next(
        (name for quality, _, name in sorted(offers) if name in LANGUAGES and quality < 0), DEFAULT_LANGUAGE
    )
