"""How many rows of a table are headings."""

from __future__ import annotations

import re

from harness.drafts.shape import Row, Table

MOST = 6
_DECIMAL = re.compile(r"^\W*\d*[.,]\d+\D*")


def count_of_heads(table: Table) -> int:
    """Return how many rows stand above the body: as the source says, else up to the first rule, else while they hold no results."""
    rows = table.rows
    if not rows:
        return 0
    head = table.headed if table.headed is not None else _by_rule(rows)
    if head is None or (table.headed is None and _results(rows[:head])):
        head = next((at for at, row in enumerate(rows) if _results([row])), 1 if len(rows) > 1 else 0)
        head = min(head, MOST)
    while head < min(len(rows) - 1, MOST) and table.headed is None and _goes_on(rows, head):
        head += 1
    return min(head, len(rows))


def _by_rule(rows: tuple[Row, ...]) -> int | None:
    return next((at for at, row in enumerate(rows[: MOST + 1]) if at and row.ruled), None)


def _results(rows: list[Row] | tuple[Row, ...]) -> bool:
    """Say whether rows hold results: decimals in more than a third of their cells."""
    texts = [cell.text for row in rows for cell in row.cells[1:] if cell.text]
    return bool(texts) and 3 * sum(1 for text in texts if _DECIMAL.match(text)) > len(texts)


def _goes_on(rows: tuple[Row, ...], head: int) -> bool:
    """Say whether the next row is one more of headings: several words, no number."""
    own = [cell for cell in rows[head].cells if cell.text and not cell.copied]
    across = {cell.text for cell in own}
    above = [cell for cell in rows[head - 1].cells if cell.text] if head else []
    spanning = any(cell.copied for cell in above)
    return (
        len(across) > 1
        and not any(re.search(r"\d", cell.text) for cell in own)
        and (spanning or not rows[head].ruled)
        and len(across) > len(rows[head].cells) / 2
        and spanning
    )
