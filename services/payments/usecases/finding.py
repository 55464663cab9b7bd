"""Operations of an escrow, by what both sides call them."""

from services.payments.domain import Escrow, Operation


def of_key(escrow: Escrow, key: str) -> Operation | None:
    return next((operation for operation in escrow.operations if operation.key == key), None)
