"""Trains the embedded model's tokenizer: byte-level BPE with the Llama 3 pre-tokenizer.

    python tokenizer.py --words words.txt [--text FILE ...] --size 2048 --out out/tokenizer.json

A label must be the same tokens wherever it stands: after a space in the goal, after a quote on the screen and in the
reply. So no merge crosses a space or a quote into a word; only the fixed words of the dialect take their space along,
which makes lines shorter. Numbers up to 99 are one token each: element ids are never split.
"""

import argparse
import json
import re
from collections import Counter
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

SPECIAL = ["<|begin|>", "<|end|>", "<|reply|>", "<|pad|>"]
BEGIN, END, REPLY, PAD = range(4)

# Words of the dialect that always follow a space.
GLUED = (
    "switch button row text field tab radio checkbox slider image list on off empty selected focused disabled password"
).split()
PUNCTUATION = ['{"', '":"', '","', '":', '"}', ",\"", ' "', " ->", "...", ': ', ', ']


def space() -> str:
    """How byte-level BPE writes a space."""
    return "Ġ"


def corpus(words: Path, texts: list[Path]) -> Counter:
    """Counts of words, split as the pre-tokenizer splits letters; digits and punctuation are not learnt."""
    counts: Counter = Counter()
    for line in words.read_text().splitlines():
        if line.startswith("#"):
            continue
        for word in line.split():
            counts[word] += 40
            counts[word.capitalize()] += 30
    for word in GLUED:
        counts[word] += 500
    for path in texts:
        for word in re.findall(r"[^\W\d_]+", path.read_text()):
            counts[word] += 1
    return counts


def train(words: Path, texts: list[Path], size: int) -> dict:
    """The tokenizer as {tokens, merges}, in GGUF's order: bytes, special tokens last among the fixed ones."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    extra: list[tuple[str, str]] = []
    digits = "0123456789"
    extra += [(a, b) for a in digits for b in digits]
    for text in PUNCTUATION:
        encoded = text.replace(" ", space())
        for i in range(1, len(encoded)):
            extra.append((encoded[:i], encoded[i]))
    extra += [(space(), word) for word in GLUED]
    extra = list(dict.fromkeys(extra))

    learnt = size - len(SPECIAL) - len(alphabet) - len(extra)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split("\n", "removed"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=len(alphabet) + learnt, initial_alphabet=alphabet, show_progress=False, special_tokens=[]
    )
    counts = corpus(words, texts)
    tokenizer.train_from_iterator((word for word, count in counts.items() for _ in range(count)), trainer)
    state = json.loads(tokenizer.to_str())["model"]
    merges = [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in state["merges"]]

    tokens = SPECIAL + alphabet
    known = set(tokens)
    kept = []
    for left, right in merges + extra:
        if left in known and right in known:
            kept.append((left, right))
            if left + right not in known:
                known.add(left + right)
                tokens.append(left + right)
        else:
            print(f"no token for {left!r} + {right!r}")
    return {"tokens": tokens, "merges": kept}


LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def build(state: dict) -> Tokenizer:
    """The runnable tokenizer of a trained state."""
    vocabulary = {token: i for i, token in enumerate(state["tokens"])}
    tokenizer = Tokenizer(
        models.BPE(vocab=vocabulary, merges=[tuple(m) for m in state["merges"]], ignore_merges=True)
    )
    from tokenizers import Regex, decoders

    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(LLAMA3), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def load(path: Path) -> Tokenizer:
    return build(json.loads(Path(path).read_text()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=Path, default=Path(__file__).with_name("words.txt"))
    parser.add_argument("--text", type=Path, nargs="*", default=[])
    parser.add_argument("--size", type=int, default=4096)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    state = train(arguments.words, arguments.text, arguments.size)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(state, ensure_ascii=False))
    print(f"{len(state['tokens'])} tokens, {len(state['merges'])} merges -> {arguments.out}")


if __name__ == "__main__":
    main()
