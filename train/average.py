"""Averages the weights of two checkpoints of one training, which is often better than either.

    python average.py --first out/earlier.pt --second out/checkpoint.pt --share 0.7 --out out/average.pt

Both should have ended with the rate at zero. The result is for export.py; training goes on from the second.
"""

import argparse
from pathlib import Path

import torch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=Path, required=True, help="checkpoint")
    parser.add_argument("--second", type=Path, required=True, help="checkpoint")
    parser.add_argument("--share", type=float, default=0.5, help="of the second, 0 to 1")
    parser.add_argument("--out", type=Path, required=True, help="where the average goes")
    arguments = parser.parse_args()
    if not 0 <= arguments.share <= 1:
        parser.error(f"--share {arguments.share} is not between 0 and 1")
    paths = (arguments.first, arguments.second)
    first, second = (torch.load(path, map_location="cpu", weights_only=False) for path in paths)
    if first["config"] != second["config"]:
        raise SystemExit("the two checkpoints are of different networks")
    old, new = first["model"], second["model"]
    average = {name: (1 - arguments.share) * old[name] + arguments.share * new[name] for name in new}
    torch.save({**second, "model": average}, arguments.out)


if __name__ == "__main__":
    main()
