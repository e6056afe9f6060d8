"""Targets of a provider's list: a foreign CSV file as people, and the office's plan of a stop."""

import re
from collections.abc import Sequence
from typing import Final

from appliance.desk.partners import Refused
from appliance.desk.providerlist.columns import propose
from appliance.desk.providerlist.people import people_of
from appliance.desk.providerlist.table import CELL_MAX, COLUMNS_MAX, ROWS_MAX, read_table
from procedures.definition import load
from procedures.errors import ProcedureError
from procedures.numbers import individual_no_holds
from provisioning.visit_pack import read_plan
from tests.fuzz.custody import text_of
from tests.fuzz.target import Broken, Target

_FORM: Final = load("care-renewal")
_LIST: Final = (
    "氏名,フリガナ,生年月日,被保険者番号,要介護度,電話番号,備考\r\n"
    "髙橋　ハナ,ﾀｶﾊｼ ﾊﾅ,S12.12.25,0012345601,要介護3,019-651-0000,123456789018\r\n"
    '"東海林　澄子","ショウジ",昭和13年1月5日,="12345602",要支援１,,"a,b"\r\n'
)
_PLAN: Final = (
    'procedure = "care-renewal"\ndevice = "bus-07"\nrun = "1"\nstop = "1"\nvehicle = "1"\n'
    'provider_no = "1"\nprovider_name = "き"\nstarts_at = 2026-11-25T10:00:00+09:00\n'
    'ends_at = 2026-11-25T11:00:00+09:00\ndesignated_counter = true\nofficer_id = "S"\n'
)


def _people(data: bytes) -> None:
    """Take every column that is recognised, and the number's wherever there is none."""
    table = read_table(data)
    cells = [cell for row in table.rows for cell in row.cells]
    if len(table.rows) > ROWS_MAX or table.width > COLUMNS_MAX:
        raise Broken("a list beyond the limits was read")
    if any(len(cell) > CELL_MAX for cell in cells):
        raise Broken("a cell beyond the limit was kept")
    if any(re.fullmatch(r"\d{12}", cell, re.ASCII) and individual_no_holds(cell) for cell in cells):
        raise Broken("an individual number was kept")
    columns = propose(table, _FORM) or dict.fromkeys(range(table.width), "insured_no")
    found = people_of(table, columns, _FORM)
    if len(found.told) > len(table.rows):
        raise Broken("a list has more people than lines")


def _plan(data: bytes) -> None:
    read_plan(text_of(data), "plan.toml")


def _lists() -> Sequence[bytes]:
    return [_LIST.encode(name) for name in ("cp932", "utf-8-sig", "utf-16")]


def _plans() -> Sequence[bytes]:
    return [_PLAN.encode()]


TARGETS: Final = (
    Target(
        "provider-list", _people, (Refused,), _lists, (b",", b'"', b"\t", b"\r\n", b"\0"), slow=True
    ),
    Target(
        "visit-plan", _plan, (ValueError, ProcedureError), _plans, (b"=", b'"', b"[[", b"1e999")
    ),
)
