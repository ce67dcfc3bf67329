"""The README is true: every question in it is asked, every setting is in it, and it names what there is."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.readme import README, answer, questions, settings_table


def test_every_question_has_the_answer_that_is_shown(client: FlaskClient) -> None:
    asked = list(questions())
    assert len(asked) >= 10
    for question in asked:
        assert answer(client, question.path) == question.answer, question.path


def test_every_setting_is_described() -> None:
    assert settings_table() in README.read_text(encoding="utf-8")
