"""Role probes about real syllabi: pointers that ship, texts from the mirror's syllabi."""

from harness.data.readers.content import json_lines
from harness.errors import InputError
from replications.association_gap.asked import Probe, content
from replications.association_gap.pointers import refuse_changed, resolve

WHOLE = ("line_start", "line_end", "part")


def build(settings, files, collections):
    """Resolve every pointer; `label`: kept, or cut off every passage. A text that has changed is named, and nothing is left out."""
    path, syllabi = files["probes.jsonl"], collections[settings["syllabi"]]
    lines = {name: text.split("\n") for name, text in zip(syllabi.document_ids, syllabi.texts, strict=True)}
    probes, passages, changed = [], {}, []
    for number, row in enumerate(json_lines(path, "id", "file", "role", "wrong_role", "query"), start=1):
        ids = []
        for side in ("relevant", "wrong"):
            pointer = checked(row.get(side), f"{path}:{number}: {side}")
            found = resolve(pointer, lines.get(pointer["file"], []))
            ids.append(f"{pointer['file'].removesuffix('.md')}.{pointer['line_start']}.{pointer['part']}")
            if found is None:
                changed.append(f"{row['id']} ({side})")
            else:
                passages[ids[-1]] = found[settings["label"] == "cut"]
        probes.append(Probe(row["id"], row["file"], row["role"], row["wrong_role"], row["query_no"], row["query"], *ids))
    refuse_changed(str(path), changed, len(probes))
    if not probes:
        raise InputError(f"{path}: the file is empty; one probe a line is expected")
    return content(probes, passages, settings["described"])


def checked(pointer, where):
    """Return a pointer; raise InputError where it does not name file, lines, part and sha1."""
    if not isinstance(pointer, dict) or not all(isinstance(pointer.get(key), str) for key in ("file", "sha1")):
        raise InputError(f"{where}: file and sha1 are expected, as text")
    if not all(isinstance(pointer.get(key), int) and pointer[key] >= (key != "part") for key in WHOLE):
        raise InputError(f"{where}: {', '.join(WHOLE)} are expected, as whole numbers")
    return pointer
