"""Cosines of chunks by any of the ways to make vectors of them; what an encoder gave is kept by weights and text."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.config import Config
from harness.errors import InputError
from harness.vectors import rounding
from harness.vectors.encoder import FrozenEncoder, caches, normalised

from .recipe import Encoder, Words

Matrix = NDArray[np.float64]


def encoded(folder: Path, texts: list[str], encoder: Encoder, config: Config) -> NDArray[np.float32]:
    """Return unit vectors, (texts, d); texts that were encoded before, by the same weights in the same way, are not again."""
    length = encoder.max_length
    cache = caches(folder, [encoder.pooling], length, encoder.dtype, config)[encoder.pooling]
    if missing := cache.missing(texts):
        found = FrozenEncoder(folder, length, encoder.dtype, config.encode.threads).encode(missing, [encoder.pooling])
        cache.add(missing, found[encoder.pooling])
    vectors = cache.get(texts)
    return normalised(rounding.moved(vectors, config.perturb) if config.perturb else vectors)


def cosines(vectors: NDArray[np.float32]) -> Matrix:
    """Return the cosines of unit vectors, (n, n), summed in float64."""
    wide = vectors.astype(np.float64)
    return np.asarray(wide @ wide.T)


def lexical(texts: list[str], words: Words, names: list[str]) -> Matrix:
    """Return TF-IDF cosines, (n, n), the weights learnt from the texts themselves; raise InputError for a text without a word."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    weigher = TfidfVectorizer(token_pattern=words.token_pattern, stop_words=words.stop_words, sublinear_tf=words.sublinear_tf)
    tokens = weigher.build_analyzer()
    if bare := [name for name, text in zip(names, texts, strict=True) if not tokens(text)]:
        raise InputError(f"{len(bare)} chunks hold no word (words.token_pattern: {words.token_pattern}), the first '{bare[0]}': TF-IDF has no vector for them")
    rows = weigher.fit_transform(texts)
    return np.asarray((rows @ rows.T).toarray(), dtype=np.float64)


def unknown(folder: Path, texts: list[str]) -> list[str]:
    """Return every word that the model's vocabulary does not hold, as often as it stands in the texts; [] where no word can be unknown.

    Raise InputError for a folder without tokenizer.json.
    """
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    if not path.is_file():
        raise InputError(f"{path} is missing: words outside the vocabulary cannot be counted")
    name = json.loads(path.read_text(encoding="utf-8"))["model"].get("unk_token")
    if name is None:
        return []
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    mark, found = tokenizer.token_to_id(name), []
    for text, one in zip(texts, tokenizer.encode_batch(texts), strict=True):
        found += [text[start:end] for token, (start, end) in zip(one.ids, one.offsets, strict=True) if token == mark]
    return found
