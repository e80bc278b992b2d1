"""One owner's answer to a sign-off: who may give it, on what, and what it means."""

from lifecycle.answers import Given, approve, request_changes
from lifecycle.binding import changes
from lifecycle.commands import Decide, Refused
from lifecycle.eligibility import escalation_exclusion, exclusion, holders, right_of
from lifecycle.fact_values import Right
from lifecycle.notices import called
from lifecycle.roster import Member
from lifecycle.settle import settle
from lifecycle.side_stages import stage_rule
from lifecycle.state import Signoff, SignoffStatus, Stage, StageStatus, VersionState
from lifecycle.story import Story
from lifecycle.values import SignoffKey


def decide_signoff(story: Story, command: Decide) -> None:
    """Take an owner's answer; raises Refused with the sentence for them."""
    settle(story)
    key = _key(story.state, command)
    stage = story.state.stages[key.stage]
    signoff = _signoff(story.state, stage, key)
    person = _person(story.state, signoff, command)
    right = _right(story.state, signoff, person)
    _check_open(story.state, stage, signoff)
    _check_revision(signoff, command)
    rule = stage_rule(story.state, key.stage)
    given = Given(rule, stage, signoff, command, person.id, right)
    if command.decision == "approve":
        approve(story, given)
    else:
        request_changes(story, given)


def _key(state: VersionState, command: Decide) -> SignoffKey:
    try:
        key = SignoffKey.parse(command.signoff)
    except ValueError as error:
        raise Refused("unknown-signoff", str(error)) from error
    if (key.model, key.version) != (state.model, state.version) or key.stage not in state.stages:
        raise Refused(
            "unknown-signoff",
            f"{state.model} {state.version} has no sign-off {command.signoff}.",
        )
    if state.is_closed:
        raise Refused("closed", f"Nothing can be signed any more: {state.closed_why}")
    if state.is_withdrawn:
        raise Refused("withdrawn", f"Nothing can be signed now: {state.closed_why}")
    return key


def _signoff(state: VersionState, stage: Stage, key: SignoffKey) -> Signoff:
    current = stage.signoffs.get(key.role)
    if current is not None and current.round == key.round:
        return current
    earlier = stage.earlier.get(key.role)
    if earlier is None and current is None:
        raise Refused("unknown-signoff", f"Nobody is asked to sign {key.stage} as {key.role}.")
    if key.round > max(stage.round, current.round if current else 0):
        raise Refused("unknown-signoff", f"{key.stage} has no round {key.round} yet.")
    raise Refused("other-revision", _over(state, key, earlier, current))


def _over(
    state: VersionState,
    key: SignoffKey,
    earlier: Signoff | None,
    current: Signoff | None,
) -> str:
    """Say what became of the round that an old card was about."""
    ended = f"Round {key.round} of {key.stage} is over."
    if current is None:
        why = f" {earlier.why}" if earlier is not None and earlier.round == key.round else ""
        again = f"You are asked again when {state.model} {state.version} is ready."
        return f"{ended}{why} {again}"
    changed = changes(earlier.binding, current.binding) if earlier is not None else ()
    return " ".join([ended, *changed, f"Decide on the request of round {current.round}."])


def _person(state: VersionState, signoff: Signoff, command: Decide) -> Member:
    roster, via = state.roster, command.via
    name = command.person or f"slack:{via.team}/{via.slack_user}"
    member = roster.person(name) if roster else None
    if member is not None:
        return member
    may = called(state, holders(state, signoff)) or "nobody"
    if command.person:
        sentence = f"{name} is not asked to sign as {signoff.role}; {may} may."
    else:
        sentence = (
            f"Your Slack account is not linked to anybody asked here; {may} may sign as "
            f"{signoff.role}. Ask an administrator to link it, if that is you."
        )
    raise Refused("not-an-owner", sentence)


def _right(state: VersionState, signoff: Signoff, person: Member) -> Right:
    right = right_of(state, signoff, person.id)
    barred = escalation_exclusion(state, signoff, person.id)
    if right is None and barred is not None and person.id in signoff.escalated:
        raise Refused(barred.code, barred.sentence)
    if right is None:
        may = called(state, holders(state, signoff)) or "nobody"
        raise Refused(
            "not-an-owner",
            f"{person.called} is not asked to sign as {signoff.role}; {may} may.",
        )
    excluded = exclusion(state, signoff.role, person.id)
    if excluded is not None:
        raise Refused(excluded.code, excluded.sentence)
    return right


def _check_open(state: VersionState, stage: Stage, signoff: Signoff) -> None:
    if signoff.status == SignoffStatus.APPROVED:
        by = called(state, tuple(vote.person for vote in signoff.votes))
        raise Refused("decided", f"This is decided already: approved by {by}.")
    if signoff.status != SignoffStatus.PENDING or stage.status != StageStatus.ASKING:
        raise Refused("decided", f"{stage.name} is not asking for sign-offs now: {stage.why}")


def _check_revision(signoff: Signoff, command: Decide) -> None:
    if command.revision == signoff.revision:
        return
    before = signoff.before.get(command.revision)
    changed = " ".join(changes(before, signoff.binding)) if before is not None else ""
    raise Refused(
        "other-revision",
        "What you decided on is not what stands now. "
        + (changed or "Look at the request again.")
        + f" The current revision is {signoff.revision}.",
    )
