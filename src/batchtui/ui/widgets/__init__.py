"""Widgets that know nothing of batches: attributes go down, messages come up."""
