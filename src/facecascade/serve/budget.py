"""What there is only so much of, shared by those who wait their turn: `Budget`."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType
from typing import Self


class Budget:
    """So many of something, for tasks of one event loop.

    Args:
        limit: how many there are.

    Attributes:
        held: how many are in use.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def take(self, amount: int) -> bool:
        """Take so many at once if they are there, and say whether they were."""
        if self._waiting or self.held + amount > self.limit:
            return False
        self.held += amount
        return True

    def give(self, amount: int) -> None:
        """Give so many back; whoever has waited longest gets them."""
        self.held -= amount
        while self._waiting:
            wanted, turn = self._waiting[0]
            if not turn.cancelled():
                if self.held + wanted > self.limit:
                    return
                self.held += wanted
                turn.set_result(None)
            self._waiting.popleft()

    async def wait(self, amount: int) -> None:
        """Take so many, once it is one's turn.

        Raises:
            ValueError: there are never so many.
        """
        if amount > self.limit:
            raise ValueError(f"expected to hold {self.limit} at most, got {amount}")
        if not self.take(amount):
            await self._turn(amount)

    async def _turn(self, amount: int) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((amount, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # its turn had come, and nobody takes it
                self.give(amount)
            else:
                turn.cancel()
                self.give(0)  # whoever stood behind it may fit
            raise


class Share:
    """What one task has of a budget, until the block ends.

    Args:
        budget: whose share it is.

    Attributes:
        amount: how many it has.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.amount = 0

    def begin(self, amount: int) -> None:
        """Have so many if they are there at once, else none."""
        if self._budget.take(amount):
            self.amount = amount

    async def become(self, amount: int) -> None:
        """Have exactly so many: give back the rest, or give all of it back and wait for so many.

        Raises:
            ValueError: there are never so many.
        """
        if amount > self.amount:
            self._end()
            await self._budget.wait(amount)
        else:
            self._budget.give(self.amount - amount)
        self.amount = amount

    def _end(self) -> None:
        amount, self.amount = self.amount, 0
        self._budget.give(amount)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
