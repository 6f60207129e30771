from __future__ import annotations

import random
import time

import numpy as np

from local.personalize.affinity import PRIOR, learn


def model_of(pairs: list[tuple[str, str]]) -> object:
    users = sorted({user for user, _ in pairs}, reverse=True)
    items = sorted({item for _, item in pairs})
    codes = np.array([[users.index(user), items.index(item)] for user, item in pairs])
    return learn(users, items, codes[:, 0], codes[:, 1], np.ones(len(pairs)))


def test_a_share_is_smoothed_towards_everybodys() -> None:
    model = model_of([("a", "x"), ("b", "x"), ("b", "y"), ("c", "y"), ("c", "y"), ("c", "z")])

    shares = model.shares(np.array([1.0, 0.0, 0.0]))

    everybody = 2 / 6
    assert model.user_ids == ["a", "b", "c"]
    expected = [(own + PRIOR * everybody) / (all_ + PRIOR) for own, all_ in ((1, 1), (1, 2), (0, 3))]
    np.testing.assert_allclose(shares, expected)
    assert model.rank(shares, 2) == ["a", "b"]


def test_one_lucky_watch_counts_less_than_many() -> None:
    pairs = [("once", "x")] + [("often", "x")] * 9 + [("often", "y")] + [("other", "y")] * 20
    model = model_of(pairs)

    assert model.rank(model.shares(np.array([1.0, 0.0])), 3) == ["often", "once", "other"]


def test_equal_scores_are_ordered_by_id_and_the_unwanted_are_left_out() -> None:
    model = model_of([(user, "x") for user in "dbca"])

    shares = model.shares(np.array([1.0]))

    assert model.rank(shares, 9) == ["a", "b", "c", "d"]
    assert model.rank(shares, 2, np.array([False, True, True, True])) == ["b", "c"]


def test_items_of_the_same_users_are_close() -> None:
    pairs = [
        (f"u{number}", item) for number in range(40) for item in (("a", "b") if number < 20 else ("b", "c"))
    ]
    model = model_of(pairs)

    closeness = model.together_with(0)

    assert closeness[0] == 1.0
    assert closeness[1] > 0.5
    assert closeness[2] == 0.0


def test_a_million_interactions_rank_in_a_second() -> None:
    draw = np.random.default_rng(3)
    users, items = draw.integers(0, 60_000, 1_000_000), draw.integers(0, 5_000, 1_000_000)
    start = time.process_time()

    model = learn(
        [str(at) for at in range(60_000)], [str(at) for at in range(5_000)], users, items, np.ones(1_000_000)
    )
    best = model.rank(model.shares((np.arange(5_000) % 20 == 0).astype(float)), 600)

    assert time.process_time() - start < 2.0
    assert len(best) == 600


def test_input_order_does_not_matter() -> None:
    pairs = [(f"u{draw % 7}", f"i{draw % 5}") for draw in random.Random(5).sample(range(1000), 200)]
    shuffled = random.Random(6).sample(pairs, len(pairs))

    first, second = model_of(pairs), model_of(shuffled)

    asked = np.array([1.0, 0, 0, 0.5, 0])
    assert first.rank(first.shares(asked), 7) == second.rank(second.shares(asked), 7)
