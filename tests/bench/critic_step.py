"""PyTorch's side of tests/bench/critic_step.c, which starts it and tells it what to do, by line:

    case BATCH | CRITIC | GENERATOR     builds both networks, answers with their memory layout
    critic N, generator N               does N updates, answers with the seconds they took

Images are kept in the layout, NCHW or channels last, whose first critic updates are faster.
"""
import argparse
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "book"))
from load_in_pytorch import chw, network  # noqa: E402

LAYOUTS = {"NCHW": torch.contiguous_format, "channels last": torch.channels_last}
LAMBDA, RATE, BETAS = 10, 1e-4, (0.5, 0.9)


def adam(net):
    return torch.optim.Adam(net.parameters(), RATE, BETAS, fused=True)


def input_shape(line):
    return chw(line.split(";")[0].split()[1])


class Case:
    def __init__(self, batch, critic, generator, device, layout):
        self.device, self.layout = device, layout
        self.critic, self.generator = self.build(critic), self.build(generator)
        self.critic_adam, self.generator_adam = adam(self.critic), adam(self.generator)
        self.real, self.fake = self.samples(batch, critic), self.samples(batch, critic)
        self.latents = (batch, *input_shape(generator))

    def build(self, line):
        return network(line).to(self.device, memory_format=self.layout)

    def samples(self, batch, line):
        x = torch.rand(batch, *input_shape(line), device=self.device) * 2 - 1
        return x.contiguous(memory_format=self.layout) if x.dim() == 4 else x

    def critic_update(self):
        batch = len(self.real)
        t = torch.rand(batch, *[1] * (self.real.dim() - 1), device=self.device)
        x = (t * self.real + (1 - t) * self.fake).requires_grad_()
        gradient, = torch.autograd.grad(self.critic(x).sum(), x, create_graph=True)
        penalty = LAMBDA * ((gradient.flatten(1).norm(dim=1) - 1) ** 2).mean()
        loss = self.critic(self.fake).mean() - self.critic(self.real).mean() + penalty
        self.critic_adam.zero_grad()
        loss.backward()
        self.critic_adam.step()

    def generator_update(self):
        self.critic.requires_grad_(False)  # its gradients are not wanted here
        loss = -self.critic(self.generator(torch.randn(self.latents, device=self.device))).mean()
        self.generator_adam.zero_grad()
        loss.backward()
        self.generator_adam.step()
        self.critic.requires_grad_(True)


def seconds(update, count, device):
    start = time.perf_counter()
    for _ in range(count):
        update()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def fastest_case(batch, critic, generator, device):
    """The case in the faster layout, and its name."""
    if "x" not in critic.split(";")[0]:
        return Case(int(batch), critic, generator, device, torch.contiguous_format), "flat"
    times = {}
    for name, layout in LAYOUTS.items():
        case = Case(int(batch), critic, generator, device, layout)
        seconds(case.critic_update, 1, device)
        times[name] = min(seconds(case.critic_update, 1, device) for _ in range(2))
    best = min(times, key=times.get)
    return Case(int(batch), critic, generator, device, LAYOUTS[best]), best


def describe(device, precision):
    if device == "cuda":
        cudnn = torch.backends.cudnn.version()
        where = f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}, cuDNN {cudnn}"
    else:
        threads = torch.get_num_threads()
        where = f"{threads} thread{'s' * (threads > 1)}, {torch.backends.cpu.get_cpu_capability()}"
    return f"PyTorch {torch.__version__} eager, {where}, {precision} precision, fused Adam"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", choices=("cpu", "cuda"), required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--precision", choices=("full", "tf32"), required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.backends.cuda.matmul.allow_tf32 = options.precision == "tf32"
    torch.backends.cudnn.allow_tf32 = options.precision == "tf32"
    torch.backends.cudnn.benchmark = True
    print(describe(options.device, options.precision), flush=True)
    for command in sys.stdin:
        word, _, rest = command.partition(" ")
        if word == "case":
            case, layout = fastest_case(*rest.split("|"), options.device)
            print(layout, flush=True)
        else:
            update = case.critic_update if word == "critic" else case.generator_update
            print(seconds(update, int(rest), options.device), flush=True)


if __name__ == "__main__":
    main()
