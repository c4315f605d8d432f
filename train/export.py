"""Writes a checkpoint as a llama-family GGUF that llama.cpp, mistral.rs and deftly's native engine load.

    python export.py --checkpoint out/checkpoint.pt --tokenizer out/tokenizer.json --out ../models/embedded.gguf
"""

import argparse
import hashlib
import json
from pathlib import Path

import gguf
import numpy as np
import torch

import tokenizer as tok

# The network was trained on the user message alone: the system text explains the format to models that have not seen
# it, and this one has.
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ message['content'] }}\n"
    "{% elif message['role'] == 'assistant' %}<|reply|>{{ message['content'] }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|reply|>{% endif %}"
)

BLOCK_TENSORS = {
    "attention_norm": "attn_norm",
    "query": "attn_q",
    "key": "attn_k",
    "value": "attn_v",
    "output": "attn_output",
    "feed_forward_norm": "ffn_norm",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dtype", choices=["q8_0", "f16", "f32"], default="q8_0")
    arguments = parser.parse_args()

    saved = torch.load(arguments.checkpoint, map_location="cpu", weights_only=False)
    config, state = saved["config"], saved["model"]
    vocabulary = json.loads(arguments.tokenizer.read_text())

    writer = gguf.GGUFWriter(arguments.out, "llama")
    writer.add_name("deftly embedded")
    writer.add_description("Reads a goal and a phone's screen in deftly's compact dialect, replies with one action")
    writer.add_context_length(config["context"])
    writer.add_embedding_length(config["width"])
    writer.add_block_count(config["layers"])
    writer.add_feed_forward_length(config["feed_forward"])
    writer.add_head_count(config["heads"])
    writer.add_head_count_kv(config["heads"])
    writer.add_layer_norm_rms_eps(config["norm_epsilon"])
    writer.add_rope_dimension_count(config["width"] // config["heads"])
    writer.add_rope_freq_base(config["rope_base"])
    writer.add_vocab_size(config["vocab_size"])

    tokens = list(vocabulary["tokens"])
    kinds = [gguf.TokenType.CONTROL if t in tok.SPECIAL else gguf.TokenType.NORMAL for t in tokens]
    while len(tokens) < config["vocab_size"]:
        tokens.append(f"<|spare {len(tokens)}|>")
        kinds.append(gguf.TokenType.UNUSED)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([f"{left} {right}" for left, right in vocabulary["merges"]])
    writer.add_bos_token_id(tok.BEGIN)
    writer.add_eos_token_id(tok.END)
    writer.add_pad_token_id(tok.PAD)
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)

    kind = {
        "q8_0": gguf.GGMLQuantizationType.Q8_0,
        "f16": gguf.GGMLQuantizationType.F16,
        "f32": gguf.GGMLQuantizationType.F32,
    }[arguments.dtype]

    def add(name: str, tensor: torch.Tensor) -> None:
        data = tensor.float().numpy().astype(np.float32)
        if data.ndim == 1:
            writer.add_tensor(name, data)
        else:
            writer.add_tensor(name, gguf.quants.quantize(data, kind), raw_dtype=kind)

    add("token_embd.weight", state["embedding.weight"])
    add("output_norm.weight", state["norm.weight"])
    for layer in range(config["layers"]):
        for ours, theirs in BLOCK_TENSORS.items():
            add(f"blk.{layer}.{theirs}.weight", state[f"blocks.{layer}.{ours}.weight"])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    data = arguments.out.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    arguments.out.with_suffix(".sha256").write_text(f"{digest}  {arguments.out.name}\n")
    trained = saved["state"]
    print(
        f"{arguments.out}: {len(data) / 1e6:.1f} MB, {trained['tokens'] / 1e6:.1f}M tokens seen in "
        f"{trained['step']} steps, sha256 {digest}"
    )


if __name__ == "__main__":
    main()
