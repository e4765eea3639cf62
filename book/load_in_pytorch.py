#!/usr/bin/env python3
"""Loads an exported network into PyTorch:  load_in_pytorch.py NET.safetensors [CHECK.safetensors]

CHECK holds an `input` and the `output` that the network gave for it; PyTorch's must be the same.
"""
import json
import sys

import torch
from torch import nn


# [read]
def read(path):
    """Tensors and metadata: the length of a JSON header, the header, the numbers."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    metadata = header.pop("__metadata__", {})
    dtypes = {"F32": torch.float32, "F64": torch.float64}
    tensors = {}
    for name, t in header.items():
        numbers = data[slice(*t["data_offsets"])]
        tensors[name] = torch.frombuffer(numbers, dtype=dtypes[t["dtype"]]).reshape(t["shape"])
    return tensors, metadata
# [/read]


class ShiftedSoftplus(nn.Module):
    def forward(self, x):
        return nn.functional.softplus(2 * x + 2, threshold=40) / 2 - 1


def activation(options):
    if "leaky" in options:
        return nn.LeakyReLU(float(options["leaky"]))
    kinds = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "ssoftplus": ShiftedSoftplus,
             "softplus": lambda: nn.Softplus(threshold=40)}
    return next((kind() for name, kind in kinds.items() if name in options), None)


def normalisation(options, shape):
    eps, image = float(options.get("eps", 1e-5)), len(shape) == 3
    if "bn" in options:
        return (nn.BatchNorm2d if image else nn.BatchNorm1d)(shape[0], eps)
    if "ln" in options:
        return nn.GroupNorm(1, shape[0], eps) if image else nn.LayerNorm(shape[0], eps)


# [same]
def same(image, kernel, stride):
    """TensorFlow's padding, before and after: an odd pixel goes after. PyTorch has none such."""
    total = max((-(-image // stride) - 1) * stride + kernel - image, 0)
    return total // 2, total - total // 2


def padding(height, width):
    return nn.ZeroPad2d((*width, *height)) if any(height + width) else None
# [/same]


def conv(options, shape, channels):
    c, *sides = shape
    kernel, stride, pad = options["k"], options["s"], options.get("p")
    pads = [same(n, kernel, stride) if pad is None else (pad, pad) for n in sides]
    out = [(n + sum(p) - kernel) // stride + 1 for n, p in zip(sides, pads)]
    layer = nn.Conv2d(c, channels, kernel, stride, padding=pad or 0)
    return padding(*pads) if pad is None else None, layer, None, (channels, *out)


def conv_transpose(options, shape, channels):
    """The whole transpose, then cropped to where a `same` conv would have come from."""
    c, *sides = shape
    kernel, stride, pad = options["k"], options["s"], options.get("p")
    extra = options.get("o", 0) if pad is not None else max(stride - kernel, 0)
    layer = nn.ConvTranspose2d(c, channels, kernel, stride, padding=pad or 0, output_padding=extra)
    full = [(n - 1) * stride - 2 * (pad or 0) + kernel + extra for n in sides]
    before = [same(n * stride, kernel, stride)[0] if pad is None else 0 for n in sides]
    out = [n * stride for n in sides] if pad is None else full
    if "size" in options:
        out = [int(n) for n in options["size"].split("x")]
    crops = [(-b, b + n - f) for f, b, n in zip(full, before, out)]
    return None, layer, padding(*crops), (channels, *out)


def chw(written):
    """HxWxC or N, as PyTorch has it."""
    *sides, channels = (int(n) for n in written.split("x"))
    return (channels, *sides)


def linear(shape, written):
    out = chw(written)
    size, count = torch.Size(shape).numel(), torch.Size(out).numel()
    flatten = nn.Flatten() if len(shape) == 3 else None
    return flatten, nn.Linear(size, count), nn.Unflatten(1, out) if len(out) == 3 else None, out


def options_of(words):
    found, words = {}, iter(words)
    for word in words:
        if word in ("size", "eps", "leaky"):
            found[word] = next(words)
        elif word[0] in "kspo" and word[1:].isdigit():
            found[word[0]] = int(word[1:])
        else:
            found[word] = True
    return found


# [network]
def network(architecture):
    """The line of text as a Sequential whose state_dict has the names of the file."""
    (_, written), *items = [item.split() for item in architecture.split(";")]
    shape = chw(written)
    modules = {}
    for i, (kind, written, *words) in enumerate(items):
        options = options_of(words)
        if kind == "linear":
            before, layer, after, shape = linear(shape, written)
        else:
            make = conv if kind == "conv" else conv_transpose
            before, layer, after, shape = make(options, shape, int(written))
        modules |= {f"{i}_before": before, f"{i}": layer, f"{i}_after": after,
                    f"{i}_norm": normalisation(options, shape), f"{i}_act": activation(options)}
    net = nn.Sequential()
    for name, module in modules.items():
        if module is not None:
            net.add_module(name, module)
    return net
# [/network]


# [load]
def load(path):
    weights, metadata = read(path)
    net = network(metadata["architecture"])
    net.to(next(iter(weights.values())).dtype).load_state_dict(weights)
    return net.eval()
# [/load]


def main():
    net = load(sys.argv[1])
    print(net)
    if len(sys.argv) > 2:
        check, _ = read(sys.argv[2])
        with torch.no_grad():
            output = net(check["input"])
        error = (output - check["output"]).abs().max() / check["output"].abs().max()
        print(f"largest difference, relative to the largest output: {error:.1e}")
        sys.exit(not error <= 1e-5)


if __name__ == "__main__":
    main()
