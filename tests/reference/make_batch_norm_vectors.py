#!/usr/bin/env python3
"""Writes batch_norm_vectors.h: PyTorch's BatchNorm2d over three batches, then in eval mode, float64.

Rows are in the memory order of this library (H, W, C).

    python3 tests/reference/make_batch_norm_vectors.py > tests/reference/batch_norm_vectors.h
"""
import torch

H, W, C, B, BATCHES = 1, 2, 2, 3, 3
EPS = 0.01

torch.manual_seed(1)
norm = torch.nn.BatchNorm2d(C, eps=EPS).double()
with torch.no_grad():
    norm.weight.copy_(torch.tensor([0.5, -2.0]))
    norm.bias.copy_(torch.tensor([0.25, 1.0]))
# three decimals, so that input and header agree to the bit
x = (torch.randn(BATCHES, B, C, H, W).double() * torch.tensor([1.0, 3.0]).view(C, 1, 1)
     + torch.tensor([0.5, -4.0]).view(C, 1, 1)).mul(1000).round().div(1000)


def c_array(name, t):
    numbers = [repr(v) for v in t.flatten().tolist()]
    lines = [", ".join(numbers[i:i + 4]) for i in range(0, len(numbers), 4)]
    print("static const double %s[%d] = {\n    %s};" % (name, len(numbers), ",\n    ".join(lines)))


nhwc = lambda t: t.permute(0, 2, 3, 1)
with torch.no_grad():
    trained = torch.cat([nhwc(norm(b)) for b in x])
    mean, var = norm.running_mean.clone(), norm.running_var.clone()
    norm.eval()
    sampled = torch.cat([nhwc(norm(b)) for b in x])

print("// Written by make_batch_norm_vectors.py with PyTorch %s." % torch.__version__.split("+")[0])
print("// clang-format off")
c_array("INPUT", torch.cat([nhwc(b) for b in x]))
c_array("TRAINED", trained)
c_array("RUNNING_MEAN", mean)
c_array("RUNNING_VAR", var)
c_array("SAMPLED", sampled)
