"""Words for times, tones, and fields tied to their help and errors."""

from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from apps.common.errors import Invalid
from apps.common.templatetags._times import countdown_in_words, moment_in_words

NOW = datetime(2026, 11, 21, 14, 2, 9, tzinfo=UTC)


def render(source: str, **context: object) -> str:
    return Template("{% load console %}" + source).render(Context({"now": NOW, **context}))


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=0.4), "now"),
        (timedelta(seconds=4), "4 s ago"),
        (timedelta(seconds=59.9), "59 s ago"),
        (timedelta(minutes=11), "11 min ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(hours=48), "2 days ago"),
        (timedelta(days=-3), "in 3 days"),
    ],
)
def test_a_moment_is_said_in_one_unit(ago: timedelta, words: str) -> None:
    assert moment_in_words(NOW - ago, now=NOW) == words


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(seconds=9), "00:09"),
        (timedelta(minutes=11, seconds=3), "11:03"),
        (timedelta(hours=2), "02:00:00"),
        (timedelta(days=1, seconds=1), "1 d 00:00:01"),
        (timedelta(seconds=-5), "00:00"),
    ],
)
def test_a_countdown_keeps_its_width(left: timedelta, words: str) -> None:
    assert countdown_in_words(left) == words


def test_a_time_carries_its_exact_instant() -> None:
    shown = render("{% moment at %}", at=NOW - timedelta(hours=2))
    assert 'title="2026-11-21 12:02:09 UTC"' in shown
    assert ">2 h ago</time>" in shown


def test_a_deadline_that_passed_says_so_without_scripts() -> None:
    shown = render("{% countdown at over='expired' %}", at=NOW - timedelta(seconds=1))
    assert ">expired</time>" in shown


def test_no_time_is_never_shown_as_one() -> None:
    assert "never" in render("{% moment nothing %}")
    assert "no deadline" in render("{% countdown nothing %}")


def test_a_figure_that_could_not_be_read_is_unknown() -> None:
    shown = render("{% stat 'Zones' value %}", value=None)
    assert "unknown" in shown
    assert "c-stat-unknown" in shown


def test_there_are_five_tones_and_no_sixth() -> None:
    with pytest.raises(TemplateSyntaxError, match="'fine' is no tone"):
        render("{% status 'fine' 'All fine' %}")


def test_an_error_stands_at_the_field_it_names_and_at_no_other() -> None:
    error = Invalid("Nobody has that address.", field="email")
    named = render("{% text_input 'email' 'E-mail' 'mara' error help='Theirs.' %}", error=error)
    other = render("{% text_input 'name' 'Name' 'Mara' error %}", error=error)
    assert 'aria-describedby="id_email-help id_email-error"' in named
    assert 'value="mara"' in named
    assert "Nobody has that address." in named
    assert "Nobody" not in other


def test_a_plain_django_field_gets_its_help_and_error() -> None:
    class Plain(forms.Form):
        email = forms.EmailField(help_text="Theirs.")

    shown = render("{% field form.email autocomplete='off' %}", form=Plain({"email": "mara"}))
    assert 'aria-invalid="true"' in shown
    assert 'autocomplete="off"' in shown
    assert 'value="mara"' in shown
    assert 'id="id_email-help"' in shown


def test_what_people_typed_is_escaped() -> None:
    shown = render("{% copyable value %}{% diff value 'b' %}", value='"><script>alert(1)</script>')
    assert "<script>" not in shown


def test_a_code_is_never_shown_again() -> None:
    shown = render("{% code_input error %}", error=Invalid("Wrong.", field="code"))
    assert "value=" not in shown
    assert 'autocomplete="one-time-code"' in shown


def test_a_filter_keeps_the_others_and_leaves_the_page_behind() -> None:
    request = RequestFactory().get("/?state=open&zone=eu&cursor=abc")
    shown = render("{% filter_link 'Closed' 'state' 'closed' %}", request=request)
    assert "state=closed" in shown
    assert "zone=eu" in shown
    assert "cursor" not in shown


def test_names_in_backticks_are_set_as_code_and_nothing_else_is_markup() -> None:
    shown = render("{{ words|coded }}", words="Replace `full` by <b>")
    assert shown == "Replace <code>full</code> by &lt;b&gt;"
