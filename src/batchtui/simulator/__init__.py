"""A Message Batches API in a box: a pure world on an injected clock behind a thin local server.

Importing this package or `world` needs neither starlette nor uvicorn; `app` and `server` do.
"""
