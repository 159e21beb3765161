"""Other engines for the same encoder, where they are installed: OpenVINO and onnxruntime (`pip install openvino onnx onnxruntime`).

Each is given its best setting: texts sorted by their tokens, no padding beyond the longest of a small batch, mean pooling inside
the graph. They read the same tokens as ours, made by the same tokenizer, and making them is in their time as it is in ours.
"""

import importlib.util

import numpy as np
import torch


class Whole(torch.nn.Module):
    """A transformer with mean pooling, (n, tokens) to (n, width)."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        self.eval()  # exporting puts back the mode that it finds, and dropout with it

    def forward(self, input_ids, attention_mask):
        states = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(states.dtype)
        return (states * weights).sum(1) / weights.sum(1)


def missing(*packages):
    """Say which of these packages are not installed."""
    return [name for name in packages if importlib.util.find_spec(name) is None]


def batches(frozen, texts, size):
    """Yield places, ids and mask of `size` texts of like length at a time, the longest first."""
    tokens = frozen.tokenizer(texts, truncation=True, max_length=frozen.max_length)["input_ids"]
    order = sorted(range(len(texts)), key=lambda place: -len(tokens[place]))
    for start in range(0, len(order), size):
        places = order[start : start + size]
        longest = len(tokens[places[0]])
        ids = np.full((len(places), longest), frozen.tokenizer.pad_token_id, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, place in enumerate(places):
            ids[row, : len(tokens[place])] = tokens[place]
            mask[row, : len(tokens[place])] = 1
        yield places, ids, mask


def example():
    ids = torch.randint(5, 1000, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    return ids, mask


def openvino(frozen, hint, threads):
    """OpenVINO in bfloat16, for the hint 'LATENCY' (one batch after the other on all cores) or 'THROUGHPUT' (batches side by side)."""
    import openvino as ov

    ids, mask = example()
    with torch.no_grad():
        graph = ov.convert_model(Whole(frozen.model), example_input={"input_ids": ids, "attention_mask": mask})
    settings = {
        "PERFORMANCE_HINT": hint,
        "INFERENCE_PRECISION_HINT": "bf16",
        **({"INFERENCE_NUM_THREADS": threads} if threads else {}),
    }
    compiled = ov.Core().compile_model(graph, "CPU", settings)
    side_by_side = ov.AsyncInferQueue(compiled)  # as many requests as the hint asks for

    def way(texts):
        found = np.empty((len(texts), frozen.model.config.hidden_size), dtype=np.float32)

        def keep(request, places):
            found[places] = request.get_output_tensor(0).data

        side_by_side.set_callback(keep)
        for places, ids, mask in batches(frozen, texts, 4):
            side_by_side.start_async({0: ids, 1: mask}, places)
        side_by_side.wait_all()
        return found

    return way


def onnxruntime(frozen, threads, folder):
    """onnxruntime in float32, its graph written below `folder`."""
    import onnxruntime as ort

    path, free = folder / "model.onnx", {0: "n", 1: "tokens"}
    torch.onnx.export(
        Whole(frozen.model), example(), path, input_names=["ids", "mask"], output_names=["vectors"], dynamo=False,
        dynamic_axes={"ids": free, "mask": free, "vectors": {0: "n"}},
    )  # fmt: skip
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(path, options)

    def way(texts):
        found = np.empty((len(texts), frozen.model.config.hidden_size), dtype=np.float32)
        for places, ids, mask in batches(frozen, texts, 4):
            found[places] = session.run(None, {"ids": ids, "mask": mask})[0]
        return found

    return way
