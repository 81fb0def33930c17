"""Files of leads, of numbers never to be called and of consents, as people have them."""

from __future__ import annotations

import asyncio
import csv
import shutil
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from lead_lists import RUN, ask, number, plan, standing
from sqlalchemy import func, select

from dialer.compliance.places import places_of
from dialer.leads import Candidate, Consent, LeadState
from engine.lead_import.consents import import_consents
from engine.lead_import.csv_file import FileRefused
from engine.lead_import.do_not_call import ListOptions, import_do_not_call
from engine.lead_import.in_thread import Progress
from engine.lead_import.leads import ImportOptions, ImportReport, import_leads
from engine.lead_import.numbers import BadCell, Numbers
from engine.store.lead_tables import leads, listed_numbers
from engine.store.leads import LeadStore
from engine.store.ledger import Ledger

pytest_plugins = ["databases"]

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()


@pytest.fixture
async def store(emptied: Ledger) -> LeadStore:
    """A store without leads, once in each kind of database."""
    return LeadStore(emptied)


@pytest.fixture
async def small(tmp_path: Path, new_ledger: Path) -> Any:
    """A store on SQLite, for what does not depend on the database."""
    ledger = Ledger(str(shutil.copy(new_ledger, tmp_path)))
    yield LeadStore(ledger)
    await ledger.close()


def file(tmp_path: Path, text: str | bytes, name: str = "leads.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


async def imported(
    store: LeadStore, path: Path, mapping: dict[str, str] | None = None, **options: Any
) -> ImportReport:
    return await import_leads(store, "spring", path, mapping or {}, ImportOptions(**options))


async def everybody(store: LeadStore) -> list[Candidate]:
    found, _ = await store.claim(ask(1000, now=NOON))
    return found


def reasons(path: Path) -> list[tuple[int, str]]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return [(int(row["row"]), row["reason"]) for row in csv.DictReader(text)]


# -- leads -----------------------------------------------------------------------------------------


async def test_a_file_becomes_a_list_by_what_its_columns_are_said_to_hold(
    store: LeadStore, tmp_path: Path
) -> None:
    path = file(
        tmp_path,
        "KH,Di động,Nhà riêng,Tên,Thành phố,Điểm,owner,priority,language,best_time,consent_at\n"
        "17,0901234567,0243 825 1234,Nguyễn Văn Ánh,Hà Nội,87,mai,5,vi,08:00-20:00,"
        "2026-01-31T10:00+07:00\n"
        "18,+1 305 555 0123,,Ann,,9,,,en,,\n",
    )
    report = await imported(
        store, path, {"id": "KH", "phone": "Di động", "phone2": "Nhà riêng", "name": "Tên"}
    )
    assert (report.rows, report.added, report.bad) == (2, 2, 0)
    anh, ann = sorted(await everybody(store), key=lambda each: each.lead)
    agreed = datetime(2026, 1, 31, 3, tzinfo=UTC).timestamp()
    assert anh == Candidate(
        lead=1,
        list="spring",
        number="+84901234567",
        zones=("Asia/Ho_Chi_Minh",),
        region="VN",
        language="vi",
        owner="mai",
        consent=Consent(agreed, None, "leads.csv, row 2", ""),
        do_not_call=("own",),
        mobile=True,
        data={"Thành_phố": "Hà Nội", "Điểm": "87", "name": "Nguyễn Văn Ánh"},
    )
    assert (ann.number, ann.region, ann.zones) == ("+13055550123", "US-FL", ("America/New_York",))
    assert ann.data == {"Điểm": "9", "name": "Ann"}
    row = await standing(store, 1)
    assert (row["key"], row["rank"], row["best_from"], row["best_until"]) == ("17", -5, 480, 1200)


async def test_an_import_that_is_repeated_changes_nothing(store: LeadStore, tmp_path: Path) -> None:
    rows = "".join(f"{n},{number(n)},x{n}\n" for n in range(50))
    path = file(tmp_path, f"id,phone,note\n{rows}")
    first = await imported(store, path)
    again = await imported(store, path)
    assert (first.added, first.known) == (50, 0)
    assert (again.added, again.known, again.duplicates, again.bad) == (0, 50, 0, 0)
    more = file(tmp_path, f"id,phone,note\n{rows}99,{number(99)},new\n")
    assert (await imported(store, more)).added == 1
    assert (await store.places(["spring"]))[0].count == 51


async def test_an_import_broken_off_in_the_middle_is_simply_repeated(
    store: LeadStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.lead_import.leads.BATCH", 10)
    rows = "".join(f"{number(n)}\n" for n in range(100))
    path = file(tmp_path, f"phone\n{rows}")
    begun = asyncio.Event()
    job = asyncio.create_task(
        import_leads(store, "spring", path, {}, ImportOptions(), lambda _: begun.set())
    )
    await begun.wait()
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    report = await imported(store, path)
    assert report.added + report.known + report.duplicates == 100
    found = {each.number for each in await everybody(store)}
    assert found == {number(n) for n in range(100)}


async def test_a_number_stands_in_a_list_once(store: LeadStore, tmp_path: Path) -> None:
    path = file(
        tmp_path,
        f"id,phone,phone2\na,{number(1)},{number(2)}\nb,{number(2)},\nc,{number(1)},{number(3)}\n"
        f"a,{number(4)},\nd,{number(5)},{number(5)}\n",
    )
    bad = tmp_path / "bad.csv"
    report = await imported(store, path, bad_rows=bad)
    assert (report.added, report.duplicates) == (3, 2)
    assert [row for row, _ in reasons(bad)] == [3, 5]
    found = sorted(await everybody(store), key=lambda each: each.lead)
    assert [each.number for each in found] == [number(1), number(3), number(5)]


async def test_who_is_on_a_do_not_call_list_is_in_the_list_but_not_called(
    store: LeadStore, tmp_path: Path
) -> None:
    await store.suppress([number(1)], "api", "linh", NOON)
    registered = file(tmp_path, f"{number(2)}\n", "register.txt")
    await import_do_not_call(store, "vn-national", registered, ListOptions())
    path = file(tmp_path, f"phone,phone2\n{number(1)},\n{number(2)},{number(3)}\n{number(4)},\n")
    bad = tmp_path / "bad.csv"
    report = await imported(store, path, bad_rows=bad)
    assert (report.added, report.barred) == (3, 1)
    assert reasons(bad) == [(2, "do not call")]
    assert {each.number for each in await everybody(store)} == {number(3), number(4)}


async def test_who_did_not_agree_is_left_out_where_consent_is_needed(
    store: LeadStore, tmp_path: Path
) -> None:
    agreed = file(tmp_path, f"phone,consent_at\n{number(2)},2026-01-01\n{number(9)},\n", "c.csv")
    report = await import_consents(store, agreed, {}, ImportOptions())
    assert (report.rows, report.numbers, report.bad) == (2, 1, 1)
    path = file(
        tmp_path,
        f"phone,consent_at\n{number(1)},\n{number(2)},\n{number(3)},2026-02-01\n{number(4)},soon\n",
    )
    report = await imported(store, path, needs_consent=True)
    assert (report.added, report.no_consent, report.bad) == (2, 1, 1)
    found = {each.number: each.consent for each in await everybody(store)}
    assert found.keys() == {number(2), number(3)}
    assert found[number(2)] is not None
    assert found[number(2)].evidence == "c.csv, row 2"


async def test_a_later_consent_takes_the_place_of_an_earlier_one(
    store: LeadStore, tmp_path: Path
) -> None:
    for at in ("2026-02-01", "2026-01-01"):
        path = file(tmp_path, f"phone,consent_at,consent_until\n{number(1)},{at},2027-01-01\n")
        await import_consents(store, path, {}, ImportOptions())
    await imported(store, file(tmp_path, f"phone\n{number(1)}\n"))
    [found] = await everybody(store)
    assert found.consent is not None
    assert found.consent.given_at == datetime(2026, 2, 1, tzinfo=UTC).timestamp()
    assert found.consent.until == datetime(2027, 1, 1, tzinfo=UTC).timestamp()


async def test_every_bad_row_is_reported_and_can_be_put_right(
    small: LeadStore, tmp_path: Path
) -> None:
    path = file(
        tmp_path,
        "phone,zone,state,priority,best_time,note\n"
        "abc,,,,,\n"
        ",,,,,nobody\n"
        "8.49E+10,,,,,\n"
        "0901,,,,,\n"
        "0901234567,Mars/Phobos,,,,\n"
        "0901234567,,Florida!,,,\n"
        "0901234567,,,high,,\n"
        "0901234567,,,,evening,=cmd|'/c calc'!A1\n"
        "0901234567,,,,20:00-18:00,\n"
        "0901234567,a,b,c,d,e,f,g\n"
        '"0901234567",,,,,"' + "x" * 30_000 + '"\n'
        "+80012345678,,,,,nowhere\n"
        "0901234568,,,,,fine\n",
    )
    bad = tmp_path / "bad.csv"
    report = await imported(small, path, bad_rows=bad)
    assert (report.rows, report.added, report.bad) == (13, 1, 12)
    assert [row for row, _ in reasons(bad)] == list(range(2, 14))
    assert sum(report.reasons.values()) == 12
    text = bad.read_text(encoding="utf-8-sig")
    assert "'=cmd|'/c calc'!A1" in text
    assert "\n2,its number is none,abc" in text.replace("\r", "")
    righted = bad.with_name("righted.csv")
    righted.write_text(text.replace("0901,", "0907654321,"), encoding="utf-8-sig")
    assert (await imported(small, righted)).added == 1


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("phone,tên\n0901234567,Ánh\n".encode(), {}),
        ("\ufeffphone,tên\r\n0901234567,Ánh\r\n".encode(), {}),
        ("phone;tên\n0901234567;Ánh\n".encode(), {}),
        ("phone\ttên\n0901234567\tÁnh\n".encode("utf-16"), {}),
        ("phone,tên\n0901234567,Ánh\n".encode("utf-16-le"), {"encoding": "utf-16-le"}),
        ("phone|tên\n0901234567|Ánh\n".encode("latin-1"), {"encoding": "latin-1"}),
        ("\n\nphone,tên\n\n0901234567,Ánh\n\n\n".encode(), {}),
        ('"phone","tên"\n"=""0901234567""","Ánh"'.encode(), {}),
        ("phone,tên\n'0901234567,Ánh\n".encode(), {"delimiter": ","}),
        ("phone,tên\n901234567,Ánh\n".encode(), {}),
        ("phone,tên\n84901234567,Ánh\n".encode(), {}),
        ("phone,tên\n(090) 123-4567,Ánh\n".encode(), {}),
        ("phone,tên\r0901234567,Ánh\r".encode(), {}),
        (unicodedata.normalize("NFD", "phone,tên\n0901234567,Ánh\n").encode(), {}),
        (b"phone,t\xean\n0901234567,A\xecnh\n", {"encoding": "cp1258"}),
    ],
    ids=[
        *("utf-8", "mark", "semicolon", "utf-16", "unmarked utf-16", "latin-1", "empty lines"),
        *("formula", "quote", "lost zero", "no plus", "brackets"),
        *("old Mac", "marks apart", "Windows-1258"),
    ],
)
async def test_a_file_is_read_as_spreadsheets_write_it(
    small: LeadStore, tmp_path: Path, content: bytes, options: dict[str, str]
) -> None:
    report = await imported(small, file(tmp_path, content), **options)
    assert (report.rows, report.added) == (1, 1)
    [found] = await everybody(small)
    assert (found.number, found.data) == ("+84901234567", {"tên": "Ánh"})


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (b"", {}, "empty"),
        (b"\n \n", {}, "empty"),
        (b"\xef\xbb\xbf", {}, "empty"),
        ("phone,tên\n0901234567,Ánh\n".encode("latin-1"), {}, "line 1 is not utf-8.*latin-1"),
        (b"phone\n0901234567\n09012\xe9\n", {}, "line 3 is not utf-8"),
        ("phone\n0901234567\n".encode("utf-16-le"), {}, "UTF-16 without its mark"),
        (b"phone\n1", {"encoding": "utf-99"}, "no encoding is called"),
        (b"phone\n1", {"encoding": "base64"}, "no encoding is called"),
        (b"number,name\n0901234567,x\n", {}, "say which column has the `phone`.*number, name"),
        (b"phone,phone\n1,2\n", {}, "several columns are called 'phone'"),
        (b"phone\n1", {"region": "XX"}, "no country is called"),
        (b'phone,"' + b"x" * 200_000, {}, "no CSV"),
        (b"phone\n1".ljust(2**20 - 1) + b"\xc3", {}, "line 2 is not utf-8"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_as_a_whole_and_says_why(
    small: LeadStore, tmp_path: Path, content: bytes, options: dict[str, str], message: str
) -> None:
    with pytest.raises(FileRefused, match=message):
        await imported(small, file(tmp_path, content), **options)
    assert await small.places(["spring"]) == []


async def test_leads_behind_a_quote_that_is_never_closed_are_told_not_taken_for_its_cell(
    small: LeadStore, tmp_path: Path
) -> None:
    rows = 'phone,note\n0901234567,"\n0901234568,a\n0901234569,b\n'
    bad = tmp_path / "bad.csv"
    report = await imported(small, file(tmp_path, rows), bad_rows=bad)
    assert (report.rows, report.added) == (1, 0)
    [(row, reason)] = reasons(bad)
    assert (row, reason.endswith("is a quote in it not closed?")) == (2, True)


async def test_a_column_is_found_however_its_marks_are_written(
    small: LeadStore, tmp_path: Path
) -> None:
    path = file(tmp_path, "Số điện thoại\n0901234567\n")
    mapping = {"phone": unicodedata.normalize("NFD", "Số điện thoại")}
    assert (await imported(small, path, mapping)).added == 1


async def test_a_mapping_that_fits_no_column_is_refused(small: LeadStore, tmp_path: Path) -> None:
    path = file(tmp_path, "a,b\n1,2\n")
    with pytest.raises(FileRefused, match="no column is called 'c': there are a, b"):
        await imported(small, path, {"phone": "c"})
    with pytest.raises(FileRefused, match="no field is called colour"):
        await imported(small, path, {"phone": "a", "colour": "b"})
    with pytest.raises(FileRefused, match="No such file"):
        await imported(small, tmp_path / "gone.csv")


async def test_a_file_meant_to_do_harm_does_none(store: LeadStore, tmp_path: Path) -> None:
    path = file(
        tmp_path,
        b"phone,list,note,name\n"
        b"0901234561,x,a\0b,\0\n"
        b"0901234562,,'; DROP TABLE leads; --,x\n"
        b'0901234563,,"' + b"x" * 200_000 + b'",x\n'
        b'0901234564,,"\n\n",x\n'
        b'0901234565,,"never closed,x\n',
    )
    report = await imported(store, path)
    assert report.added == 3
    assert report.bad == report.rows - 3 > 0
    notes = {each.number[-1]: each.data.get("note") for each in await everybody(store)}
    assert notes["1"] == "a\ufffdb"
    assert notes["2"] == "'; DROP TABLE leads; --"


async def test_the_engine_goes_on_while_a_file_is_read_and_sees_how_far_it_is(
    small: LeadStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.lead_import.leads.BATCH", 20)
    path = file(tmp_path, "phone\n" + "".join(f"{number(n)}\n" for n in range(100)))
    seen: list[Progress] = []
    await import_leads(small, "spring", path, {}, ImportOptions(), seen.append)
    assert [each.rows for each in seen] == [20, 40, 60, 80, 100]
    assert [each.added for each in seen] == [20, 40, 60, 80, 100]
    assert seen[-1].read == seen[-1].size == path.stat().st_size


@pytest.mark.parametrize("region", ["VN", "DE", "FR", "GB", "US", "IT", "JP", "SG", "BR", "TH"])
def test_a_number_is_read_as_the_numbering_plan_has_it(region: str) -> None:
    numbers = Numbers(region)
    for text in _written(region):
        try:
            parsed: Any = phonenumbers.parse(text, region)
            expected = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            if not phonenumbers.is_valid_number(parsed):
                expected = None
        except phonenumbers.NumberParseException:
            expected = None
        try:
            read: str | None = numbers.read(text)
        except BadCell:
            read = None
        assert read == expected, text
        if read is not None:
            assert numbers.place(read) == places_of(read)


def _written(region: str) -> Iterable[str]:
    for kind in range(8):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        for form in range(3):
            text = phonenumbers.format_number(example, form)
            yield from (text, text.replace(" ", ""), text[1:], f"0{text}", text[:-1], f"{text}0")
            yield text[:-2] + "00"


# -- lists of numbers never to be called -----------------------------------------------------------


async def test_a_national_list_is_replaced_as_a_whole(store: LeadStore, tmp_path: Path) -> None:
    old = file(tmp_path, "".join(f"{number(n)}\n" for n in range(10)), "old.txt")
    new = file(
        tmp_path, "name,msisdn\n" + "".join(f"x,{number(n)}\n" for n in range(5, 15)), "new.csv"
    )
    report = await import_do_not_call(store, "vn-national", old, ListOptions())
    assert (report.rows, report.numbers, report.before, report.bad) == (10, 10, 0, 0)
    await imported(store, file(tmp_path, "phone\n" + "".join(f"{number(n)}\n" for n in range(16))))
    column = ListOptions(column="msisdn")
    report = await import_do_not_call(store, "vn-national", new, column)
    assert (report.numbers, report.before) == (10, 10)
    async with store.ledger.reading() as connection:
        kept = await connection.scalar(select(func.count()).select_from(listed_numbers))
    assert kept == 10
    found, _ = await store.claim(ask(100, now=NOON))
    barred = {each.number for each in found if each.suppressed == "vn-national"}
    assert barred == {number(n) for n in range(10, 15)}
    assert found[0].do_not_call == ("own", "vn-national")
    assert await store.trust({"vn-national": 86400.0}, datetime.now(UTC).timestamp()) == ""
    assert "days old" in await store.trust({"vn-national": 1.0}, NOON + 1e8)


async def test_who_came_onto_a_list_while_in_the_hopper_is_not_called(
    store: LeadStore, tmp_path: Path
) -> None:
    await imported(store, file(tmp_path, f"phone\n{number(1)}\n"))
    [found] = await everybody(store)
    register = file(tmp_path, f"number\n{number(1)}\n{number(1)}\n", "register.txt")
    assert (await import_do_not_call(store, "vn", register, ListOptions())).numbers == 1
    assert await store.begin(plan(found, now=NOON), NOON, RUN) == "do not call: vn"
    assert (await standing(store, found.lead))["state"] is LeadState.SUPPRESSED


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("".join(f"{number(n)}\n" for n in range(4)), "has 4 numbers, the list has 10"),
        ("".join(f"{number(n)}\nx{n}\n" for n in range(10)), "10 of 20 rows are no numbers"),
        ("number\n", "has 0 numbers"),
        ("", "empty"),
    ],
)
async def test_a_broken_file_does_not_replace_a_national_list(
    small: LeadStore, tmp_path: Path, content: str, message: str
) -> None:
    good = file(tmp_path, "".join(f"{number(n)}\n" for n in range(10)), "good.txt")
    await import_do_not_call(small, "vn", good, ListOptions())
    broken = file(tmp_path, content, "broken.txt")
    with pytest.raises(FileRefused, match=message):
        await import_do_not_call(small, "vn", broken, ListOptions())
    async with small.ledger.reading() as connection:
        kept = await connection.scalar(select(func.count()).select_from(listed_numbers))
    assert kept == 10
    await imported(small, file(tmp_path, f"phone\n{number(9)}\n{number(20)}\n"))
    assert [each.number for each in await everybody(small)] == [number(20)]


async def test_a_smaller_list_that_is_trusted_replaces_a_larger_one(
    small: LeadStore, tmp_path: Path
) -> None:
    good = file(tmp_path, "".join(f"{number(n)}\n" for n in range(10)), "good.txt")
    await import_do_not_call(small, "vn", good, ListOptions())
    less = file(tmp_path, f"{number(1)}\nno number\n", "less.txt")
    report = await import_do_not_call(small, "vn", less, ListOptions(trust=True))
    assert (report.numbers, report.before, report.bad) == (1, 10, 1)


async def test_a_number_that_no_plan_has_yet_is_on_the_list_all_the_same(
    small: LeadStore, tmp_path: Path
) -> None:
    register = file(tmp_path, "+84 50 000 0000\n", "register.txt")
    assert (await import_do_not_call(small, "vn", register, ListOptions())).numbers == 1


async def test_leads_are_counted_where_the_file_put_them(store: LeadStore, tmp_path: Path) -> None:
    await imported(store, file(tmp_path, "phone,zone\n+13055550123,America/Chicago\n0901234567,\n"))
    places = {place.region: place.zones for place in await store.places(["spring"])}
    assert places["US-FL"] == ("America/Chicago", "America/New_York")
    async with store.ledger.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(leads)) == 2
