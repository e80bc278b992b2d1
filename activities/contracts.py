"""What workflows ask activities for: names, inputs and results."""

from datetime import datetime, timedelta

from integrations.slack.clicks import ReplyTo
from integrations.slack.gathering import DigestDue, DigestKind, Reminder
from lifecycle.calendars import WorkingTime
from lifecycle.canonical import Entry
from lifecycle.definition import Lifecycle, Reopenings
from lifecycle.errands import AnyErrand, LaneErrand
from lifecycle.fact_values import Previous
from lifecycle.lanes import Lane
from lifecycle.mailing import Unasked
from lifecycle.receipts import Receipt
from lifecycle.roster import Roster
from lifecycle.values import Frozen
from lifecycle.view import VersionView

RECORD_FACTS = "record_facts"
READ_STORY = "read_story"
READ_PREPARATION = "read_preparation"
CHECK_DEFINITION = "check_definition"
RUN_ERRAND = "run_errand"
TELL_TURN = "tell_turn"
CHECK_TURN = "check_turn"
SHOW_VIEW = "show_view"
ANSWER_CLICK = "answer_click"
RECOGNISE_ACCOUNT = "recognise_account"
READ_ACCOUNT = "read_account"
CHECK_ACCOUNT = "check_account"
SEND_REMINDERS = "send_reminders"
MAIL_REQUESTS = "mail_requests"
SEND_DIGEST = "send_digest"
HAND_OVER_DIGESTS = "hand_over_digests"

LEDGER_CONFLICT = "LedgerConflict"
"""The type of the error that no retry mends: the ledger holds another fact at a sequence."""


class VersionKey(Frozen):
    """Which version."""

    model: str
    version: str


class StoryPage(Frozen):
    """Entries of a version's chain, in order; `is_last` is False when more follow."""

    entries: tuple[Entry, ...] = ()
    is_last: bool = True


class StoryRequest(VersionKey):
    """Which part of a version's chain."""

    after: int = 0


class PreparationRequest(VersionKey):
    """What a version needs to know of its surroundings."""

    producers: tuple[str, ...] = ()
    lifecycle: Lifecycle | None = None
    """The pinned definition, when there is one already."""
    now: datetime
    also: tuple[str, ...] = ()
    """Further people to read, by id or identity: delegates."""
    wants_previous: bool = False
    """Whether a review begins, so that the version before matters."""
    slack_queue: str | None = None
    """Where the version's cards are; they stay while that workspace is there."""


class Preparation(Frozen):
    """What was read: rules, people, working time, and where cards are sent from."""

    definition: Lifecycle | None = None
    roster: Roster | None = None
    working: WorkingTime | None = None
    slack_queue: str | None = None
    """The task queue of the Slack workspace; None when Slack is not set up."""
    edition: int = 1
    """The edition of the rules that a version is pinned to; the first release named none."""
    pace: Reopenings | None = None
    previous: Previous | None = None
    """The last approved version of the model; one without a name when there is none."""
    mails: bool = False
    """Whether people whom Slack does not reach are asked by e-mail."""


class DefinitionCheck(Frozen):
    """A definition that a version shall follow."""

    definition: Lifecycle
    now: datetime


class CheckedDefinition(Frozen):
    """What is wrong with a definition, and its working time."""

    problems: tuple[str, ...] = ()
    working: WorkingTime | None = None


class ErrandRun(Frozen):
    """An errand to run."""

    errand: AnyErrand


class LaneStart(Frozen):
    """What the keeper of a model's queues starts with, and hands to its next run."""

    model: str
    lane: Lane | None = None
    waiting: tuple[LaneErrand, ...] = ()


class TurnOf(Frozen):
    """A version's place in a queue of its model."""

    model: str
    stage: str
    version: str
    ticket: int
    behind: tuple[str, ...] = ()
    """The versions ahead; none: it is this one's turn."""


class Showing(Frozen):
    """A view to show in Slack."""

    view: VersionView
    is_told: bool = False
    """Whether the version knows that Slack refuses the token, so that only showing is of use."""


class Shown(Frozen):
    """What came of showing a view: whom its open requests reached, as far as that is known."""

    receipts: tuple[Receipt, ...] = ()
    is_waiting: bool = False
    """Whether nothing could be shown, as Slack refuses the token."""


class MailOrder(Frozen):
    """Requests that did not reach somebody in Slack, to be sent by e-mail, and how they stand."""

    view: VersionView
    requests: tuple[Unasked, ...]


class ClickAnswer(Frozen):
    """A sentence for whoever clicked."""

    reply_to: ReplyTo
    sentence: str


class AccountSeen(Frozen):
    """A Slack account that nobody is known behind yet."""

    team: str
    user: str


class AccountQuestion(AccountSeen):
    """A Slack account that something was said through."""

    enterprise: str | None = None
    now: datetime


class AccountAnswer(Frozen):
    """What is known of an account."""

    barred: str = ""
    """Why it may not decide; empty: nothing is known against it."""
    checked_at: datetime | None = None
    """When Slack said so; None: it was never asked."""


class Handed(Frozen):
    """Reminders to one person, and how they are to be sent."""

    reminders: tuple[Reminder, ...] = ()
    slack_queue: str = ""
    """The task queue of the workspace."""
    gathering: timedelta = timedelta(0)
    """How long more reminders are waited for."""
    digests: tuple[DigestDue, ...] = ()


class RemindersStart(Frozen):
    """What gathering for one person starts with, and hands to its next run."""

    person: str
    handed: Handed | None = None
    left: tuple[Reminder, ...] = ()
    """Reminders that wait for the person's next digest."""
    again_at: datetime | None = None
    """When they are said by themselves."""


class DigestStart(Frozen):
    """What a round of digests starts with, and hands to its next run."""

    kind: DigestKind
    slack_queue: str
    """The task queue of the workspace."""
    at: datetime | None = None
    """The slot that the round is for; None: the one that the schedule started it for."""
    after: str = ""
    """The last person whose digest was handed over."""


class DigestPage(Frozen):
    """Some of the people whose day or week begins in a slot."""

    kind: DigestKind
    at: datetime
    after: str = ""


class DigestsHandedOver(Frozen):
    """How far a round has come."""

    count: int = 0
    last: str = ""
    """The last person of the page; empty when there was nobody more."""
