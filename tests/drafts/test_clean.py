"""Tables in forms that papers use, all clean: none of them may raise anything."""

from pathlib import Path

import pytest

from harness.drafts import checking, opening

CLEAN = sorted((Path(__file__).parent / "clean").iterdir())


@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.name)
def test_a_clean_table_raises_nothing(path):
    source = opening.opened(path)
    assert [one.statement for one in checking.checked(source)[0]] == [] and source.tables
