"""Tensors kept by how far they are from others: every bit comes back, or nothing does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from harness.errors import InputError
from harness.studies import delta

BITS = arrays.arrays(np.uint32, st.tuples(st.integers(0, 5), st.integers(1, 4)), elements=st.integers(0, 2**32 - 1))


def roundtrip(tmp_path, tensors, near):
    delta.save(tmp_path / "kept", tensors, near, {"word": "told"})
    told, together = delta.read(tmp_path / "kept")
    assert told == {"word": "told"}
    return together(near)


def same(ours, theirs):
    assert ours.dtype == theirs.dtype and ours.shape == theirs.shape and ours.tobytes() == theirs.tobytes()


@given(ours=BITS, theirs=BITS)
def test_any_bits_come_back_whatever_they_are_held_against(tmp_path_factory, ours, theirs):
    base, tensor = theirs.view(np.float32), ours.view(np.float32)
    with np.errstate(all="ignore"):
        found = roundtrip(tmp_path_factory.mktemp("d"), {"a": tensor}, lambda name, before: base)
    same(found["a"], tensor)


def test_integers_scalars_empty_ones_and_slices_come_back(tmp_path):
    tensors = {"ids": np.arange(5), "one": np.float32(1.5).reshape(()), "none": np.zeros((0, 3), np.float32),
               "half": np.arange(6, dtype=np.float16).reshape(2, 3), "cut": np.arange(12, dtype=np.float32).reshape(3, 4)[:, ::2]}  # fmt: skip
    for name, tensor in roundtrip(tmp_path, tensors, lambda name, before: None).items():
        same(tensor, tensors[name])


def test_what_only_decayed_takes_a_fifth_and_what_was_trained_less_than_it_would_alone(tmp_path):
    chance = np.random.default_rng(0)
    base = chance.normal(0, 0.05, (2000, 64)).astype(np.float32)
    decayed = base.copy()
    for _ in range(50):
        decayed *= np.float32(1 - 3e-5)
    trained = (base + chance.normal(0, 1e-4, base.shape)).astype(np.float32)
    for tensor, share in ((decayed, 0.2), (trained, 0.75)):
        found = roundtrip(tmp_path, {"a": tensor}, lambda name, before: base)
        same(found["a"], tensor)
        assert (tmp_path / "kept").stat().st_size < share * tensor.nbytes


def test_one_is_kept_by_the_one_before_it(tmp_path):
    first = np.random.default_rng(0).normal(size=(100, 100)).astype(np.float32)
    tensors = {"1.w": first, "2.w": first * np.float32(1.0001)}
    found = roundtrip(tmp_path, tensors, lambda name, before: before.get("1.w"))
    same(found["2.w"], tensors["2.w"])
    assert (tmp_path / "kept").stat().st_size < 1.3 * first.nbytes


def test_another_base_a_damaged_file_and_another_form_are_refused(tmp_path):
    base = np.ones((40, 4), np.float32)
    delta.save(tmp_path / "kept", {"a": base * 2}, lambda name, before: base)
    with pytest.raises(InputError, match="kept: what it is kept by has changed"):
        delta.read(tmp_path / "kept")[1](lambda name, before: base * 3)
    whole = (tmp_path / "kept").read_bytes()
    for content in (whole[:-3], b"", whole.replace(b"delta 1", b"delta 9")):
        (tmp_path / "kept").write_bytes(content)
        with pytest.raises(InputError, match="damaged, or of another version"):
            delta.read(tmp_path / "kept")
