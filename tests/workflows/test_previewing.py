import pytest

from api.deps import utc_now
from lifecycle.commands import Migrate, Refused, WithdrawRequest
from lifecycle.definition import Lifecycle
from tests.workflows.office import REVIEW, Office

MORE = {"role": "validator", "quorum": 3, "statement": "I reviewed it."}
STRICTER = Lifecycle.model_validate(
    {**REVIEW, "stages": [{**REVIEW["stages"][0], "signoffs": [MORE]}]}
)


async def test_a_preview_says_what_a_move_would_ask_again_and_changes_nothing(
    office: Office,
) -> None:
    version = office.version(await office.describe())
    async with office.worker():
        stage = await version.asked()
        for person in ("ana", "ben"):
            await version.ask(version.decision(stage.signoffs[0], person))
        facts = await version.settled()
        events = len(await version.history())
        command = Migrate(id="m", by="key:1", scopes=("manager",), definition=STRICTER)
        seen = await office.lifecycles.preview(
            version.model, version.version, command, now=utc_now()
        )
        assert len(await version.history()) == events
    assert seen.facts[:2] == ("LifecycleMigrated", "StageReopened")
    assert "The approvals of Ana and Ben as validator of validate would stay." in seen.sentences
    assert "Cho would be asked to sign validate as validator." in seen.sentences
    assert seen.sequence == len(facts)


async def test_a_preview_of_what_is_refused_is_the_refusal(office: Office) -> None:
    version = office.version(await office.describe())
    async with office.worker():
        await version.asked()
        with pytest.raises(Refused, match="ask one of them") as caught:
            await office.lifecycles.preview(
                version.model,
                version.version,
                WithdrawRequest(id="w", by="dee", person="dee"),
                now=utc_now(),
            )
    assert caught.value.code == "may-not-withdraw"
