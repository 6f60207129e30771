"""The films: invented titles, one to three genres each, and how popular each is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from generator import words
from generator.draw import Draw, Wheel

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Movie:
    """One film. `popularity` is a whole-number weight, larger for films that more people watch."""

    number: int
    title: str
    year: int
    genres: tuple[str, ...]
    popularity: int

    @property
    def created(self) -> int:
        """Return 1 January of the release year, 00:00 UTC, in epoch seconds."""
        return int(datetime(self.year, 1, 1, tzinfo=UTC).timestamp())


def invent_movies(seed: int, count: int) -> list[Movie]:
    """Return `count` films. Popularity falls with a shuffled rank, so that a few films are seen by many."""
    draw = Draw(seed, "movies")
    first_genres = Wheel(words.CATALOGUE_WEIGHTS)
    titles = _titles(seed)
    movies = []
    for number in range(1, count + 1):
        genres = _genres(draw, draw.weighted(first_genres))
        popularity = 10_000 // (8 + draw.number(0, 200))
        movies.append(Movie(number, next(titles), draw.number(1971, 2023), genres, popularity))
    return movies


def _genres(draw: Draw, first: str) -> tuple[str, ...]:
    genres = {first}
    for chance in (0.6, 0.3):
        if draw.chance(chance):
            genres.add(draw.pick(words.COMPANIONS[first]))
    return tuple(sorted(genres))


def _titles(seed: int) -> Iterator[str]:
    """Yield titles, none twice. When every combination is used, a number follows as in a series."""
    draw = Draw(seed, "titles")
    used: dict[str, int] = {}
    while True:
        form = draw.pick(words.TITLE_FORMS)
        title = form.format(
            thing=draw.pick(words.THINGS), place=draw.pick(words.PLACES), hero=draw.pick(words.HEROES)
        )
        used[title] = used.get(title, 0) + 1
        yield title if used[title] == 1 else f"{title} {used[title]}"
