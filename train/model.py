"""The embedded model: a small decoder-only transformer of the llama family.

Shapes use B (batch), T (tokens), D (width), H (heads), K (head width). Rotary embeddings turn interleaved pairs
(2i, 2i+1), which is how llama-family GGUF files store their query and key rows, so nothing is permuted on export.
"""

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Config:
    vocab_size: int
    width: int = 128
    layers: int = 6
    heads: int = 4
    feed_forward: int = 320
    context: int = 2048
    rope_base: float = 1e6
    norm_epsilon: float = 1e-5

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    def to_dict(self) -> dict:
        return asdict(self)


def rotary_table(config: Config, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines, each [length, K / 2]."""
    half = config.head_width // 2
    frequency = config.rope_base ** (-torch.arange(half, dtype=torch.float32) / half)
    angle = torch.outer(torch.arange(length, dtype=torch.float32), frequency)
    return angle.cos(), angle.sin()


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Turns the pairs of x [B, H, T, K] by the angles of their positions."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


class RmsNorm(nn.Module):
    def __init__(self, width: int, epsilon: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.epsilon)


def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Causal attention of q, k and v [B, H, T, K]. On a CPU in bfloat16 its two products are twice as fast as torch's own
    attention."""
    if q.is_cpu and torch.is_autocast_enabled("cpu"):
        length = q.shape[2]
        unseen = torch.ones(length, length, dtype=torch.bool).triu(1)
        scores = (q * q.shape[-1] ** -0.5) @ k.mT
        return scores.masked_fill(unseen, -torch.inf).softmax(-1) @ v
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


class Block(nn.Module):
    def __init__(self, config: Config):
        super().__init__()
        d, f = config.width, config.feed_forward
        self.heads = config.heads
        self.attention_norm = RmsNorm(d, config.norm_epsilon)
        self.query = nn.Linear(d, d, bias=False)
        self.key = nn.Linear(d, d, bias=False)
        self.value = nn.Linear(d, d, bias=False)
        self.output = nn.Linear(d, d, bias=False)
        self.feed_forward_norm = RmsNorm(d, config.norm_epsilon)
        self.gate = nn.Linear(d, f, bias=False)
        self.up = nn.Linear(d, f, bias=False)
        self.down = nn.Linear(f, d, bias=False)

    def forward(self, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, at=()) -> torch.Tensor:
        """x [B, T, D] to [B, T, D]; with `at`, (rows, columns), only what comes out at these positions, [N, D]."""
        batch, length, width = x.shape
        h = self.attention_norm(x)

        def split(y: torch.Tensor) -> torch.Tensor:
            return y.view(batch, length, self.heads, -1).transpose(1, 2)

        q, k = rotate(split(self.query(h)), cos, sin), rotate(split(self.key(h)), cos, sin)
        attended = attend(q, k, split(self.value(h)))
        attended = attended.transpose(1, 2).reshape(batch, length, width)
        if at:
            x, attended = x[at], attended[at]
        x = x + self.output(attended)
        h = self.feed_forward_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Model(nn.Module):
    def __init__(self, config: Config, tokens: list[str] | None = None):
        """`tokens`, the vocabulary's texts, lets words that differ in case or in a leading space start out alike."""
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = RmsNorm(config.width, config.norm_epsilon)
        cos, sin = rotary_table(config, config.context)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.initialise(tokens or [])

    def hidden(self, tokens: torch.Tensor, at: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        """Final hidden states [N, D] at the positions `at`, (rows [N], columns [N]), of tokens [B, T]."""
        length = tokens.shape[1]
        cos, sin = self.cos[:length], self.sin[:length]
        x = self.embedding(tokens)
        for block in self.blocks[:-1]:
            x = block(x, cos, sin)
        return self.norm(self.blocks[-1](x, cos, sin, at))

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """Natural-log scale scores [..., vocab]; the output shares the embedding's weights."""
        return hidden @ self.embedding.weight.T

    @torch.no_grad()
    def initialise(self, tokens: list[str]) -> None:
        """Random weights, with an induction circuit laid in.

        Copying ("find where this token stood before, say what came after") takes tens of millions of tokens to appear
        from random weights, and every reply of this model is a copy of a label. So the circuit is where training
        starts from: the first layer holds heads that look one token back, the second holds heads that match the
        current token with those previous tokens and carry over what followed. (The circuit: Olsson et al. 2022,
        arXiv 2209.11895; starting from structure instead of noise: Trockman and Kolter 2023, arXiv 2305.09828.)

        The residual stream is divided for the start: [0, half) the token, [half, 2 half) the token before it, the last
        dimension a constant that positional heads read.
        """
        config = self.config
        d, k = config.width, config.head_width
        half = d // 2 // k * k
        constant = d - 1
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.02)
        for block in self.blocks:
            for linear in (block.output, block.down):
                nn.init.normal_(linear.weight, std=0.02 / math.sqrt(2 * config.layers))

        embedding = self.embedding.weight
        embedding.zero_()
        nn.init.normal_(embedding[:, :half], std=0.125)
        index = {text: i for i, text in enumerate(tokens)}
        for text, i in index.items():
            plain = index.get(text.lstrip("Ġ").lower())
            if text.lstrip("Ġ").isalpha() and plain is not None and plain != i:
                embedding[i] = 0.8 * embedding[plain] + 0.6 * embedding[i]
        embedding[:, constant] = 0.375

        # A norm brings the constant to about 3 and the token's dimensions to about 1.
        scale = 1.0 / math.sqrt((half * 0.125**2 + 0.375**2) / d)
        token_scale, constant_value = 0.125 * scale, 0.375 * scale

        previous = self.blocks[0]
        frequency = config.rope_base ** (-torch.arange(k // 2, dtype=torch.float32) / (k // 2))
        pairs = 6
        strength = 7.0 / constant_value
        for head in range(half // k):
            rows = slice(head * k, (head + 1) * k)
            for linear in (previous.query, previous.key, previous.value):
                linear.weight[rows] = 0
            previous.output.weight[:, rows] = 0
            for j in range(pairs):
                previous.query.weight[head * k + 2 * j, constant] = strength
                previous.key.weight[head * k + 2 * j, constant] = strength * math.cos(frequency[j])
                previous.key.weight[head * k + 2 * j + 1, constant] = strength * math.sin(frequency[j])
            for j in range(k):
                source = head * k + j
                if half + source == constant:
                    continue
                previous.value.weight[head * k + j, source] = 1.0
                previous.output.weight[half + source, head * k + j] = 0.125 / token_scale

        # Matching must not depend on distance: only the pairs that hardly turn over a screen's length are used.
        induction = self.blocks[1]
        slow = [j for j in range(k // 2) if float(frequency[j]) * 400 < 0.8]
        used = 2 * len(slow)
        match = math.sqrt(14.0 * math.sqrt(k) / used) / token_scale
        for head in range(config.heads):
            rows = slice(head * k, (head + 1) * k)
            for linear in (induction.query, induction.key, induction.value):
                linear.weight[rows] = 0
            induction.output.weight[:, rows] = 0
            for i in range(used):
                row = head * k + 2 * slow[i // 2] + i % 2
                source = (head * used + i) % half
                if half + source == constant:
                    continue
                induction.query.weight[row, source] = match
                induction.key.weight[row, half + source] = match
            part = head % (half // k)
            for j in range(k):
                source = part * k + j
                induction.value.weight[head * k + j, source] = 1.0
                induction.output.weight[source, head * k + j] = 0.25 / token_scale
