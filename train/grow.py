"""Makes a checkpoint's network deeper or wider in its feed-forward without changing what it computes.

    python grow.py --checkpoint out/checkpoint.pt --layers 8 --feed-forward 512 --out out/larger.pt

A new layer is a copy of the one before it whose two outputs are zero, new feed-forward units are random and not heard
yet: both add nothing until training moves them (Chen et al. 2015, "Net2Net", arXiv 1511.05641). The optimizers start
anew. Training goes on from the result with the same --layers and --feed-forward.
"""

import argparse
from pathlib import Path

import torch

HEARD = ("output.weight", "down.weight")


def places(before: int, after: int) -> list[tuple[int, bool]]:
    """For each layer of the larger network: the layer it comes from, and whether it is new. New ones are spread, none
    of them before the second layer, where the induction circuit ends, or last."""
    if after == before:
        return [(layer, False) for layer in range(before)]
    gaps = list(range(1, before - 1))
    new = [gaps[(2 * i + 1) * len(gaps) // (2 * (after - before))] for i in range(after - before)]
    return [place for layer in range(before) for place in [(layer, False)] + [(layer, True)] * new.count(layer)]


def widened(weight: torch.Tensor, name: str, units: int) -> torch.Tensor:
    """A feed-forward matrix with as many units as asked for."""
    if name.endswith(("gate.weight", "up.weight")):
        more = torch.randn(units - weight.shape[0], weight.shape[1]) * weight.std()
        return torch.cat((weight, more))
    if name.endswith("down.weight"):
        return torch.cat((weight, torch.zeros(weight.shape[0], units - weight.shape[1])), dim=1)
    return weight


def grown(model: dict, config: dict) -> dict:
    """The larger network's weights."""
    old_layers = 1 + max(int(name.split(".")[1]) for name in model if name.startswith("blocks."))
    out = {name: weight for name, weight in model.items() if not name.startswith("blocks.")}
    for layer, (source, new) in enumerate(places(old_layers, config["layers"])):
        start = f"blocks.{source}."
        for name, weight in model.items():
            if name.startswith(start):
                weight = widened(weight, name, config["feed_forward"])
                silent = new and name.endswith(HEARD)
                out[f"blocks.{layer}.{name.removeprefix(start)}"] = torch.zeros_like(weight) if silent else weight.clone()
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--layers", type=int, required=True)
    parser.add_argument("--feed-forward", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="where the larger checkpoint goes")
    arguments = parser.parse_args()
    saved = torch.load(arguments.checkpoint, map_location="cpu", weights_only=False)
    before = saved["config"]
    config = {**before, "layers": arguments.layers, "feed_forward": arguments.feed_forward}
    if config["layers"] < before["layers"] or config["feed_forward"] < before["feed_forward"]:
        raise SystemExit(f"this would be smaller than {before['layers']} layers and {before['feed_forward']} units")
    torch.manual_seed(1)
    saved.update(model=grown(saved["model"], config), config=config)
    saved.pop("optimizers", None)
    torch.save(saved, arguments.out)


if __name__ == "__main__":
    main()
