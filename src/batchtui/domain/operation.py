"""What can be asked of a Message Batches API, of which a gateway may speak only a part."""

from enum import StrEnum


class Operation(StrEnum):
    """One of the six endpoints."""

    CREATE = "create"
    RETRIEVE = "retrieve"
    LIST = "list"
    CANCEL = "cancel"
    DELETE = "delete"
    RESULTS = "results"
