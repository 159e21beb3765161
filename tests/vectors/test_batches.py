"""Canonical batches, by hand."""

import numpy as np

from harness.vectors.batches import FINER, LENGTHS, SHAPES, Batch, Shapes, padded, plan


def test_a_text_is_padded_to_the_next_length_and_never_beyond_the_longest():
    assert [padded(tokens, 256) for tokens in (1, 8, 9, 65, 250, 256)] == [8, 8, 16, 80, 256, 256]
    assert [padded(tokens, 30) for tokens in (17, 25, 30)] == [24, 30, 30]
    assert padded(600, 1024) == 600


def test_all_batches_of_one_length_have_the_same_rows():
    found = plan([3, 70, 8, 5, 66, 2], longest=256, shapes=Shapes(24))
    assert found == [Batch(80, 1, (1,)), Batch(80, 1, (4,)), Batch(8, 3, (0, 2, 3)), Batch(8, 3, (5,))]


def test_rows_without_a_text_hold_one_token():
    ids, mask = Batch(8, 3, (1,)).arrays([[7], [5, 6]], pad=9)
    assert ids.tolist() == [[5, 6, *[9] * 6], [9] * 8, [9] * 8]
    assert mask.tolist() == [[1, 1, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0]]


def test_every_text_is_in_one_batch_whatever_its_length():
    lengths = np.random.default_rng(0).integers(1, 513, 1000).tolist()
    for shapes in (SHAPES["cpu"], SHAPES["packed"]):
        found = plan(lengths, 512, shapes)
        assert sorted(place for batch in found for place in batch.places) == list(range(1000))
        assert all(batch.length in shapes.lengths and batch.rows * batch.length <= shapes.tokens for batch in found)


def test_packed_layers_pad_less():
    assert [padded(tokens, 512, FINER) for tokens in (1, 57, 65, 270, 500)] == [8, 64, 72, 272, 504]
    assert set(LENGTHS) <= set(FINER)
    assert plan([3, 70, 8, 5, 66, 2], 256, Shapes(160, FINER, 24)) == [Batch(72, 2, (1, 4)), Batch(8, 4, (0, 2, 3, 5))]
    assert plan([200, 3], 256, Shapes(160, FINER, 24)) == [Batch(200, 1, (0,)), Batch(8, 3, (1,))]
    assert plan([3], 3, Shapes(160, FINER, 24)) == [Batch(3, 8, (0,))]


def test_nothing_to_encode_is_no_batch():
    assert plan([], 256, Shapes(512)) == []
