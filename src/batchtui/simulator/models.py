"""The models the simulated API knows: full names, and the most tokens each may write."""

ALIASES = {
    "claude-haiku-4-5": "claude-haiku-4-5-20251001",
    "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
    "claude-opus-4-5": "claude-opus-4-5-20251101",
}

MODELS = frozenset(
    {
        *ALIASES.values(),
        "claude-fable-5",
        "claude-fable-5-1",
        "claude-fable-5-2",
        "claude-haiku-5-5",
        "claude-mythos-5",
        "claude-mythos-5-1",
        "claude-mythos-5-2",
        "claude-mythos-preview",
        "claude-opus-4-6",
        "claude-opus-4-7",
        "claude-opus-4-8",
        "claude-opus-5",
        "claude-opus-5-5",
        "claude-sonnet-4-6",
        "claude-sonnet-5",
        "claude-sonnet-5-5",
    }
)

LONG_OUTPUT_BETA = "output-300k-2026-03-24"


def resolve(model: str) -> str:
    """The full name of `model`; an unknown one stays as it is."""
    return ALIASES.get(model, model)


def most_output_tokens(model: str, betas: str) -> int:
    """The greatest `max_tokens` for a resolved model."""
    if "4-5" in model:
        return 64_000
    return 300_000 if LONG_OUTPUT_BETA in betas else 128_000
