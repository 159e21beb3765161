"""Isotropy measures against the IsoScore package, brute force and what theory says of them."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import InputError
from harness.vectors import isotropy


def cloud(n, d, seed=0, shift=0.0):
    """Vectors whose directions differ in variance."""
    draw = np.random.default_rng(seed)
    return draw.normal(size=(n, d)) * np.linspace(0.2, 2, d) + shift * draw.normal(size=d)


def names(n):
    return [f"d{i}" for i in range(n)]


def measured(vectors):
    return isotropy.measure(vectors, names(len(vectors)))


def gathered(vectors, rows):
    return isotropy.measure_chunks(lambda: (vectors[i : i + rows] for i in range(0, len(vectors), rows)), names(len(vectors)))


@pytest.mark.parametrize(("n", "d", "shift"), [(200, 16, 0), (50, 100, 0), (300, 8, 5), (2, 3, 0)])
def test_isoscore_is_what_its_package_says(n, d, shift):
    from IsoScore import IsoScore

    vectors = cloud(n, d, shift=shift)
    assert measured(vectors)["isoscore"] == pytest.approx(float(IsoScore.IsoScore(vectors)), abs=1e-6)  # it keeps √d in float32


def test_isoscore_of_known_spectra():
    corners = np.array(list(itertools.product([-1.0, 1.0], repeat=4)))  # the same variance in all four directions
    assert measured(corners + 3)["isoscore"] == pytest.approx(1)
    assert measured(corners * [1, 1, 0, 0] + 3)["isoscore"] == pytest.approx((2 - 1) / (4 - 1))
    assert measured(corners * [1, 0, 0, 0] + 3)["isoscore"] == pytest.approx(0, abs=1e-12)
    assert measured(corners + 3)["participation_ratio"] == pytest.approx(4)


def test_the_ceiling_is_met_by_a_simplex_and_never_passed():
    simplex = np.eye(6, 20)  # 6 points as far from one another as can be: rank 5
    found = measured(simplex)
    assert [found["isoscore"], found["isoscore_ceiling"]] == pytest.approx([(5 - 1) / (20 - 1)] * 2)
    assert found["mean_cosine"] == pytest.approx(0, abs=1e-12)
    assert measured(cloud(518, 30))["isoscore_ceiling"] == 1
    assert measured(simplex - simplex.mean(axis=0))["mean_cosine"] == pytest.approx(-1 / (6 - 1))


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 30), st.integers(2, 12), st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-50, 50))
def test_isoscore_ignores_shift_rotation_and_scale(n, d, seed, scale, shift):
    vectors = cloud(n, d, seed)
    turn, _ = np.linalg.qr(np.random.default_rng(seed + 1).normal(size=(d, d)))
    before, after = measured(vectors), measured(scale * vectors @ turn + shift)
    assert after["isoscore"] == pytest.approx(before["isoscore"], abs=1e-8)
    assert -1e-12 <= before["isoscore"] <= before["isoscore_ceiling"] + 1e-9
    assert 1 - 1e-9 <= before["participation_ratio"] <= min(n - 1, d) + 1e-9
    turned = measured(vectors @ turn)
    for key in ("mean_cosine", "sd_cosine", "partition_isotropy"):
        assert turned[key] == pytest.approx(before[key], abs=1e-7), key


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 25), st.integers(2, 10), st.integers(0, 10**6), st.floats(0, 30))
def test_cosines_are_those_of_all_pairs(n, d, seed, shift):
    vectors = cloud(n, d, seed, shift)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = [float(a @ b) for a, b in itertools.combinations(unit, 2)]
    found = measured(vectors)
    assert found["mean_cosine"] == pytest.approx(np.mean(pairs), abs=1e-12)
    assert found["sd_cosine"] == pytest.approx(np.std(pairs), abs=1e-7)
    assert found["mean_cosine"] >= -1 / (n - 1) - 1e-12


def test_a_narrow_cone_keeps_the_digits_of_its_spread():
    draw = np.random.default_rng(0)
    vectors = np.concatenate([np.ones((40, 1)), 1e-5 * draw.normal(size=(40, 6))], axis=1)  # cosines 1 - 1e-10
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    angles = [0.5 * float((a - b) @ (a - b)) for a, b in itertools.combinations(unit, 2)]  # 1 - cosine, no digits lost
    assert measured(vectors)["sd_cosine"] == pytest.approx(np.std(angles), rel=1e-3)
    far = 1e6 + cloud(100, 5)
    assert measured(far)["isoscore"] == pytest.approx(measured(cloud(100, 5))["isoscore"], rel=1e-6)


def test_the_partition_function_is_computed_as_defined():
    vectors = cloud(60, 5, seed=3, shift=0.3)
    _, directions = np.linalg.eigh(vectors.T @ vectors)
    totals = [np.exp(vectors @ (sign * c)).sum() for c in directions.T for sign in (1, -1)]
    assert measured(vectors)["partition_isotropy"] == pytest.approx(min(totals) / max(totals), rel=1e-9)


def test_the_partition_function_is_1_for_an_even_cloud_and_survives_long_vectors():
    even = np.concatenate([np.eye(4), -np.eye(4)])
    assert measured(even)["partition_isotropy"] == pytest.approx(1)
    long = measured(cloud(50, 4) * 1e4)["partition_isotropy"]
    assert 0 <= long < 1e-6
    moderate = cloud(50, 4) * 200  # exp(800) overflows a double
    _, directions = np.linalg.eigh(moderate.T @ moderate)
    logs = [np.logaddexp.reduce(moderate @ (sign * c)) for c in directions.T for sign in (1, -1)]
    assert measured(moderate)["partition_isotropy"] == pytest.approx(np.exp(min(logs) - max(logs)), rel=1e-6)


@pytest.mark.parametrize("rows", [1, 7, 64, 1000])
def test_the_size_of_chunks_changes_nothing(rows):
    vectors = cloud(130, 12, shift=2).astype(np.float32)
    assert gathered(vectors, rows) == pytest.approx(measured(vectors), rel=1e-9)


def test_float32_input_is_summed_in_float64():
    vectors = (cloud(3000, 4) + 100).astype(np.float32)
    wide = np.cov(vectors.astype(np.float64).T)
    assert measured(vectors)["participation_ratio"] == pytest.approx(np.trace(wide) ** 2 / np.sum(wide**2), rel=1e-12)


def test_memory_does_not_grow_with_the_number_of_vectors():
    import tracemalloc

    def chunks():
        draw = np.random.default_rng(5)
        return (draw.normal(size=(500, 32)) for _ in range(40))

    tracemalloc.start()
    found = isotropy.measure_chunks(chunks, range(20000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found["isoscore"] > 0.98
    assert peak < 20000 * 32 * 8 / 4  # a quarter of what all the vectors would take


@pytest.mark.parametrize(("bad", "word"), [(0.0, "zero"), (np.nan, "NaN or infinite"), (np.inf, "NaN or infinite")])
def test_a_faulty_vector_is_named(bad, word):
    vectors = cloud(100, 4)
    vectors[41] = bad
    for measure in (measured, lambda v: gathered(v, 10)):
        with pytest.raises(InputError, match=rf"'d41' \(row 41\) is {word}"):
            measure(vectors)


@pytest.mark.parametrize("vectors", [np.ones((1, 4)), np.ones((0, 4)), np.ones((5, 1)), np.ones(5)])
def test_too_little_to_measure_is_refused(vectors):
    with pytest.raises(InputError, match="isotropy needs"):
        measured(vectors)


def test_equal_vectors_are_refused():
    with pytest.raises(InputError, match="all vectors are the same"):
        measured(np.full((9, 7), 0.1, dtype=np.float32))


def test_chunks_of_different_length_and_a_spent_iterator_are_refused():
    with pytest.raises(InputError, match="one length"):
        isotropy.measure_chunks(lambda: [cloud(5, 4), cloud(5, 3)], names(10))
    once = iter([cloud(5, 4), cloud(5, 4)])
    with pytest.raises(InputError, match="0 of 10"):
        isotropy.measure_chunks(lambda: once, names(10))


def test_what_is_not_wanted_is_not_computed(monkeypatch):
    vectors = cloud(30, 8)
    everything = measured(vectors)
    monkeypatch.setattr(isotropy, "partition", lambda *_: pytest.fail("the partition function is the costly part"))
    assert isotropy.measure(vectors, names(30), ["isoscore", "mean_cosine"]) == {
        name: everything[name] for name in ("isoscore", "mean_cosine")
    }
    assert isotropy.measure(vectors, names(30), []) == {}
    with pytest.raises(isotropy.Degenerate, match="'d0'"):
        isotropy.measure(np.zeros((30, 8)), names(30), [])
