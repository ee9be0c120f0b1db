"""Request files: the requests of message batches as lines of JSON."""
