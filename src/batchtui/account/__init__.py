"""One account at work: its API, its history, its result files, its poller and its verbs."""
