from cityhall.office.roles import Role
from tests.support.makers import make_id
from tests.support.office_client import csrf_of
from tests.support.office_world import OfficeWorld

CASE = make_id(0).hex()


async def test_two_sign_ins_erase_a_case_on_the_screens(world: OfficeWorld) -> None:
    """A caseworker proposes, a chief at another browser confirms, both see the certificate."""
    world.case()
    async with world.browser(Role.CASEWORKER) as sato, world.browser(Role.CHIEF) as kudo:
        proposed = await sato.post(
            f"/cases/{CASE}/erasure",
            data={"csrf": await csrf_of(sato), "reason": "retention"},
            allow_redirects=False,
        )
        mine = await sato.post(f"/cases/{CASE}/erasure/confirm", data={"csrf": await csrf_of(sato)})
        listed = await (await kudo.get("/erasures")).text()
        confirmed = await kudo.post(
            f"/cases/{CASE}/erasure/confirm",
            data={"csrf": await csrf_of(kudo)},
            allow_redirects=False,
        )
        paper = await (await sato.get(f"/cases/{CASE}/certificate")).text()
        gone = await sato.get(f"/cases/{CASE}")
    assert (proposed.status, mine.status, confirmed.status, gone.status) == (303, 403, 303, 404)
    assert "確認して消去する" in listed
    assert "消去証明書" in paper
    assert "要介護認定・要支援認定の更新申請" in paper
    assert ("<style>" in paper, "/office/certificate.css" in paper) == (False, True)
    assert "one-chief" in paper


async def test_fail__a_chief_alone(world: OfficeWorld) -> None:
    """Who proposed is offered no button, and confirming all the same changes nothing."""
    world.case()
    async with world.browser(Role.CHIEF) as kudo:
        csrf = await csrf_of(kudo)
        await kudo.post(f"/cases/{CASE}/erasure", data={"csrf": csrf, "reason": "law"})
        listed = await (await kudo.get("/erasures")).text()
        answer = await kudo.post(f"/cases/{CASE}/erasure/confirm", data={"csrf": csrf})
        still = await kudo.get(f"/cases/{CASE}")
    assert (answer.status, still.status) == (409, 200)
    assert "確認して消去する" not in listed


async def test_a_proposal_is_taken_back_and_a_wrong_reason_is_none(world: OfficeWorld) -> None:
    """Withdrawn means that nobody can confirm; there is no certificate of what stands."""
    world.case()
    async with world.browser(Role.CHIEF) as kudo:
        csrf = {"csrf": await csrf_of(kudo)}
        odd = await kudo.post(f"/cases/{CASE}/erasure", data={**csrf, "reason": "because"})
        await kudo.post(f"/cases/{CASE}/erasure", data={**csrf, "reason": "mistake"})
        await kudo.post(f"/cases/{CASE}/erasure/withdraw", data=csrf)
        empty = await (await kudo.get("/erasures")).text()
        none = await kudo.get(f"/cases/{CASE}/certificate")
    assert (odd.status, none.status) == (400, 404)
    assert "消去の提案も記録もありません" in empty
