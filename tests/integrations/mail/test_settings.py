"""Settings of the mail server that can't work, or would give a password away, are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from integrations.settings import Settings

WHOLE: dict[str, Any] = {"smtp_host": "mail.example", "smtp_sender": "U <u@models.example>"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"smtp_sender": None}, "set both"),
        ({"smtp_host": None}, "set both"),
        ({"smtp_sender": "nobody"}, "is no e-mail address"),
        ({"smtp_security": "none", "smtp_user": "robot"}, "by starttls or tls only"),
        ({"smtp_security": "ssl"}, "starttls"),
    ],
)
def test_what_can_not_work_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings(_env_file=None, **{**WHOLE, **changes})


def test_what_works_is_taken_and_the_password_is_not_shown() -> None:
    given: dict[str, Any] = {**WHOLE, "smtp_user": "robot", "smtp_password": "s3cret"}
    settings = Settings(_env_file=None, **given)
    assert "s3cret" not in repr(settings)
    near: dict[str, Any] = {"smtp_host": "127.0.0.1", "smtp_security": "none", "smtp_user": "robot"}
    assert Settings(_env_file=None, **{**WHOLE, **near}).smtp_user == "robot"
