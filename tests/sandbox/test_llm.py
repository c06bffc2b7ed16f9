"""The model endpoint."""

import json
import string
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from apps.sandbox.llm.answer import cut, placeholders, summarise
from tests.fakes.sandbox import RunningSandbox

PROMPT = "Summarise this. Call [[PHONE_1]]. It rains. It pours. Write to [[EMAIL_1]], [[IBAN_2]]."


def chat(sandbox: RunningSandbox, *, number: int = 0, **more: Any) -> requests.Response:
    wanted = {
        "model": sandbox.info["llm_model"],
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": PROMPT},
        ],
    }
    return requests.post(
        f"{sandbox.info['llm_urls'][number]}/v1/chat/completions",
        json=wanted | more,
        headers={"Authorization": f"Bearer {sandbox.info['llm_api_key']}"},
        timeout=10,
    )


def test_masked_values_reappear_in_the_answer(sandbox_org: RunningSandbox) -> None:
    body = chat(sandbox_org).json()
    text = body["choices"][0]["message"]["content"]
    assert all(each in text for each in ("[[PHONE_1]]", "[[EMAIL_1]]", "[[IBAN_2]]"))
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0
    assert chat(sandbox_org).json()["choices"] == body["choices"]


def test_a_wrong_key_is_refused_in_openais_shape(sandbox_org: RunningSandbox) -> None:
    answer = requests.get(
        f"{sandbox_org.info['llm_urls'][0]}/v1/models",
        headers={"Authorization": "Bearer guess"},
        timeout=10,
    )
    assert answer.status_code == 401
    assert answer.json() == {
        "error": {
            "message": "Incorrect API key provided.",
            "type": "invalid_request_error",
            "param": None,
            "code": "invalid_api_key",
        }
    }


def test_the_models_are_listed(sandbox_org: RunningSandbox) -> None:
    answer = requests.get(
        f"{sandbox_org.info['llm_urls'][0]}/v1/models",
        headers={"Authorization": f"Bearer {sandbox_org.info['llm_api_key']}"},
        timeout=10,
    ).json()
    assert sandbox_org.info["llm_model"] in [each["id"] for each in answer["data"]]


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"model": "gpt-x"}, 404, "model_not_found"),
        ({"messages": []}, 400, "invalid_value"),
        ({"max_tokens": 0}, 400, "invalid_value"),
    ],
)
def test_a_wrong_request_is_refused(
    sandbox_org: RunningSandbox, wrong: dict[str, Any], status: int, code: str
) -> None:
    answer = chat(sandbox_org, **wrong)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_the_token_limit_cuts_the_answer(sandbox_org: RunningSandbox) -> None:
    body = chat(sandbox_org, max_tokens=4).json()
    assert body["usage"]["completion_tokens"] == 4
    assert body["choices"][0]["finish_reason"] == "length"


def test_a_streamed_answer_is_the_same_answer(sandbox_org: RunningSandbox) -> None:
    whole = chat(sandbox_org).json()["choices"][0]["message"]["content"]
    answer = chat(sandbox_org, stream=True)
    events = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    assert events.pop() == "[DONE]"
    deltas = [json.loads(event)["choices"][0]["delta"] for event in events]
    assert "".join(delta.get("content", "") for delta in deltas) == whole


def test_each_endpoint_counts_what_reached_it(sandbox_org: RunningSandbox) -> None:
    before = [sandbox_org.llm_requests(number)["count"] for number in (0, 1)]
    chat(sandbox_org, number=1)
    after = [sandbox_org.llm_requests(number)["count"] for number in (0, 1)]
    assert [after[0] - before[0], after[1] - before[1]] == [0, 1]
    assert "[[EMAIL_1]]" in sandbox_org.llm_requests(1)["requests"][-1]["body"]
    bare = requests.get(f"{sandbox_org.info['llm_urls'][1]}/_sandbox/requests", timeout=10).json()
    assert bare == {"count": after[1], "requests": []}


def test_an_endpoint_fails_when_told_to(sandbox_org: RunningSandbox) -> None:
    sandbox_org.fault("server_unavailable", base=sandbox_org.info["llm_urls"][0])
    assert chat(sandbox_org, number=1).status_code == 200
    assert [chat(sandbox_org).status_code for _ in range(2)] == [503, 200]


marks = st.builds("[[{}_{}]]".format, st.text(string.ascii_uppercase, min_size=1), st.integers(1))


@given(parts=st.lists(st.one_of(marks, st.text(max_size=20)), max_size=20))
def test_no_placeholder_is_ever_lost(parts: list[str]) -> None:
    prompt = " ".join(parts)
    answer = summarise([{"role": "user", "content": prompt}])
    assert set(placeholders(prompt)) <= set(placeholders(answer))


@given(text=st.text(max_size=80), most=st.integers(1, 30))
def test_a_cut_answer_is_a_beginning_of_the_whole(text: str, most: int) -> None:
    short, reason = cut(text, most)
    assert text.startswith(short)
    assert (short == text) or reason == "length"
