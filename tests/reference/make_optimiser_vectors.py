#!/usr/bin/env python3
"""Writes optimiser_vectors.h: weights after steps 1, 10 and 100 of every rule, in float64.

The objective's gradient is g_i = (i + 1)·w_i + cos((i + 1)·t) at step t = 1, 2, …, so that an error
of one step is carried on. PyTorch takes the steps; TensorFlow's RMSProp, which PyTorch has not, is
written out below from its documentation (mean square starting at 1, eps inside the root).

    python3 tests/reference/make_optimiser_vectors.py > tests/reference/optimiser_vectors.h
"""
import math

import torch

START = [1.0, -0.5, 0.25, 2.0, -1.5]
STEPS = [1, 10, 100]
HORIZON = 120


def gradient(w, t):
    return [(i + 1) * x + math.cos((i + 1) * t) for i, x in enumerate(w)]


def with_torch(make, horizon=0):
    w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimiser = make([w])
    decay = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda done: max(0.0, 1 - done / horizon) if horizon else 1.0)
    seen = []
    for t in range(1, max(STEPS) + 1):
        w.grad = torch.tensor(gradient(w.tolist(), t), dtype=torch.float64)
        optimiser.step()
        decay.step()
        if t in STEPS:
            seen.append(w.tolist())
    return seen


def tensorflow_rmsprop(rate, decay, eps):
    w, mean_square = list(START), [1.0] * len(START)
    seen = []
    for t in range(1, max(STEPS) + 1):
        for i, g in enumerate(gradient(w, t)):
            mean_square[i] += (g * g - mean_square[i]) * (1 - decay)
            w[i] -= rate * g / math.sqrt(mean_square[i] + eps)
        if t in STEPS:
            seen.append(list(w))
    return seen


O = torch.optim
CASES = [  # C initialiser of a Rule, what it leads to
    ("{RULE_SGD, 0.05, 0, 0, 0, 0}", with_torch(lambda p: O.SGD(p, 0.05))),
    ("{RULE_MOMENTUM, 0.02, 0.9, 0, 0, 0}", with_torch(lambda p: O.SGD(p, 0.02, momentum=0.9))),
    ("{RULE_RMSPROP, 0.01, 0, 0.99, 1e-8, 0}", with_torch(lambda p: O.RMSprop(p, 0.01))),
    ("{RULE_RMSPROP, 5e-3, 0, 0.9, 0.1, 0}",
     with_torch(lambda p: O.RMSprop(p, 5e-3, alpha=0.9, eps=0.1))),
    ("{RULE_RMSPROP_TF, 0.01, 0, 0.9, 1e-10, 0}", tensorflow_rmsprop(0.01, 0.9, 1e-10)),
    ("{RULE_RMSPROP_TF, 0.02, 0, 0.95, 0.3, 0}", tensorflow_rmsprop(0.02, 0.95, 0.3)),
    ("{RULE_ADAM, 0.01, 0.9, 0.999, 1e-8, 0}", with_torch(lambda p: O.Adam(p, 0.01))),
    ("{RULE_ADAM, 0.02, 0, 0.9, 1e-8, 0}",
     with_torch(lambda p: O.Adam(p, 0.02, betas=(0.0, 0.9)))),
    ("{RULE_ADAM, 0.02, 0.5, 0.999, 0.01, 0}",
     with_torch(lambda p: O.Adam(p, 0.02, betas=(0.5, 0.999), eps=0.01))),
    ("{RULE_ADAM, 0.02, 0.5, 0.9, 1e-8, %d}" % HORIZON,
     with_torch(lambda p: O.Adam(p, 0.02, betas=(0.5, 0.9)), HORIZON)),
    ("{RULE_SGD, 0.05, 0, 0, 0, 40}", with_torch(lambda p: O.SGD(p, 0.05), 40)),
]

print("// Written by make_optimiser_vectors.py with PyTorch %s." % torch.__version__.split("+")[0])
print("// clang-format off")
print("static const double START[%d] = {%s};" % (len(START), ", ".join(map(repr, START))))
print("static const uint64_t STEPS[%d] = {%s};" % (len(STEPS), ", ".join(map(str, STEPS))))
print("static const struct {\n    Rule rule;\n    double weights[%d][%d];\n} CASES[] = {"
      % (len(STEPS), len(START)))
for rule, seen in CASES:
    print("    {%s,\n     {%s}}," % (rule, ",\n      ".join(
        "{" + ", ".join(repr(x) for x in w) + "}" for w in seen)))
print("};")
