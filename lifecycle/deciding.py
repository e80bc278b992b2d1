"""One owner's answer to a sign-off: who may give it, on what, and what it means."""

from lifecycle.asking import shortage_now
from lifecycle.binding import changes
from lifecycle.clocks import evidence_due
from lifecycle.commands import Decide, Refused
from lifecycle.definition import SignoffRule, StageRule
from lifecycle.eligibility import exclusion, holders, right_of, role_signed_by
from lifecycle.evolve import evolve
from lifecycle.fact_values import Right
from lifecycle.notices import called
from lifecycle.roster import Member
from lifecycle.settle import settle
from lifecycle.stage_facts import ChangesRequested, SignedOff, StagePaused, StageSentBack
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
    rule = story.lifecycle.stage(key.stage)
    if command.decision == "approve":
        _approve(story, rule, stage, signoff, command, person.id, right)
    else:
        _request_changes(story, rule, stage, signoff, command, person.id, right)


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


def _check_once(story: Story, stage: Stage, signoff: Signoff, person: str) -> None:
    if any(v.person == person and v.revision == signoff.revision for v in signoff.votes):
        raise Refused(
            "already-signed",
            f"You already approved this as {signoff.role}; one person counts once.",
        )
    signed = role_signed_by(story.state, stage, person)
    if signed is not None and story.lifecycle.separation.one_person == "one_role":
        raise Refused(
            "already-signed",
            f"You already signed for {signed}; one person counts once per stage.",
        )


def _approve(
    story: Story,
    rule: StageRule,
    stage: Stage,
    signoff: Signoff,
    command: Decide,
    person: str,
    right: Right,
) -> None:
    _check_once(story, stage, signoff, person)
    if _rule_of(rule, signoff.role).confirm and not command.comment:
        raise Refused(
            "comment-required",
            f"Approving as {signoff.role} needs a comment: say what you checked.",
        )
    fact = SignedOff(
        **story.stamp,
        stage=stage.name,
        round=signoff.round,
        role=signoff.role,
        person=person,
        revision=signoff.revision,
        comment=command.comment,
        right=right,
        via=command.via,
    )
    _check_seats(story, stage, signoff, fact)
    story.add(fact)


def _rule_of(rule: StageRule, role: str) -> SignoffRule:
    return next(one for one in rule.signoffs if one.role == role)


def _check_seats(story: Story, stage: Stage, signoff: Signoff, fact: SignedOff) -> None:
    """Refuse an approval that would take a person whom another open seat cannot do without."""
    after = evolve(story.state, fact)
    if shortage_now(story.state, story.lifecycle, stage) is not None:
        return
    short = shortage_now(after, story.lifecycle, after.stages[stage.name])
    if short is not None:
        roles = " and ".join(role.role for role in short.roles if role.role != signoff.role)
        raise Refused(
            "needed-elsewhere",
            f"Only you can sign as {roles or signoff.role}; leave {signoff.role} to somebody "
            "else, or have another owner added.",
        )


def send_back_choices(rule: StageRule) -> tuple[str, ...]:
    """Give where a request for changes may send a version; without choices, this stage again."""
    return rule.send_back_to or (rule.name,)


def _target(rule: StageRule, command: Decide) -> str:
    choices = send_back_choices(rule)
    if command.send_back_to is None and len(choices) == 1:
        return choices[0]
    if command.send_back_to is None:
        raise Refused("target-required", f"Say where it goes: {' or '.join(choices)}.")
    if command.send_back_to not in choices:
        raise Refused(
            "unknown-target",
            f"{rule.name} can't send back to {command.send_back_to}; "
            f"choose {' or '.join(choices)}.",
        )
    return command.send_back_to


def _request_changes(
    story: Story,
    rule: StageRule,
    stage: Stage,
    signoff: Signoff,
    command: Decide,
    person: str,
    right: Right,
) -> None:
    if not command.comment:
        raise Refused("comment-required", "Say what must change, so that the producers can act.")
    target = _target(rule, command)
    story.add(
        ChangesRequested(
            **story.stamp,
            stage=stage.name,
            round=signoff.round,
            role=signoff.role,
            person=person,
            revision=signoff.revision,
            comment=command.comment,
            send_back_to=target,
            right=right,
            via=command.via,
        )
    )
    _send_back(story, rule, target, command.comment, person)


def _send_back(story: Story, rule: StageRule, target: str, reason: str, by: str) -> None:
    goal = story.lifecycle.stage(target)
    story.add(
        StageSentBack(
            **story.stamp,
            stage=target,
            round=story.stage(goal).round + 1,
            from_stage=rule.name,
            by=by,
            reason=reason,
            evidence_due=evidence_due(story.state, goal, story.now),
        )
    )
    for name in story.lifecycle.dependents_of(target):
        stage = story.state.stages[name]
        if stage.status != StageStatus.WAITING:
            why = f"Sent back to {target}: {reason}"
            story.add(StagePaused(**story.stamp, stage=name, round=stage.round, why=why))
