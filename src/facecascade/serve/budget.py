"""What there is only so much of, shared by those who wait their turn: `Budget`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


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

    @asynccontextmanager
    async def holding(self, amount: int) -> AsyncIterator[None]:
        """Wait for so many, and have them for the block.

        Raises:
            ValueError: there are never so many.
        """
        if amount > self.limit:
            raise ValueError(f"expected to hold {self.limit} at most, got {amount}")
        if not self.take(amount):
            await self._turn(amount)
        try:
            yield
        finally:
            self.give(amount)

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
