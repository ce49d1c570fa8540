"""The API as a system meets it, over HTTP: who may, what is refused and how it says so, and its own description."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from motcua.config import wiring
from motcua.kernel import clock
from tests.processes import Server

pytestmark = pytest.mark.xdist_group("api")

CENTRE, COMMITTEE, COMMUNE = "H26.101.01", "H26.101", "00004"
APPLICATION: dict[str, Any] = {
    "procedure": "1.000419",
    "area": COMMUNE,
    "reception": CENTRE,
    "channel": "counter",
    "applicant": {"kind": "citizen", "name": "Nguyễn Thị Mai", "number": "001099000001"},
    "content": {"applicant_name": "Nguyễn Thị Mai", "request": "Đăng ký tại nhà"},
}


def issue(server: Server, *agencies: str, roles: tuple[str, ...] = ("reception", "handler")) -> str:
    """A token made by the command that an administrator uses."""
    words = ["token", "issue", "test", *(w for a in agencies for w in ("--agency", a))]
    words += [w for r in roles for w in ("--role", r)]
    made = subprocess.run(
        [sys.executable, "-m", "motcua", *words], env=server.environment, capture_output=True, text=True, check=True
    )
    return made.stdout.strip().splitlines()[-1]


class Client:
    """A system with its token."""

    def __init__(self, url: str, token: str) -> None:
        self.http = httpx.Client(base_url=f"{url}/api/v1", headers={"authorization": f"Bearer {token}"}, timeout=30)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def post(self, path: str, body: Any, key: str | None = None, **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"content-type": "application/json", "idempotency-key": key or uuid4().hex, **headers}
        return self.http.post(path, content=content, headers=given)

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(path, params=query)


@pytest.fixture(scope="module")
def own(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that these tests write to."""
    from tests import cluster

    name = cluster.new_name()
    made = Server(cluster.copy(template, name), tmp_path_factory.mktemp("api"))
    yield made
    made.stop()
    cluster.drop(name)


@pytest.fixture(scope="module")
def client(own: Server) -> Iterator[Client]:
    with Client(own.url, issue(own, CENTRE, COMMITTEE)) as made:
        yield made


@pytest.fixture(scope="module")
def stranger(own: Server) -> Iterator[Client]:
    with Client(own.url, issue(own, "H26.102", "H26.102.01")) as made:
        yield made


def rows(server: Server) -> int:
    with psycopg.connect(server.environment["MOTCUA_DATABASE_URL"]) as connection:
        found = connection.execute("SELECT count(*) FROM dossiers_dossier").fetchone()
        assert found is not None
        return int(found[0])


def problem(answer: httpx.Response) -> str:
    """The problem's slug, after checking that it is a whole problem document."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["detail"]
    assert document["kind"] in ("permanent", "transient", "unknown", "duplicate")
    return str(document["type"]).rsplit(":", 1)[1]


def filed(client: Client, **change: Any) -> str:
    answer = client.post("/dossiers", {**APPLICATION, **change})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


# --- the whole way ------------------------------------------------------------------------------------------------


def test_a_dossier_goes_its_whole_way_over_http(own: Server, client: Client) -> None:
    roles = ("handler", "approver", "signatory", "reception")
    code = filed(client)
    with Client(own.url, issue(own, CENTRE, COMMITTEE, roles=roles)) as official:
        for step in ("hand_over", "propose", "approve", "sign", "finish", "return_result"):
            answer = official.post(f"/dossiers/{code}/steps", {"step": step})
            assert answer.status_code == 201, (step, answer.text)
    where = client.get(f"/dossiers/{code}").json()
    assert (where["state"], where["national_status"], where["holder"]) == ("returned", 10, None)


def test_the_slips_secret_opens_a_masked_answer_without_a_token(own: Server, client: Client) -> None:
    receipt = client.post("/dossiers", APPLICATION).json()
    public = httpx.get(f"{own.url}/api/v1/where/{receipt['code']}", params={"secret": receipt["secret"]})
    assert public.json()["applicant"] == "N… T… Mai"
    wrong = httpx.get(f"{own.url}/api/v1/where/{receipt['code']}", params={"secret": "nothing"})
    assert (wrong.status_code, problem(wrong)) == (404, "dossier-unknown")


def test_a_batch_answers_for_each_of_its_dossiers(own: Server, client: Client) -> None:
    before = rows(own)
    dossiers = [
        {**APPLICATION, "key": uuid4().hex},
        {**APPLICATION, "key": uuid4().hex, "procedure": "9.999999"},
        {**APPLICATION, "key": uuid4().hex},
    ]
    answer = client.post("/dossiers/batch", {"dossiers": dossiers})
    assert [o["status"] for o in answer.json()["outcomes"]] == [201, 422, 201]
    assert answer.json()["outcomes"][1]["problem"]["type"].endswith("procedure-unknown")
    assert rows(own) == before + 2
    again = client.post("/dossiers/batch", {"dossiers": dossiers})
    assert again.json() == answer.json()
    assert rows(own) == before + 2


def test_a_file_is_kept_by_its_content_and_a_paper_refers_to_it(client: Client) -> None:
    kept = client.post("/files", b"%PDF-1.7\n1 0 obj\n", **{"content-type": "application/octet-stream"})
    assert kept.status_code == 201, kept.text
    assert kept.json()["content_type"] == "application/pdf"
    papers = [{"component": "to-khai", "files": [kept.json()["sha256"]]}]
    assert client.post("/dossiers", {**APPLICATION, "components": papers}).status_code == 201


def test_a_file_of_no_known_kind_is_refused_by_its_content_and_a_paper_needs_its_file(
    own: Server, client: Client
) -> None:
    answer = client.post("/files", b"MZ\x90\x00\x03\x00\xff\xff", **{"content-type": "application/pdf"})
    assert (answer.status_code, problem(answer)) == (415, "file-kind-refused")
    before = rows(own)
    answer = client.post("/dossiers", {**APPLICATION, "components": [{"component": "a", "files": ["0" * 64]}]})
    assert (answer.status_code, problem(answer)) == (422, "file-unknown")
    assert rows(own) == before


def test_a_hundred_parallel_retries_of_one_key_make_one_dossier(own: Server, client: Client) -> None:
    before, key = rows(own), uuid4().hex
    with ThreadPoolExecutor(100) as many:
        answers = list(many.map(lambda _: client.post("/dossiers", APPLICATION, key=key), range(100)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert rows(own) == before + 1


def test_a_work_list_is_paged_to_its_end(client: Client) -> None:
    codes = {filed(client) for _ in range(7)}
    seen: list[str] = []
    after = ""
    while True:
        page = client.get("/work-list", agency=CENTRE, list="to_hand_over", limit=3, after=after).json()
        seen += [item["code"] for item in page["items"]]
        after = page["next"]
        if not after:
            break
    assert len(seen) == len(set(seen))
    assert codes <= set(seen)


# --- what is refused ----------------------------------------------------------------------------------------------

DEEP = b'{"content": ' + b'{"a": ' * 100_000
BAD_FILINGS: dict[str, tuple[dict[str, Any] | bytes, int, str]] = {
    "broken JSON": (b'{"procedure": ', 400, "json-broken"),
    "JSON nested without end": (DEEP, 400, "json-broken"),
    "not UTF-8": (b'{"procedure": "\xff\xfe"}', 400, "json-broken"),
    "an unknown field": ({**APPLICATION, "colour": "red"}, 422, "body-invalid"),
    "a field left out": ({k: v for k, v in APPLICATION.items() if k != "area"}, 422, "body-invalid"),
    "a NUL": ({**APPLICATION, "case": "a\x00b"}, 422, "body-invalid"),
    "a name too long": ({**APPLICATION, "applicant": {"kind": "citizen", "name": "x" * 301}}, 422, "body-invalid"),
    "an unknown procedure": ({**APPLICATION, "procedure": "9.999999"}, 422, "procedure-unknown"),
    "an unknown area": ({**APPLICATION, "area": "99999"}, 422, "area-unknown"),
    "a unit dissolved on that day": ({**APPLICATION, "area": "00001"}, 422, "unit-dissolved"),
    "an agency that another one inherited": ({**APPLICATION, "reception": "H02"}, 403, "foreign-agency"),
    "a procedure not given at that level": ({**APPLICATION, "area": "01"}, 422, "not-given-here"),
    "a foreign agency": ({**APPLICATION, "reception": "H26.102.01"}, 403, "foreign-agency"),
    "a form left empty": ({**APPLICATION, "content": {}}, 422, "content-invalid"),
}


@pytest.mark.parametrize("name", BAD_FILINGS)
def test_a_bad_filing_is_refused_in_words_and_changes_nothing(own: Server, client: Client, name: str) -> None:
    body, status, slug = BAD_FILINGS[name]
    before = rows(own)
    answer = client.post("/dossiers", body)
    assert (answer.status_code, problem(answer)) == (status, slug)
    assert rows(own) == before


def test_a_write_without_a_key_is_refused(own: Server, client: Client) -> None:
    answer = client.http.post("/dossiers", json=APPLICATION)
    assert (answer.status_code, problem(answer)) == (400, "key-missing")


def test_a_replayed_key_with_another_body_is_refused_and_with_the_same_answers_to_the_byte(client: Client) -> None:
    key = uuid4().hex
    first = client.post("/dossiers", APPLICATION, key=key)
    assert client.post("/dossiers", APPLICATION, key=key).content == first.content
    answer = client.post("/dossiers", {**APPLICATION, "case": ""}, key=key)
    assert (answer.status_code, problem(answer)) == (409, "key-reused")


def test_a_step_that_the_state_does_not_admit_is_refused(client: Client) -> None:
    code = filed(client)
    answer = client.post(f"/dossiers/{code}/steps", {"step": "return_result"})
    assert (answer.status_code, problem(answer)) == (409, "step-not-allowed")
    assert "hand_over" in answer.json()["allowed"]
    assert problem(client.post(f"/dossiers/{code}/steps", {"step": "fly"})) == "step-unknown"
    assert problem(client.post(f"/dossiers/{code}/steps", {"step": "sign"})) == "actor-not-allowed"


def test_a_stranger_finds_nothing_of_a_foreign_dossier(client: Client, stranger: Client) -> None:
    code = filed(client)
    for answer in (
        stranger.get(f"/dossiers/{code}"),
        stranger.post(f"/dossiers/{code}/steps", {"step": "hand_over"}),
    ):
        assert (answer.status_code, problem(answer)) == (404, "dossier-unknown")
    answer = stranger.get("/work-list", agency=CENTRE)
    assert (answer.status_code, problem(answer)) == (403, "foreign-agency")


def test_a_body_or_file_over_the_limit_is_refused(client: Client) -> None:
    answer = client.post("/dossiers", b'{"x": "' + b"y" * 1024 * 1024 + b'"}')
    assert (answer.status_code, problem(answer)) == (413, "body-too-large")
    answer = client.post("/files", b"x" * (50 * 1024 * 1024 + 1))
    assert (answer.status_code, problem(answer)) == (413, "file-too-large")


def test_another_content_type_method_or_path_is_refused(client: Client) -> None:
    answer = client.post("/dossiers", APPLICATION, **{"content-type": "text/plain"})
    assert (answer.status_code, problem(answer)) == (415, "not-json")
    answer = client.http.delete("/dossiers")
    assert (answer.status_code, problem(answer)) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "POST"
    assert problem(client.get("/nothing")) == "no-such-path"


def test_a_cursor_that_we_did_not_give_is_refused(client: Client) -> None:
    answer = client.get("/work-list", agency=CENTRE, after="yesterday")
    assert (answer.status_code, problem(answer)) == (422, "cursor-unreadable")


def test_a_server_that_is_not_a_replay_keeps_its_own_time(client: Client) -> None:
    for moment in ("2025-07-01T08:00", "2025-07-01T08:00:00+07:00"):
        answer = client.post("/dossiers", APPLICATION, **{"motcua-now": moment})
        assert answer.status_code == 201, answer.text
        assert not answer.json()["filed_at"].startswith("2025-07-01")
        assert answer.json()["code"].split("-")[1] == f"{clock.today():%y%m%d}"


# --- the access matrix --------------------------------------------------------------------------------------------


def example(path: str) -> str:
    return path.replace("{code}", "H26.101.01-260101-0001")


@pytest.mark.parametrize("endpoint", wiring.ENDPOINTS, ids=lambda e: f"{e.method} {e.path}")
def test_each_route_asks_for_a_token_unless_it_says_that_it_is_public(own: Server, endpoint: Any) -> None:
    for headers in ({}, {"authorization": "Bearer mc_unknown"}, {"authorization": "Basic eDp5"}):
        answer = httpx.request(
            endpoint.method, f"{own.url}/api/v1{example(endpoint.path)}", headers={**headers, "idempotency-key": "k"}
        )
        if endpoint.public:
            assert answer.status_code not in (401, 403)
        else:
            assert answer.status_code == 401
            assert problem(answer) in ("token-missing", "token-unknown")
            assert answer.headers["www-authenticate"] == "Bearer"


def test_a_revoked_token_is_refused_by_a_server_that_runs(own: Server) -> None:
    token = issue(own, CENTRE)
    with Client(own.url, token) as client:
        assert client.get("/work-list", agency=CENTRE).status_code == 200
    with psycopg.connect(own.environment["MOTCUA_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(
            "UPDATE identity_token SET revoked_at = now() WHERE id = (SELECT max(id) FROM identity_token)"
        )
    until = monotonic() + 10
    with Client(own.url, token) as client:  # the server reads the tokens again each second
        while (answer := client.get("/work-list", agency=CENTRE)).status_code == 200 and monotonic() < until:
            pass
    assert answer.status_code == 401


# --- the description ----------------------------------------------------------------------------------------------


def test_the_description_lists_exactly_what_is_served(own: Server) -> None:
    described = httpx.get(f"{own.url}/api/v1/openapi.json").json()
    assert described["openapi"] == "3.1.0"
    listed = {(m.upper(), p) for p, operations in described["paths"].items() for m in operations}
    assert listed == {(e.method, f"/api/v1{e.path}") for e in wiring.ENDPOINTS}


def test_schemathesis_finds_no_answer_outside_the_description(own: Server) -> None:
    token = issue(own, CENTRE, COMMITTEE)
    run = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "run", f"{own.url}/api/v1/openapi.json",
            "--header", f"Authorization: Bearer {token}", "--max-examples", "10", "--seed", "1", "--workers", "1",
            "--phases", "examples,coverage,fuzzing", "--exclude-checks", "positive_data_acceptance",
        ],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
