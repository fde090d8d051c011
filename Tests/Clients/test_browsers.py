"""Browser apps: preflights, and headers that let an app read every response."""

import httpx
import pytest

APP = "https://chat.example.com"
PREFLIGHT = {
    "Origin": APP,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,x-stainless-lang",
}


@pytest.fixture
def browser(start):
    gateway = start(members=f'cors: {{ origins: ["{APP}"] }}\n')
    with httpx.Client(base_url=gateway.url, headers={"Origin": APP}) as http:
        http.key = gateway.first_key()
        yield http


def test_preflight_needs_no_key(browser):
    answer = browser.options("/v1/chat/completions", headers=PREFLIGHT)
    assert answer.status_code == 204 and not answer.content
    assert answer.headers["access-control-allow-origin"] == APP
    assert answer.headers["access-control-allow-headers"] == PREFLIGHT["Access-Control-Request-Headers"]
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_every_answer_can_be_read(browser):
    body = {"model": "sandbox", "messages": [{"role": "user", "content": "Hello"}]}
    good = {"Authorization": f"Bearer {browser.key}"}
    answers = [
        browser.post("/v1/chat/completions", json=body, headers=good),
        browser.post("/v1/chat/completions", json=body | {"stream": True}, headers=good),
        browser.post("/v1/chat/completions", json=body, headers={"Authorization": "Bearer sk-wrong"}),
        browser.post("/v1/chat/completions", content=b"{", headers=good),
        browser.get("/v1/models", headers=good),
        browser.get("/nothing", headers=good),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 401, 400, 200, 404]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == APP
        assert answer.headers["access-control-expose-headers"] == "*"


def test_another_app_may_read_nothing(browser):
    other = {"Origin": "https://evil.example.com"}
    for answer in (
        browser.options("/v1/chat/completions", headers=PREFLIGHT | other),
        browser.get("/v1/models", headers=other | {"Authorization": f"Bearer {browser.key}"}),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
