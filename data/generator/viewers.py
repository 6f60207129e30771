"""The viewers and what they watch: each has one or two favourite genres and acts on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import words
from generator.draw import Draw, Wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.catalogue import Movie

# 2026: the ages in users.csv and the birth dates in customers.csv agree on 1 November of this year.
YEAR = 2026
_FIRST_WATCH = 1_698_796_800  # 2023-11-01 00:00 UTC
_LAST_WATCH = 1_793_491_199  # 2026-10-31 23:59:59 UTC: training data ends before the demo starts
_FAVOURITE_SHARE = 0.55  # of what a viewer watches comes from the favourite genres on purpose
_NEWCOMERS = 0.01  # of the viewers signed up and watched nothing yet
# Relative activity: most viewers watch a little, a few watch a lot. Value = relative number of ratings.
_ACTIVITY = Wheel({4: 12, 7: 18, 10: 22, 14: 20, 20: 14, 28: 9, 40: 5})


@dataclass(frozen=True)
class Viewer:
    """One viewer. `tastes` are the planted favourite genres, in alphabetical order."""

    number: int
    gender: str
    age: int
    tastes: tuple[str, ...]
    activity: int


@dataclass(frozen=True)
class Rating:
    """One film watched and rated from 1.0 to 5.0 stars at a time in epoch seconds."""

    viewer: int
    movie: int
    stars: int
    at: int


def invent_viewers(seed: int, count: int) -> list[Viewer]:
    """Return `count` viewers; about one in a hundred has no activity yet."""
    draw = Draw(seed, "viewers")
    favourites = Wheel(words.FAVOURITE_WEIGHTS)
    genders = Wheel({"Female": 47, "Male": 46, "Nonbinary": 4, "Agender": 3})
    viewers = []
    for number in range(1, count + 1):
        tastes = {draw.weighted(favourites)}
        if draw.chance(0.45):
            tastes.add(draw.weighted(favourites))
        activity = 0 if draw.chance(_NEWCOMERS) else draw.weighted(_ACTIVITY)
        gender = draw.weighted(genders)
        viewers.append(Viewer(number, gender, draw.number(18, 79), tuple(sorted(tastes)), activity))
    return viewers


def invent_ratings(seed: int, viewers: list[Viewer], movies: list[Movie], count: int) -> Iterator[Rating]:
    """Yield ratings viewer by viewer in time order, `count` of them unless the catalogue is too small.

    A viewer never rates the same film twice.
    """
    draw = Draw(seed, "ratings")
    shelves = _shelves(movies)
    left = count
    activity_left = sum(viewer.activity for viewer in viewers)
    for viewer in viewers:
        if not viewer.activity:
            continue
        share = min(left * viewer.activity // activity_left, len(movies)) if activity_left else 0
        activity_left -= viewer.activity
        seen = _watch(draw, viewer, shelves, share)
        left -= len(seen)
        times = sorted({draw.number(_FIRST_WATCH, _LAST_WATCH) for _ in seen})
        while len(times) < len(seen):
            times.append(times[-1] + 60)
        for movie, at in zip(seen, times, strict=True):
            yield Rating(viewer.number, movie.number, _stars(draw, viewer, movie), at)


def _shelves(movies: list[Movie]) -> dict[str, Wheel[Movie]]:
    """Return one wheel of films per genre, and one of all films under the empty name."""
    genres = sorted({genre for movie in movies for genre in movie.genres})
    shelves = {
        genre: Wheel({movie: movie.popularity for movie in movies if genre in movie.genres})
        for genre in genres
    }
    return {"": Wheel({movie: movie.popularity for movie in movies}), **shelves}


def _watch(draw: Draw, viewer: Viewer, shelves: dict[str, Wheel[Movie]], count: int) -> list[Movie]:
    """Return up to `count` different films; a shelf that is used up is left for the big one."""
    seen: dict[Movie, None] = {}
    for _ in range(count):
        genre = draw.pick(viewer.tastes) if draw.chance(_FAVOURITE_SHARE) else ""
        for attempt in range(40):
            movie = draw.weighted(shelves.get(genre if attempt < 10 else "", shelves[""]))
            if movie not in seen:
                seen[movie] = None
                break
    return list(seen)


def _stars(draw: Draw, viewer: Viewer, movie: Movie) -> int:
    """Return 1 to 5: favourites please more often, but not always."""
    liked = any(genre in viewer.tastes for genre in movie.genres)
    return draw.weighted(_LIKED if liked else _OTHER)


_LIKED = Wheel({1: 2, 2: 5, 3: 18, 4: 40, 5: 35})
_OTHER = Wheel({1: 8, 2: 17, 3: 35, 4: 28, 5: 12})
