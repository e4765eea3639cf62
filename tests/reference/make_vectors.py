#!/usr/bin/env python3
"""Writes *.in.safetensors and *.out.safetensors: critic steps by PyTorch's autograd in float64.

    python3 tests/reference/make_vectors.py        (needs torch, safetensors and numpy)

The inputs are those of experiments/critic_step, the outputs what it must give.
"""
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent.parent / "book"))
from load_in_pytorch import chw, network  # noqa: E402

MLP = "input 2; linear 36 {a}; linear 36 {a}; linear 36 {a}; linear 1"
DCGAN = ("input {size}x{c}; conv 6 k5 s2{n} {a}; conv 9 k5 s2{n} {a}; conv 12 k5 s2{n} {a}; "
         "linear 1")


def mlp(act):
    return MLP.format(a=act)


def dcgan(act, norm="", size="13x10", channels=3):
    return DCGAN.format(a=act, n=norm and " " + norm, size=size, c=channels)


# name: architecture, loss, lambda, batch. Inputs of dcgan cases are written as F32, others as F64.
CASES = {
    "mlp_relu": (mlp("relu"), "wgan-gp", 10, 7),
    "mlp_leaky": (mlp("leaky 0.2"), "wgan-gp", 0.1, 1),
    "mlp_tanh": (mlp("tanh"), "wgan-gp", 10, 7),
    "mlp_softplus": (mlp("softplus"), "wgan-gp", 10, 1),
    "mlp_ssoftplus": (mlp("ssoftplus"), "wgan-gp", 1, 7),
    "mlp_layer_norm": ("input 2; linear 40 ln relu; linear 40 ln eps 0.01 nogain tanh; linear 1",
                       "wgan-gp", 10, 7),
    "mlp_wgan": (mlp("relu"), "wgan", 10, 7),
    "mlp_gan": (mlp("leaky 0.2"), "gan", 10, 7),
    "mlp_dead": ("input 2; linear 40 relu; linear 1", "wgan-gp", 10, 7),
    "dcgan_leaky": (dcgan("leaky 0.2"), "wgan-gp", 10, 7),
    "dcgan_leaky_one": (dcgan("leaky 0.2", size="28x28", channels=1), "wgan-gp", 10, 1),
    "dcgan_layer_norm": (dcgan("leaky 0.2", "ln"), "wgan-gp", 10, 7),
    "dcgan_layer_norm_one": (dcgan("relu", "ln", "9x15", 1), "wgan-gp", 10, 1),
    "dcgan_tanh": (dcgan("tanh", size="11x7"), "wgan-gp", 10, 7),
    "dcgan_softplus": (dcgan("softplus", size="7x7"), "wgan-gp", 10, 7),
    "dcgan_softplus_layer_norm": (dcgan("softplus", "ln eps 0.001", "8x9"), "wgan-gp", 10, 7),
    "dcgan_wgan": (dcgan("leaky 0.2", "ln"), "wgan", 10, 7),
    "dcgan_gan": (dcgan("tanh"), "gan", 10, 7),
    "mixed": ("input 5x6x2; conv 4 k4 s2 p1 softplus; convt 3 k4 s2 p1 o1 ln tanh; "
              "conv 5 k3 s1 leaky 0.1; convt 4 k5 s2 size 9x11 ssoftplus; conv 3 k1 s1 sigmoid; "
              "convt 3 k2 s3; conv 3 k2 s3 relu; linear 2x3x4 ln tanh; conv 4 k2 s1 softplus; "
              "linear 6 ln nogain; linear 1", "wgan-gp", 10, 7),
}


def samples(architecture, batch):
    shape = (batch, *chw(architecture.split(";")[0].split()[1]))
    return torch.randn(shape), 0.5 * torch.randn(shape) + 0.3, torch.rand(batch, 1)


def draw_weights(net):
    """Of a size that keeps activations and slopes near 1; norms have gains and offsets."""
    with torch.no_grad():
        for module in net.modules():
            for name, weight in module.named_parameters(recurse=False):
                if weight.dim() > 1:
                    fan = weight[0].numel()
                    if isinstance(module, torch.nn.ConvTranspose2d):
                        fan = weight[:, 0].numel() / module.stride[0] ** 2
                    weight.normal_(0, 1.3 / fan ** 0.5)
                else:
                    weight.normal_(1 if name == "weight" else 0, 0.3)


def critic_step(net, loss_name, lambda_, real, fake, t):
    f_real, f_fake = net(real).flatten(), net(fake).flatten()
    t = t.reshape(-1, *[1] * (real.dim() - 1))
    x = (t * real + (1 - t) * fake).requires_grad_()
    gradient, = torch.autograd.grad(net(x).sum(), x, create_graph=True)
    norms = gradient.flatten(1).norm(dim=1)
    penalty = torch.zeros(())
    if loss_name == "gan":
        loss = (torch.nn.functional.softplus(-f_real).mean()
                + torch.nn.functional.softplus(f_fake).mean())
    else:
        loss = f_fake.mean() - f_real.mean()
    if loss_name == "wgan-gp":
        penalty = lambda_ * ((norms - 1) ** 2).mean()
        loss = loss + penalty
    loss.backward()
    return {"loss": loss.reshape(1), "penalty": penalty.reshape(1), "norms": norms,
            "critic_real": f_real, "critic_fake": f_fake}


def round_to_single(*tensors):
    for tensor in tensors:
        tensor.data = tensor.data.float().double()


def nearest_kink(net):
    """Collects |z| before every ReLU and LeakyReLU: float32 must not land on the other side."""
    nearest = [1.0]
    for module in net.modules():
        if isinstance(module, (torch.nn.ReLU, torch.nn.LeakyReLU)):
            module.register_forward_pre_hook(
                lambda _, z: nearest.append(z[0].detach().abs().min().item()))
    return nearest


def make(name, architecture, loss, lambda_, batch):
    for seed in range(100):
        torch.manual_seed(seed)
        net = network(architecture)
        draw_weights(net)
        if name == "mlp_dead":  # every unit off: gradient 0, norm 0, and no NaN
            net[0].bias.data.fill_(-50)
        constant = [net.get_parameter(f"{i}_norm.weight")
                    for i, item in enumerate(architecture.split(";")[1:]) if "nogain" in item]
        for gain in constant:
            torch.nn.init.ones_(gain).requires_grad_(False)
        real, fake, t = samples(architecture, batch)
        if name.startswith("dcgan"):
            round_to_single(real, fake, t, *net.parameters())
        nearest = nearest_kink(net)
        results = critic_step(net, loss, lambda_, real, fake, t)
        small = min(results[k].abs().min() for k in ("loss", "critic_real", "critic_fake"))
        if min(nearest) > 2e-5 and small > 1e-2:
            break
    else:
        sys.exit(f"{name}: no seed keeps all activations away from their kinks")
    write(name, net, {"critic": architecture, "loss": loss, "lambda": str(lambda_)},
          {"real": real, "fake": fake, "t": t}, results)


def save(tensors, path, texts):
    """Equal bytes for equal content, which the library does not promise for more than one text."""
    header, data = {"__metadata__": texts} if texts else {}, b""
    for name, tensor in tensors.items():
        numbers = tensor.detach().contiguous().numpy().tobytes()
        header[name] = {"dtype": {torch.float32: "F32", torch.float64: "F64"}[tensor.dtype],
                        "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(numbers)]}
        data += numbers
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def write(name, net, metadata, inputs, results):
    inputs |= net.state_dict()
    if name.startswith("dcgan"):
        inputs = {key: value.float() for key, value in inputs.items()}
    results |= {f"grad.{key}": value.grad for key, value in net.named_parameters()
                if value.requires_grad}
    save(inputs, FOLDER / f"{name}.in.safetensors", metadata)
    save(results, FOLDER / f"{name}.out.safetensors", None)
    print(f"{name}: loss {results['loss'].item():.4f}, penalty {results['penalty'].item():.4f}, "
          f"norms {results['norms'].min().item():.3f} to {results['norms'].max().item():.3f}")


def make_dtypes():
    """Every kind of entry, for the test of the reader."""
    n = torch.arange
    save_file({"f64": (n(6, dtype=torch.float64) / 3).reshape(2, 3),
               "f32": (n(3, dtype=torch.float64) / 3).float(), "scalar": torch.tensor(-2.5),
               "empty": torch.zeros(0, 5), "bf16": torch.ones(3, dtype=torch.bfloat16),
               "i64": n(4), "bool": torch.tensor([True, False, True]), "u8": n(5).to(torch.uint8)},
              FOLDER / "dtypes.safetensors", {"note": "written by safetensors, λ = 10"})


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    for case, settings in CASES.items():
        make(case, *settings)
    make_dtypes()
