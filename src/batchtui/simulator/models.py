"""The models the simulated API knows, by their full names, and the most tokens each may write."""

from batchtui.domain.models import MOST_OUTPUT_TOKENS

ALIASES = {
    "claude-haiku-4-5": "claude-haiku-4-5-20251001",
    "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
    "claude-opus-4-5": "claude-opus-4-5-20251101",
}

MODELS = frozenset(MOST_OUTPUT_TOKENS.keys() - ALIASES.keys())

LONG_OUTPUT_BETA = "output-300k-2026-03-24"
_LEAST_FOR_BETA = 128_000


def resolve(model: str) -> str:
    """The full name of `model`; an unknown one stays as it is."""
    return ALIASES.get(model, model)


def most_output_tokens(model: str, betas: str) -> int:
    """The greatest `max_tokens` for a resolved model."""
    most = MOST_OUTPUT_TOKENS[model]
    return 300_000 if LONG_OUTPUT_BETA in betas and most >= _LEAST_FOR_BETA else most
