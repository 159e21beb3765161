"""What was computed, in the forms of the field: MTEB's result JSON, the Hub's .eval_results and model-index."""

from __future__ import annotations

import json
from typing import Any

import yaml

from harness.cards import metrics
from harness.cards.computed import Computed, Task, percent
from harness.errors import InputError

UNKNOWN_DATA = "dataset revision not available"  # MTEB's own words where it is not known
BY = "embedding-replication-workbench"


def mteb(given: Computed) -> dict[str, str]:
    """Return the files of a folder of results by name: one a task, and model_meta.json where the model is known.

    The revision of the data, languages, mteb's version and the time are not known here, and are not made up. Raise
    InputError where the main score was not computed, or two collections go by one task's name.
    """
    found: dict[str, str] = {}
    for task in given.tasks:
        if metrics.MAIN_SCORE not in task.values:
            raise InputError(f"{given.study}: {task.name}: MTEB's form needs {metrics.MAIN_SCORE}; add ndcg@10 to metrics of experiment.yaml and run it")
        if f"{task.name}.json" in found:
            raise InputError(f"{given.study}: two collections go by the task {task.name}; give back one study for each")
        entry = {**task.values, metrics.MAIN: task.values[metrics.MAIN_SCORE], "hf_subset": "default", "languages": []}
        result = {
            "dataset_revision": UNKNOWN_DATA,
            "task_name": task.name,
            "mteb_version": None,
            "scores": {task.split: [entry]},
            "evaluation_time": None,
        }
        found[f"{task.name}.json"] = _json(result)
    if given.model:
        found["model_meta.json"] = _json({"name": given.model} | ({"revision": given.revision} if given.revision else {}))
    return found


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def eval_results(given: Computed) -> tuple[str, list[str]]:
    """Return `.eval_results/*.yaml` and what has no place in it: the form takes the main score of a data set on the Hub."""
    from huggingface_hub import EvalResultEntry, eval_result_entries_to_yaml

    entries, left = [], []
    for task in given.tasks:
        if task.hub_id is None or metrics.MAIN_SCORE not in task.values:
            why = "its definition names no data set of the Hub (tasks: [..., org/name])" if task.hub_id is None else f"{metrics.MAIN_SCORE} was not computed"
            left.append(f"{task.name}: {why}")
            continue
        notes = f"{metrics.MAIN_SCORE}, computed by {BY} at fidelity {given.fidelity}"
        task_id, value = f"{task.name}_default_{task.split}", percent(task.values[metrics.MAIN_SCORE])
        entries.append(EvalResultEntry(dataset_id=task.hub_id, task_id=task_id, value=value, notes=notes))
    if not entries:
        raise InputError(f"{given.study}: nothing can be given back as .eval_results: {'; '.join(left)}")
    return yaml.safe_dump(eval_result_entries_to_yaml(entries), sort_keys=False, allow_unicode=True), left


def model_index(given: Computed) -> str:
    """Return a card's front matter with its model-index, values in per cent as MTEB's cards have them."""
    from huggingface_hub import EvalResult
    from huggingface_hub.repocard_data import eval_results_to_model_index

    results = [_result(EvalResult, task, metric) for task in given.tasks for metric in task.values]
    index = eval_results_to_model_index(given.title, results)
    return f"---\n{yaml.safe_dump({'model-index': index}, sort_keys=False, allow_unicode=True)}---\n"


def _result(kind: Any, task: Task, metric: str) -> Any:
    """Return one value as the Hub's client has it; a data set that is not on the Hub goes by the name that it has here."""
    return kind(
        task_type="Retrieval",
        dataset_type=task.hub_id or task.name,
        dataset_name=task.name,
        dataset_config="default",
        dataset_split=task.split,
        metric_type=metric,
        metric_value=percent(task.values[metric]),
    )
