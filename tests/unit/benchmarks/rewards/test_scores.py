import pytest
from benchmarks.rewards.scores import compare, estimate, human_normalised, normalise


@pytest.mark.parametrize(
    ("method", "sparse", "reference", "score"),
    [
        (0.2, 0.2, 0.7, 0.0),
        (0.7, 0.2, 0.7, 1.0),
        (1.2, 0.2, 0.7, 2.0),
        (-3.0, -2.0, -1.0, 0.0),
        (9.0, 0.2, 0.7, 3.0),
        (0.9, 0.8, 0.3, 0.2),
    ],
    ids=["sparse", "reference", "twice", "clipped below", "clipped above", "reference below sparse"],
)
def test_a_human_normalised_score_counts_in_units_of_the_gap(method, sparse, reference, score):
    assert human_normalised(method, sparse=sparse, reference=reference) == pytest.approx(score)


@pytest.mark.parametrize(("sparse", "reference"), [(0.99, 1.0), (1.0, 0.99), (0.0, 0.0), (-1.0, -1.01)])
def test_a_task_in_which_reference_and_sparse_are_close_has_no_score(sparse, reference):
    assert human_normalised(0.5, sparse=sparse, reference=reference) is None


def sample(*means: float) -> list[list[float]]:
    return [[mean - 0.01, mean, mean + 0.01] for mean in means]


def test_an_interval_lies_around_the_mean_of_the_seeds_and_grows_with_their_spread():
    narrow, wide = estimate(sample(0.5, 0.5, 0.5)), estimate(sample(0.1, 0.5, 0.9))

    assert narrow.mean == pytest.approx(wide.mean) == pytest.approx(0.5)
    assert wide.low < narrow.low < 0.5 < narrow.high < wide.high
    assert wide.high - wide.low > 0.3


def test_the_episodes_of_one_seed_alone_give_an_interval_too():
    low, high = estimate([[0.0, 1.0] * 50])[1:]

    assert 0.3 < low < 0.45 and 0.55 < high < 0.7


@pytest.mark.parametrize(
    ("other", "verdict"),
    [(sample(0.1, 0.2, 0.3), "better"), (sample(0.8, 0.9, 1.0), "worse"), (sample(0.3, 0.5, 0.9), "no difference")],
)
def test_a_difference_counts_if_its_interval_leaves_out_zero(other, verdict):
    assert compare(sample(0.5, 0.55, 0.6), other) == verdict


def test_mean_and_median_are_taken_over_tasks_after_clipping_and_without_those_that_cannot_be_divided_by():
    tasks = {
        "equal": {"reference": sample(1.0), "sparse": sample(0.0), "search": sample(1.0)},
        "far above": {"reference": sample(0.1), "sparse": sample(0.0), "search": sample(5.0)},
        "half": {"reference": sample(1.0), "sparse": sample(0.0), "search": sample(0.5)},
        "no gap": {"reference": sample(1.0), "sparse": sample(0.99), "search": sample(0.2)},
        "noise": {"reference": sample(0.8), "sparse": sample(0.1, 0.9, 0.9), "search": sample(0.2)},
        "not measured": {"reference": sample(1.0), "sparse": sample(0.0)},
    }

    found = normalise("search", tasks)

    assert found is not None
    assert found.by_task == pytest.approx({"equal": 1.0, "far above": 3.0, "half": 0.5})
    assert found.mean.mean == pytest.approx(1.5)
    assert found.median == pytest.approx(1.0)
    assert found.mean.low <= 1.5 <= found.mean.high


def test_a_condition_without_any_task_has_no_score():
    assert normalise("model", {"one": {"reference": sample(1.0), "sparse": sample(0.0)}}) is None
