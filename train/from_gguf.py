"""Makes a checkpoint of a GGUF that export.py wrote, so that training goes on where only the file is left.

    python from_gguf.py --gguf ../models/embedded.gguf --tokens 111.6 --out out/checkpoint.pt

The weights are those of the file, rounded as it has them; the optimizers start anew, in the last stage.
"""

import argparse
from pathlib import Path

import gguf
import torch

from export import BLOCK_TENSORS
from model import Config
from train import STAGES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--tokens", type=float, default=0, help="millions of tokens that it has seen")
    parser.add_argument("--out", type=Path, required=True, help="where the checkpoint goes")
    arguments = parser.parse_args()

    reader = gguf.GGUFReader(arguments.gguf)
    tensors = {
        tensor.name: torch.from_numpy(gguf.quants.dequantize(tensor.data, tensor.tensor_type).copy())
        for tensor in reader.tensors
    }

    def number(name: str):
        return reader.fields[f"llama.{name}"].contents()

    layers = number("block_count")
    config = Config(
        vocab_size=number("vocab_size"),
        width=number("embedding_length"),
        layers=layers,
        heads=number("attention.head_count"),
        feed_forward=number("feed_forward_length"),
    )
    model = {"embedding.weight": tensors["token_embd.weight"], "norm.weight": tensors["output_norm.weight"]}
    for layer in range(layers):
        for ours, theirs in BLOCK_TENSORS.items():
            model[f"blocks.{layer}.{ours}.weight"] = tensors[f"blk.{layer}.{theirs}.weight"]
    state = {
        "stage": STAGES.index("trajectories"), "step": 1, "tokens": round(arguments.tokens * 1e6),
        "seconds": 0.0, "stage_seconds": 0.0, "level": 22, "log": [],
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"model": model, "state": state, "config": config.to_dict()}, arguments.out)


if __name__ == "__main__":
    main()
