"""A tiny masked-language model, trained on a catalogue's own texts: what stands for an untuned BERT where none is at hand."""

import random
import re
from collections import Counter

import torch
from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
KEYS = {"seed", "layers", "width", "heads", "max_length", "words", "steps", "batch", "learning_rate", "masked"}


def build(texts, settings, folder):
    """Write a transformers folder: the vocabulary is the texts' own whole words, most frequent first; masking as Devlin et al. 2019."""
    if settings.keys() != KEYS:
        raise ValueError(f"settings: exactly {sorted(KEYS)} are expected")
    counted = Counter(word for text in texts for word in re.findall(r"\w+|[^\w\s]", text.lower()))
    vocabulary = SPECIAL + [
        word for word, _ in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[: settings["words"]]
    ]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    tokenizer = BertTokenizerFast(vocab=str(folder / "vocab.txt"), model_max_length=settings["max_length"])
    tokenizer.save_pretrained(folder)
    torch.manual_seed(settings["seed"])
    model = BertForMaskedLM(
        BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=settings["width"],
            num_hidden_layers=settings["layers"],
            num_attention_heads=settings["heads"],
            intermediate_size=4 * settings["width"],
            max_position_embeddings=settings["max_length"],
        )
    )
    _train(model, tokenizer, texts, settings)
    model.bert.save_pretrained(folder, safe_serialization=True)


def _train(model, tokenizer, texts, settings):
    chance = random.Random(settings["seed"])
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings["learning_rate"], fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings["learning_rate"], total_steps=settings["steps"])
    model.train()
    for step in range(settings["steps"]):
        rows = [texts[i] for i in chance.sample(range(len(texts)), min(settings["batch"], len(texts)))]
        tokens = tokenizer(rows, padding=True, truncation=True, max_length=settings["max_length"], return_tensors="pt")
        tokens["input_ids"], labels = _masked(tokens["input_ids"], len(tokenizer), settings["masked"])
        loss = model(**tokens, labels=labels).loss
        if not torch.isfinite(loss):
            raise ValueError(f"the loss is {loss.item()} at step {step + 1}")
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()


def _masked(ids, size, share):
    """Of the chosen words 80% become [MASK], 10% another word, 10% stay; the rest is not predicted."""
    chosen = (torch.rand(ids.shape) < share) & (ids >= len(SPECIAL))
    chosen[:, 1] |= ~chosen.any(dim=1) & (ids[:, 1] >= len(SPECIAL))
    labels, draw, given = ids.masked_fill(~chosen, -100), torch.rand(ids.shape), ids.clone()
    given[chosen & (draw < 0.8)] = SPECIAL.index("[MASK]")
    other = chosen & (draw >= 0.8) & (draw < 0.9)
    given[other] = torch.randint(len(SPECIAL), size, (int(other.sum()),))
    return given, labels
