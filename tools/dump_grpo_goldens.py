"""Writes tests/data/grpo/goldens.json: advantages, losses and gradients of PyTorch in fp64.

    pip install torch==2.11.0 trl==1.16.0
    python tools/dump_grpo_goldens.py

Where TRL has the variant, the numbers are those of TRL's own code: GRPOTrainer._compute_loss is
called on tensors, with a stand-in for the trainer that only holds its settings. The other variants
(k1, k2, the plain product of DeepSeek-R1 equation 1, other averages of CISPO) come from `formula`
below, which is first held against TRL on every case that TRL has.
"""

import collections
import itertools
import json
import pathlib
import types

import torch
import trl
from trl.trainer.grpo_trainer import GRPOTrainer
from trl.trainer.utils import nanstd

OUT = pathlib.Path(__file__).parents[1] / "tests/data/grpo/goldens.json"
LOSS_TYPES = ["grpo", "bnpo", "dapo", "dr_grpo"]
LEVELS = ["token", "sequence", "sequence_product"]
VARIANTS = {
    "clip": dict(policy_loss="clip", epsilon=0.2, epsilon_high=None, delta=None),
    "clip_higher": dict(policy_loss="clip", epsilon=0.2, epsilon_high=0.28, delta=None),
    "delta": dict(policy_loss="clip", epsilon=0.2, epsilon_high=0.28, delta=1.6),
    "cispo": dict(policy_loss="cispo", epsilon=0.2, epsilon_high=1.5, delta=None),
}
BETA = 0.3  # large, so that a wrong KL term cannot hide
MAX_COMPLETION_LENGTH = 9
GENERATION_TOKENS, STEPS_PER_GENERATION = 52.0, 3
TOLERANCE = 1e-12

torch.set_default_dtype(torch.float64)


def rounded(tensor):
    """Six decimals: short in the file, and exactly what the C++ side reads."""
    return torch.tensor([round(x, 6) for x in tensor.flatten().tolist()]).view(tensor.shape)


def make_batch(seed, lengths):
    """Random log-probs; old and new differ per token and, by a drift, per completion."""
    generator = torch.Generator().manual_seed(seed)

    def normal(count):
        return torch.randn(count, generator=generator)

    tokens = sum(lengths)
    drift = 0.4 * normal(len(lengths)).repeat_interleave(torch.tensor(lengths))
    old = -normal(tokens).abs() - 1.5
    logp = torch.minimum(old + drift + 0.3 * normal(tokens), torch.tensor(-1e-3))
    logp[:2] = old[:2]  # a ratio of exactly 1
    return dict(
        lengths=lengths,
        logp=rounded(logp),
        old_logp=rounded(old),
        ref_logp=rounded(torch.minimum(old + 0.4 * normal(tokens), torch.tensor(-1e-3))),
        entropy=rounded(normal(tokens).abs()),
        advantages=rounded(normal(len(lengths))),
    )


# Seeds with which every bound is met by some token and by some completion (see `coverage`).
BATCHES = [
    make_batch(12, [3, 1, 5, 2, 4]),
    make_batch(111, [4, 6, 2, 1]),
    make_batch(16, [2, 5, 1, 1, 4, 3]),
]


def coverage(batch, level):
    """Completions at each bound: low, high, higher, delta, the weight of CISPO."""
    lengths = batch["lengths"]
    log_ratio = [
        {"token": x, "sequence": x.mean(), "sequence_product": x.sum()}[level]
        for x in (batch["logp"] - batch["old_logp"]).split(lengths)
    ]
    counts = [0] * 5
    for x, advantage in zip(log_ratio, batch["advantages"]):
        ratio = x.exp()
        hits = [
            (ratio < 0.8) & (advantage < 0),
            (ratio > 1.2) & (advantage > 0),
            (ratio > 1.28) & (advantage > 0),
            (ratio > 1.6) & (advantage < 0),
            ratio > 1.5,
        ]
        counts = [count + bool(hit.any()) for count, hit in zip(counts, hits)]
    return counts


def padded(flat, lengths):
    return torch.nn.utils.rnn.pad_sequence(list(flat.split(lengths)), batch_first=True)


def flattened(padded_values, lengths):
    return torch.cat([row[:n] for row, n in zip(padded_values, lengths)])


def trl_loss(batch, loss_type, level, variant, with_kl):
    """Loss, gradient and metrics of TRL's own code."""
    lengths = batch["lengths"]
    logp = padded(batch["logp"], lengths).requires_grad_()
    entropy = padded(batch["entropy"], lengths)
    mask = padded(torch.ones(sum(lengths)), lengths)
    trainer = types.SimpleNamespace(
        _get_per_token_logps_and_entropies=lambda *a, **k: (logp, entropy, None),
        _metrics={"train": collections.defaultdict(list)},
        _entropy_bonus_enabled=False,
        accelerator=types.SimpleNamespace(
            num_processes=1, gather=lambda x: x, reduce=lambda x, reduction: x
        ),
        args=types.SimpleNamespace(
            delta=variant["delta"],
            use_bias_correction_kl=False,
            steps_per_generation=STEPS_PER_GENERATION,
        ),
        aux_loss_enabled=False,
        beta=BETA if with_kl else 0.0,
        current_gradient_accumulation_steps=1,
        epsilon_low=variant["epsilon"],
        epsilon_high=variant["epsilon_high"] or variant["epsilon"],
        importance_sampling_level=level,
        loss_type="cispo" if variant["policy_loss"] == "cispo" else loss_type,
        max_completion_length=MAX_COMPLETION_LENGTH,
        model=types.SimpleNamespace(training=True),
        off_policy_mask_threshold=None,
        top_entropy_quantile=1.0,
        use_vllm=False,
    )
    inputs = dict(
        prompt_ids=torch.zeros(len(lengths), 1, dtype=torch.long),
        prompt_mask=torch.ones(len(lengths), 1),
        completion_ids=torch.zeros_like(mask, dtype=torch.long),
        completion_mask=mask,
        advantages=batch["advantages"],
        old_per_token_logps=padded(batch["old_logp"], lengths),
        ref_per_token_logps=padded(batch["ref_logp"], lengths),
        num_items_in_batch=torch.tensor(GENERATION_TOKENS),
    )
    loss = GRPOTrainer._compute_loss(trainer, None, inputs)
    loss.backward()
    metrics = {name: values[0] for name, values in trainer._metrics["train"].items()}
    return loss.item(), flattened(logp.grad, lengths), metrics


def kl(logp, ref_logp, estimator):
    d = ref_logp - logp
    return {"k1": -d, "k2": d**2 / 2, "k3": torch.expm1(d) - d}[estimator]


def formula(batch, loss_type, level, variant, estimator):
    lengths = batch["lengths"]
    logp = batch["logp"].clone().requires_grad_()
    advantages = batch["advantages"].repeat_interleave(torch.tensor(lengths))
    log_ratio = (logp - batch["old_logp"]).split(lengths)
    if level == "sequence":
        log_ratio = [x.mean().expand_as(x) for x in log_ratio]
    elif level == "sequence_product":
        log_ratio = [x.sum().expand_as(x) for x in log_ratio]
    ratio = torch.cat(list(log_ratio)).exp()
    low = variant["epsilon"]
    high = variant["epsilon_high"] or low
    if variant["policy_loss"] == "cispo":
        loss_T = -ratio.clamp(max=high).detach() * advantages * logp
    else:
        bounded = ratio if variant["delta"] is None else ratio.clamp(max=variant["delta"])
        loss_T = -torch.min(bounded * advantages, ratio.clamp(1 - low, 1 + high) * advantages)
    if estimator:
        loss_T = loss_T + BETA * kl(logp, batch["ref_logp"], estimator)
    if loss_type == "grpo":
        loss = torch.stack([x.mean() for x in loss_T.split(lengths)]).mean()
    elif loss_type == "bnpo":
        loss = loss_T.mean()
    elif loss_type == "dapo":
        loss = loss_T.sum() / (GENERATION_TOKENS / STEPS_PER_GENERATION)
    else:
        loss = loss_T.sum() / (len(lengths) * MAX_COMPLETION_LENGTH)
    loss.backward()
    return loss.item(), logp.grad


def loss_cases():
    cases = []
    for name, loss_type, level, estimator in itertools.product(
        VARIANTS, LOSS_TYPES, LEVELS, [None, "k1", "k2", "k3"]
    ):
        if name == "cispo" and estimator not in (None, "k3"):
            continue
        variant = VARIANTS[name]
        index = len(cases) % len(BATCHES)
        batch = BATCHES[index]
        loss, grad = formula(batch, loss_type, level, variant, estimator)
        case = dict(
            batch=index,
            loss_type=loss_type,
            importance_sampling_level=level,
            kl_estimator=estimator,
            beta=BETA if estimator else 0.0,
            **variant,
        )
        in_trl = (
            level != "sequence_product"
            and estimator in (None, "k3")
            and (name != "cispo" or loss_type == "dapo")
        )
        if in_trl:
            trl_value, trl_grad, metrics = trl_loss(
                batch, loss_type, level, variant, estimator is not None
            )
            assert abs(loss - trl_value) < TOLERANCE * max(1, abs(loss)), case
            assert torch.allclose(grad, trl_grad, rtol=TOLERANCE, atol=TOLERANCE), case
            loss, grad = trl_value, trl_grad
            case["metrics"] = metrics
        case["source"] = "TRL" if in_trl else "formula"
        case["loss"] = loss
        case["grad"] = grad.tolist()
        cases.append(case)
    return cases


def kl_cases():
    cases = []
    for estimator in ["k1", "k2", "k3"]:
        logp = BATCHES[2]["logp"].clone().requires_grad_()
        value = kl(logp, BATCHES[2]["ref_logp"], estimator)
        value.sum().backward()
        cases.append(
            dict(kl_estimator=estimator, batch=2, value=value.tolist(), grad=logp.grad.tolist())
        )
    return cases


def trl_advantages(rewards, scale, epsilon):
    """The lines of GRPOTrainer._generate_and_score_completions, around TRL's nanstd; NaN: unusable."""
    group_mean = torch.nanmean(rewards, dim=1, keepdim=True)
    if scale == "batch":
        std = nanstd(rewards).expand_as(rewards)
    else:
        std = nanstd(rewards, dim=1, keepdim=True).expand_as(rewards)
    advantages = rewards - group_mean
    if scale != "none":
        advantages = advantages / (std + epsilon)
    return torch.nan_to_num(advantages, nan=0.0)


def population_advantages(rewards, scale, epsilon):
    def std(values):
        return values[~values.isnan()].std(correction=0)

    out = rewards - torch.nanmean(rewards, dim=1, keepdim=True)
    if scale == "batch":
        out = out / (std(rewards) + epsilon)
    elif scale == "group":
        out = torch.stack([row / (std(r) + epsilon) for row, r in zip(out, rewards)])
    return torch.nan_to_num(out, nan=0.0)


def advantage_cases():
    nan = float("nan")
    generator = torch.Generator().manual_seed(4)
    tables = [
        torch.tensor([[1.0, 0.1, 0.0, 1.0], [0.1, 0.1, 0.1, 0.1], [0.0, 0.0, 0.0, 1.0]]),
        torch.tensor([[1.0, nan, 0.0, 0.1], [nan, nan, nan, 1.0], [0.7, 0.7, nan, 0.7]]),
        rounded(torch.randn(5, 8, generator=generator)),
    ]
    cases = []
    for rewards, scale, ddof in itertools.product(tables, ["group", "batch", "none"], [0, 1]):
        compute = trl_advantages if ddof == 1 else population_advantages
        cases.append(
            dict(
                rewards=[[None if x != x else x for x in row] for row in rewards.tolist()],
                scale_rewards=scale,
                std_ddof=ddof,
                epsilon=1e-4,
                source="TRL" if ddof == 1 else "formula",
                advantages=compute(rewards, scale, 1e-4).tolist(),
            )
        )
    return cases


def plain(batch):
    return {k: v.tolist() if isinstance(v, torch.Tensor) else v for k, v in batch.items()}


def lines(items):
    return "[\n" + ",\n".join(json.dumps(item) for item in items) + "\n]"


def main():
    assert all(min(coverage(batch, level)) > 0 for batch in BATCHES for level in LEVELS)
    sections = {
        "written_by": json.dumps("tools/dump_grpo_goldens.py"),
        "versions": json.dumps({"torch": torch.__version__, "trl": trl.__version__}),
        "max_completion_length": json.dumps(MAX_COMPLETION_LENGTH),
        "dapo_tokens_per_step": json.dumps(GENERATION_TOKENS / STEPS_PER_GENERATION),
        "batches": lines(map(plain, BATCHES)),
        "losses": lines(loss_cases()),
        "kl": lines(kl_cases()),
        "advantages": lines(advantage_cases()),
    }
    text = "{\n" + ",\n".join(f'"{key}": {value}' for key, value in sections.items()) + "\n}\n"
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(text)
    print(f"{OUT}: {len(text)} bytes")


if __name__ == "__main__":
    main()
