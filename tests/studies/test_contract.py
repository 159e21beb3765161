"""What a method may give back: anything else is named, with the method and the collection."""

import re

import numpy as np
import pytest

from harness.errors import InputError
from harness.studies.method import Ranked, checked

GOOD = {"q": [("d", 1.0)], "r": []}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (GOOD, "of the type 'dict'; write `return Ranked(run)`"),
        (None, "rank gives back nothing (None)"),
        (Ranked([("q", "d", 1.0)]), "run is of the type 'list'"),
        (
            Ranked({"q": {"d": 1.0}}),
            "query 'q' holds a dict; a list of (document id, score) is expected; write list(found.items())",
        ),
        (Ranked({"q": "d"}), "query 'q' holds a str"),
        (Ranked({1: [("d", 1.0)]}), "the query id 1 is of the type 'int'"),
        (Ranked({"q": ["d1", "d2"]}), "an entry is 'd1'; a pair (document id, score) is expected"),
        (Ranked({"q": [("d", 1.0, 2)]}), "a pair (document id, score) is expected"),
        (Ranked({"q": [(1.0, "d")]}), "the document id 1.0 is of the type 'float'"),
        (Ranked({"q": [(7, 1.0)]}), "ids are text"),
        (Ranked({"q": [("d", "1.0")]}), "the score of 'd' is of the type 'str' ('1.0'); write float(...)"),
        (Ranked({"q": [("d", None)]}), "the score of 'd' is nothing (None)"),
        (Ranked({"q": [("d", True)]}), "the score of 'd'"),
        (Ranked({"q": [("d", np.zeros(1))]}), "the score of 'd' is of the type 'ndarray'"),
        (Ranked(GOOD, vectors=[[1.0]]), "vectors is of the type 'list'"),
        (Ranked(GOOD, vectors=np.zeros(3)), "shape (3,)"),
        (Ranked(GOOD, vectors=np.zeros((3, 2), dtype=int)), "floats of shape"),
        (Ranked(GOOD, vectors=np.zeros((3, 2))), "3 vectors, but the collection has 2 documents"),
        (Ranked(GOOD, measures={"m": 1.0}), "measures is of the type 'dict'"),
        (Ranked(GOOD, measures=[("m", 1.0)]), "(metric, query id or None, value) is expected"),
        (Ranked(GOOD, measures=[("m", None, "x")]), "(metric, query id or None, value) is expected"),
        (Ranked(GOOD, measures=[("m", 3, 1.0)]), "(metric, query id or None, value) is expected"),
    ],
)
def test_a_wrong_shape_names_the_method(given, said):
    with pytest.raises(InputError) as caught:
        checked(given, 2, "m/method.py: method 'm' on 'notes'")
    assert str(caught.value).startswith("m/method.py: method 'm' on 'notes': ")
    assert said in str(caught.value)


def test_what_fits_passes():
    rows = [("d", np.float32(1)), ("e", 2), ["f", np.int64(3)]]
    given = Ranked({"q": rows}, np.zeros((2, 3), dtype=np.float32), [("m", None, np.float64(1)), ("m", "q", 0)])
    assert checked(given, 2, "here") is given


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("return Ranked({q: dict(rows) for q, rows in run.items()})", "query 'q1' holds a dict"),
        ("return run", "rank gives back"),
    ],
)
def test_the_stage_says_so_without_a_traceback(small, ending, said):
    path = small.folder / "baselines" / "letters" / "method.py"
    start, _, _ = path.read_text().partition("    return Ranked(rank_all")
    path.write_text(f"{start}    run = rank_all(collection, inputs.config.depth, scores)\n    {ending}\n")
    code, told = small.stage("rank", "--study", "letters", "--group", "shared", "--seed", "0")
    assert code == 2 and "Traceback" not in told, told
    assert re.search(rf"error: .*letters/method\.py: method 'letters' on 'letters': .*{said}", told), told
