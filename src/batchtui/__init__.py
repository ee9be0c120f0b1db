"""batchtui: every Anthropic Message Batch of a workspace, in a terminal."""

__version__ = "0.1.0"
