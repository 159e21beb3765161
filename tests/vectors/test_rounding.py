"""What float32 rounding moves: small, equal for equal vectors, and telling for measures that hang on the last bits."""

import numpy as np

from harness.vectors import isotropy, rounding


def cloud(rows, d, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, d)).astype(np.float32)


def test_the_noise_has_the_size_that_is_said_and_no_direction():
    vectors = cloud(2000, 64)
    noise = rounding.moved(vectors, 1).astype(np.float64) - vectors
    size = np.sqrt(np.mean(np.square(vectors, dtype=np.float64)))
    assert 0.9 * rounding.SIZE < noise.std() / size < 1.2 * rounding.SIZE  # rounding to float32 adds its own
    assert abs(noise.mean()) < 5 * noise.std() / np.sqrt(noise.size)


def test_equal_vectors_move_alike_wherever_they_stand_and_another_seed_moves_otherwise():
    vectors = cloud(50, 16)
    moved = rounding.moved(vectors, 3)
    assert np.array_equal(rounding.moved(vectors[::-1], 3), moved[::-1])
    assert np.array_equal(rounding.moved(vectors[7:8], 3)[0], moved[7])
    assert not np.array_equal(rounding.moved(vectors, 4), moved)


def test_the_seed_is_never_negative_and_zero_vectors_stay():
    assert not rounding.moved(np.zeros((3, 4), dtype=np.float32), 2).any()


def test_a_partition_over_equal_eigenvalues_is_ill_posed_and_over_apart_ones_is_not():
    """Whitened vectors have one eigenvalue for all directions: any basis is as good, and Z differs between them."""
    vectors = cloud(400, 24) * np.linspace(0.2, 2, 24, dtype=np.float32)
    names = [str(i) for i in range(400)]
    found = isotropy.ill_posed(lambda: isotropy.cut(vectors), names, isotropy.measure(vectors, names))
    assert found == {}
    values, axes = np.linalg.eigh(np.cov(vectors.astype(np.float64), rowvar=False))
    white = ((vectors - vectors.mean(axis=0)) @ axes / np.sqrt(values)).astype(np.float32)
    found = isotropy.ill_posed(lambda: isotropy.cut(white), names, isotropy.measure(white, names))
    assert "partition_isotropy" in found and not {"isoscore", "participation_ratio"} & found.keys()
