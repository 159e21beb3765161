"""What `experiment.yaml` names must be there: variants, metrics and collections of comparisons, readings and pictures."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from harness.errors import InputError, Problems, closest, fitting, refuse_name
from harness.studies.experiment import Experiment, Variant
from harness.studies.picture import Cloud, named


def refuse_unknown(path: Path, experiment: Experiment, variants: list[Variant]) -> None:
    """Raise InputError where `shown`, a comparison, a contrast, a reading or a picture names what the experiment does not run.

    It holds the first problem of each of these kinds.
    """
    names = [variant.name for variant in variants]
    problems = Problems()
    for metric in experiment.shown:
        if metric not in experiment.metrics:
            problems.found.append(f"{path}: shown: no metric '{metric}'{closest(metric, experiment.metrics)}")
    with problems.each():
        _refuse_pictures(path, experiment, names)
        _refuse_unkept(path, experiment, variants)
    for refuse in (_refuse_comparisons, _refuse_unreleased, _refuse_unread):
        with problems.each():
            refuse(path, experiment, names)
    problems.raise_all()


def _refuse_pictures(path: Path, experiment: Experiment, variants: list[str]) -> None:
    """Refuse a picture that names what is not there."""
    for title, picture in experiment.pictures.items():
        refuse_name(title, f"{path}: pictures", "a picture")
        asked = named(picture)
        fitting(asked["variants"], variants, f"{path}: pictures.{title}", "variant")
        for key, there in (("metrics", [*experiment.metrics]), ("collections", list(experiment.collections))):
            for word in asked[key]:
                if word not in there:
                    raise InputError(f"{path}: pictures.{title}: {key}: no '{word}'{closest(word, there)}")


def _refuse_unkept(path: Path, experiment: Experiment, variants: list[Variant]) -> None:
    """Refuse a picture of vectors that no job of the study makes: of another seed or another collection."""
    known = {variant.name: variant for variant in variants}
    for title, picture in experiment.pictures.items():
        if not isinstance(picture, Cloud):
            continue
        for name in picture.series.values():
            for key, asked, there in (
                ("seed", picture.seed, known[name].seeds),
                ("collection", picture.collection, known[name].collections),
            ):
                if asked not in there:
                    raise InputError(f"{path}: pictures.{title}.{key}: {name} is not run with '{asked}', but with {there}")


def _refuse_unreleased(path: Path, experiment: Experiment, variants: list[str]) -> None:
    """Refuse a released run of what is not run here, or that is no file of the study's folder."""
    for name, files in experiment.released.items():
        if name not in variants:
            raise InputError(f"{path}: released: no variant '{name}'{closest(name, variants)}")
        for role, file in files.items():
            where = path.parent / file
            if role not in experiment.collections:
                raise InputError(f"{path}: released.{name}: no collection '{role}'{closest(role, experiment.collections)}")
            if not where.is_file() or not where.resolve().is_relative_to(path.parent.resolve()):
                raise InputError(f"{path}: released.{name}.{role}: '{file}' is no file in the study's folder")


def _refuse_comparisons(path: Path, experiment: Experiment, variants: list[str]) -> None:
    """Refuse a comparison or a contrast that names what is not there."""
    for title, entry in experiment.compare.items():
        named_words = {
            "baseline": [entry.baseline],
            "default": [entry.default] if entry.default else [],
            "metric": [entry.metric],
        }
        _refuse_words(f"{path}: compare.{title}", {**named_words, "collections": entry.collections}, experiment, variants)
    for title, contrast in experiment.contrasts.items():
        named_words = {"baseline": [contrast.baseline], "metrics": contrast.metrics, "less": contrast.less}
        _refuse_words(f"{path}: contrasts.{title}", {**named_words, "collections": contrast.collections}, experiment, variants)


def _refuse_words(where: str, words: dict[str, list[str]], experiment: Experiment, variants: list[str]) -> None:
    """Refuse a word of a comparison or a contrast that names nothing of the experiment."""
    there = {"collections": list(experiment.collections), "baseline": variants, "default": variants}
    for key, named_words in words.items():
        for word in named_words:
            if word not in (known := there.get(key, experiment.metrics)):
                raise InputError(f"{where}.{key}: no '{word}'{closest(word, known)}")


def _refuse_unread(path: Path, experiment: Experiment, variants: list[str]) -> None:
    """Refuse a reading that names a variant, a collection or a score that is not there."""
    for title, entry in experiment.forensics.items():
        where = f"{path}: forensics.{title}"
        for key, there in (("variant", variants), ("collection", list(experiment.collections))):
            for word in map(str, entry.axes.get(key, [])):
                if word not in there:
                    raise InputError(f"{where}.axes.{key}: no '{word}'{closest(word, there)}")
        for metric, pattern in entry.scores.items():
            for values in product(*entry.axes.values()):
                try:
                    score = pattern.format(**dict(zip(entry.axes, values, strict=True)))
                except (KeyError, IndexError, ValueError) as error:
                    raise InputError(
                        f"{where}.scores.{metric}: '{pattern}' does not fit the axes {list(entry.axes)}: {error}"
                    ) from None
                if score not in experiment.metrics:
                    raise InputError(
                        f"{where}.scores.{metric}: '{score}' is not under metrics{closest(score, experiment.metrics)}"
                    )
