"""What is chosen by what is there; no GPU is needed, for the choice is a function of what was found."""

import dataclasses

import pytest
import torch

from harness import config as settings
from harness.studies import computed
from harness.vectors import batches, machine

CPU = machine.Found(threads=2, bfloat16=True, gpu=None, tf32=False)
GPU = machine.Gpu("NVIDIA H200", 139 * 2**30, bfloat16=True)


def with_gpu(tf32=False, **changes):
    return dataclasses.replace(CPU, gpu=dataclasses.replace(GPU, **changes), tf32=tf32)


def test_without_a_gpu_the_processor_is_used():
    choice = machine.choose(CPU)
    assert (choice.device, choice.tokens, choice.heads) == ("cpu", batches.SHAPES["cpu"].tokens, machine.HEADS)
    told = "CPU, 2 threads, float32, bfloat16 where a study asks for it, 512 tokens a batch, 8 heads at once"
    assert dataclasses.replace(choice, tokens=512, heads=8).told() == told
    assert "CPU, 1 thread, " in machine.choose(dataclasses.replace(CPU, threads=1)).told()
    assert "(emulated: slow)" in machine.choose(dataclasses.replace(CPU, bfloat16=False)).told()
    assert not machine.choose(dataclasses.replace(CPU, tf32=True)).tf32, "a processor has no TF32"


def test_a_gpu_takes_the_whole_grid_and_a_full_batch():
    choice = machine.choose(with_gpu())
    assert (choice.device, choice.tokens, choice.heads, choice.tf32) == ("cuda", batches.SHAPES["cuda"].tokens, None, False)
    assert choice.told().startswith("NVIDIA H200, float32, bfloat16 where a study asks for it, ")
    assert choice.told().endswith(" tokens a batch, all heads at once")
    assert "float32 with TF32 products, as asked" in machine.choose(with_gpu(tf32=True)).told()


@pytest.mark.parametrize("gigabytes", [0.01, 1, 2, 4, 6, 8, 24, 139])
def test_a_batch_fits_into_its_share_of_a_gpu(gigabytes):
    memory = int(gigabytes * 2**30)
    tokens = machine.choose(with_gpu(memory=memory)).tokens
    assert batches.SHAPES["cpu"].tokens <= tokens <= batches.SHAPES["cuda"].tokens
    fits = tokens * machine.TOKEN_BYTES <= machine.SHARE * memory
    assert fits or tokens <= batches.SHAPES["cpu"].tokens
    assert tokens == batches.SHAPES["cuda"].tokens or 2 * tokens * machine.TOKEN_BYTES > machine.SHARE * memory


def test_an_old_gpu_emulates_bfloat16_and_says_so():
    choice = machine.choose(with_gpu(name="Tesla T4", bfloat16=False))
    assert not choice.bfloat16 and "(emulated: slow)" in choice.told()


@pytest.fixture
def fresh():
    machine.chosen.cache_clear()
    yield
    machine.chosen.cache_clear()


def test_what_torch_tells_of_a_gpu_is_read_and_tf32_switched_off(fresh, monkeypatch):
    told = type("Properties", (), {"name": "Made", "total_memory": 8 * 2**30})
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda place: told)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: including_emulation)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("high")
        monkeypatch.setenv("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "1")
        assert machine.chosen().tf32 and torch.get_float32_matmul_precision() == "high"
        machine.chosen.cache_clear()
        monkeypatch.delenv("TORCH_ALLOW_TF32_CUBLAS_OVERRIDE")
        choice = machine.chosen()
        assert (choice.name, choice.tokens, choice.bfloat16, choice.tf32) == ("Made", 32768, False, False)
        assert torch.get_float32_matmul_precision() == "highest" and not torch.backends.cudnn.allow_tf32
    finally:
        torch.set_float32_matmul_precision(before)


def test_the_line_of_the_summary_tells_what_jobs_have_used(fresh, tmp_path, monkeypatch):
    config = settings.load().model_copy(update={"root": tmp_path})
    computed.note(config, "encode.minilm")
    assert computed.told(config) == "computed on: nothing: all vectors and models were kept from before"
    monkeypatch.setattr(machine, "find", lambda: CPU)
    machine.chosen()
    for name in ("encode.minilm", "fit.grid.shape.0"):
        computed.note(config, name)
    assert computed.told(config) == f"computed on: {machine.choose(CPU).told()}"
    monkeypatch.setattr(machine, "find", with_gpu)
    machine.chosen.cache_clear()
    machine.chosen()
    computed.note(config, "fit.grid.shape.0")
    assert computed.told(config).count("; ") == 1 and "NVIDIA H200" in computed.told(config)
