#!/usr/bin/env python3
"""Writes the Bingewatch sample data, so that a newcomer sees the whole relay run without owning any data.

    python data/generate.py                      the data set of the repository, byte for byte
    python data/generate.py --users 50000 --ratings 2000000 --output build/big

Same options, same bytes, on every machine. Standard library only. See data/README.md for the files.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

from generator.catalogue import Movie, invent_movies
from generator.configuration import QUERIES, SOLUTION, training_config
from generator.contacts import invent_customers, invent_endpoints, invent_suppressions
from generator.viewers import Rating, Viewer, invent_ratings, invent_viewers

if TYPE_CHECKING:
    from collections.abc import Iterable

# A segment takes the best eighth of the users: close to the number who really like a popular genre.
_SEGMENT_SHARE = 8
# Names that a Pinpoint import understands, in the order of the original sample; `OptOut` is ours.
_ENDPOINT_COLUMNS = (
    "User.UserId",
    "ChannelType",
    "User.UserAttributes.Gender",
    "Address",
    "User.UserAttributes.Age",
    "OptOut",
)


def main() -> None:
    """Read the options and write every file."""
    options = _options()
    viewers = invent_viewers(options.seed, options.users)
    movies = invent_movies(options.seed, options.movies)
    ratings = list(invent_ratings(options.seed, viewers, movies, options.ratings))
    if len(ratings) < options.ratings:
        print(f"{len(ratings)} ratings written: {options.movies} movies leave no room for {options.ratings}.")
    write_training(options.output / "personalize", viewers, movies, ratings)
    write_endpoints(options.output / "pinpoint", options.seed, viewers)
    write_audience(options.output / "audience", options.seed, viewers)
    truth = ((viewer.number, "|".join(viewer.tastes)) for viewer in viewers)
    _write_csv(options.output / "truth" / "tastes.csv", ("USER_ID", "TASTES"), truth)


def write_training(folder: Path, viewers: list[Viewer], movies: list[Movie], ratings: list[Rating]) -> None:
    """Write what is synced to the Personalize bucket: `train/` and `batch/`."""
    train = folder / "train" / "bingewatch"
    _write_csv(
        train / "interactions.csv",
        ("USER_ID", "ITEM_ID", "EVENT_VALUE", "EVENT_TYPE", "TIMESTAMP"),
        ((r.viewer, r.movie, f"{r.stars}.0", "Watch", r.at) for r in ratings),
    )
    _write_csv(
        train / "items.csv",
        ("ITEM_ID", "TITLE", "RELEASE_YEAR", "CREATION_TIMESTAMP", "GENRES"),
        ((m.number, m.title, m.year, m.created, "|".join(m.genres)) for m in movies),
    )
    _write_csv(
        train / "users.csv", ("USER_ID", "GENDER", "AGE"), ((v.number, v.gender, v.age) for v in viewers)
    )
    config = training_config(segment_size=max(25, len(viewers) // _SEGMENT_SHARE))
    _write_text(train / "config.json", json.dumps(config, indent=2) + "\n")
    lines = [json.dumps({"itemAttributes": query}) + "\n" for query in QUERIES]
    _write_text(folder / "batch" / "bingewatch" / SOLUTION / "job_config.json", "".join(lines))


def write_endpoints(folder: Path, seed: int, viewers: list[Viewer]) -> None:
    """Write endpoints.csv with Pinpoint's column names, what is synced to the segment import bucket."""
    known = {str(viewer.number): viewer for viewer in viewers}
    rows = []
    for endpoint in invent_endpoints(seed, viewers):
        viewer = known.get(endpoint.user)
        gender, age = (viewer.gender, viewer.age) if viewer else ("", "")
        rows.append((endpoint.user, endpoint.channel, gender, endpoint.address, age, endpoint.opt_out))
    _write_csv(folder / "endpoints.csv", _ENDPOINT_COLUMNS, rows)


def write_audience(folder: Path, seed: int, viewers: list[Viewer]) -> None:
    """Write what is synced to the audience bucket: contact data with consent, and opt-outs."""
    customers = list(invent_customers(seed, viewers))
    _write_csv(folder / "identities" / "customers.csv", list(customers[0]), (c.values() for c in customers))
    suppressions = list(invent_suppressions(seed, customers))
    _write_csv(
        folder / "suppressions" / "optouts.csv", list(suppressions[0]), (s.values() for s in suppressions)
    )


def _options() -> argparse.Namespace:
    summary, _, _ = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        description=summary, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--users", type=int, default=2400, help="viewers in users.csv")
    parser.add_argument("--movies", type=int, default=450, help="films in items.csv")
    parser.add_argument("--ratings", type=int, default=66_000, help="rows in interactions.csv")
    parser.add_argument("--seed", type=int, default=7, help="another seed gives another Bingewatch")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="folder to write into")
    options = parser.parse_args()
    for name in ("users", "movies", "ratings"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} must be 1 or more")
    return options


def _write_csv(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
