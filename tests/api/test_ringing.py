"""Those who wait are woken together, and one look is for all who ask the same."""

import asyncio

from api.ringing import KINDS_MAX, Bell, Looks


def test_who_waits_is_woken_at_the_same_instants_whenever_the_wait_began() -> None:
    async def waits() -> list[float]:
        bell, loop = Bell(), asyncio.get_running_loop()

        async def one(later: float) -> float:
            await asyncio.sleep(later)
            await bell.wait(1.0)
            return loop.time()

        await asyncio.sleep(1.05 - loop.time() % 1.0)  # just after an instant, so that all are of the next one
        return await asyncio.gather(*(one(n / 10) for n in range(5)))

    woken = asyncio.run(waits())
    assert max(woken) - min(woken) < 0.1, "and not a tenth of a second apart, as they began"


def test_a_look_is_made_once_for_those_who_ask_the_same_and_again_for_who_asks_later() -> None:
    async def asked() -> list[str]:
        bell, looks = Bell(), Looks()
        made: list[str] = []
        loop = asyncio.get_running_loop()

        async def one(kind: str) -> bool:
            await bell.wait(3600.0)
            woken = loop.time()
            await asyncio.sleep(0.01)

            def look() -> bool:
                made.append(kind)
                return True

            return looks.found(kind, woken, look)

        for _ in range(2):
            waiting = [asyncio.create_task(one(kind)) for kind in ("a", "b") * 100]
            await asyncio.sleep(0)
            bell.ring()
            assert all(await asyncio.gather(*waiting))
        return made

    assert sorted(asyncio.run(asked())) == ["a", "a", "b", "b"]


def test_what_nobody_asks_any_more_is_forgotten() -> None:
    async def asked() -> int:
        looks = Looks()
        for kind in range(3 * KINDS_MAX):
            looks.found(kind, 0.0, lambda: False)
        return len(looks._found)

    assert asyncio.run(asked()) <= KINDS_MAX
