"""A filer takes an application back: only the filer, confirmed, and nothing of it is lost."""

import pytest

from cityhall.office.cases import CaseMoveError, CaseState
from cityhall.office.casework import CONFIRMED_BY, WithdrawalError
from tests.support.office_client import post, text
from tests.support.office_world import CASEWORKER, OfficeWorld


async def test_a_confirmed_withdrawal_is_noted(world: OfficeWorld) -> None:
    """The state, the history and the audit say it; the answers stay to be read."""
    case = world.case()
    async with world.browser() as client:
        status, where = await post(
            client, f"/cases/{case}/withdraw", how="withdraw_paper", confirmed="1"
        )
        assert (status, where) == (303, f"/cases/{case}?done=withdrawn")
        page = await text(client, where)
        facts = await (await client.get(f"/cases/{case}.json")).json()
    assert facts["state"] == CaseState.WITHDRAWN.value
    assert facts["fields"]["name"] == "髙﨑　𠮷雄"
    assert "取下げを記録しました" in page
    assert "取下書（書面）" in page
    assert 'action="/cases/' + case + '/withdraw"' not in page
    assert "case.withdraw" in [line.action for line in world.audit.lines()]


@pytest.mark.parametrize(
    "form",
    [{}, {"how": "withdraw_paper"}, {"confirmed": "1"}, {"how": "rumour", "confirmed": "1"}],
)
async def test_fail__nobody_confirmed_it(world: OfficeWorld, form: dict[str, str]) -> None:
    """A message from the bus alone withdraws nothing: the page says what is wanted."""
    case = world.case()
    async with world.browser() as client:
        answer = await client.get("/session.json")
        sent = {"csrf": (await answer.json())["csrf"], **form}
        refused = await client.post(f"/cases/{case}/withdraw", data=sent)
        assert refused.status == 422
        assert "確かめてから記録します" in await refused.text()
        facts = await (await client.get(f"/cases/{case}.json")).json()
    assert facts["state"] == CaseState.HANDED_IN.value


def test_fail__withdrawn_twice(world: OfficeWorld) -> None:
    """The second time the case is no longer there to be withdrawn."""
    case = world.case()
    world.casework.withdraw(case, CASEWORKER, CONFIRMED_BY[0])
    with pytest.raises(CaseMoveError):
        world.casework.withdraw(case, CASEWORKER, CONFIRMED_BY[0])


def test_fail__by_no_known_way(world: OfficeWorld) -> None:
    """How the filer confirmed it is one of a few words."""
    with pytest.raises(WithdrawalError, match="only the filer withdraws"):
        world.casework.withdraw(world.case(), CASEWORKER, "")
