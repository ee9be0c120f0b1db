"""The Message Batches API over HTTP. Only this package imports anthropic, and late."""
