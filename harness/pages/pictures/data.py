"""The data behind pictures: values of variants by metric and collection, with the variants' settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Data:
    """`values`: (variant, collection, metric) → one value a seed; `settings`: variant → its settings, in the file's order."""

    values: Mapping[tuple[str, str, str], NDArray[np.float64]]
    settings: Mapping[str, Mapping[str, Any]]

    def matching(self, pattern: str) -> list[str]:
        """Return the variants that a pattern fits, in the file's order."""
        return [name for name in self.settings if fnmatchcase(name, pattern)]

    def get(self, variant: str, collection: str, metric: str) -> NDArray[np.float64] | None:
        """Return the values by seed; None where the variant was not run so."""
        return self.values.get((variant, collection, metric))
