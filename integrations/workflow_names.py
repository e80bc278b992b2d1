"""Names by which workflows are reached, for those who may not import them."""

from urllib.parse import quote

TASK_QUEUE = "undersigned"
SLACK_QUEUE = "slack-"
WORKFLOW = "ModelLifecycle"
LANE = "ModelLane"
REMINDERS = "PersonReminders"
DIGEST_ROUND = "DigestRound"
SIGNAL = "take"
PLACE = "place"
PLACES = "places"
REMIND = "remind"


def workflow_id(model: str, version: str) -> str:
    """Name a version's workflow, as `lifecycle/fraud-scorer/14`."""
    return f"lifecycle/{quote(model, safe='')}/{quote(version, safe='')}"


def lane_id(model: str) -> str:
    """Name the workflow that keeps a model's queues, as `lane/fraud-scorer`."""
    return f"lane/{quote(model, safe='')}"


def digests_id(kind: str, slack_queue: str) -> str:
    """Name the schedule of a workspace's digests, and its rounds, as `digests/daily/slack-T1`."""
    return f"digests/{kind}/{quote(slack_queue, safe='')}"


def slack_queue(workspace: str) -> str:
    """Name the task queue of a Slack workspace, as `slack-T0123`."""
    return f"{SLACK_QUEUE}{workspace}"


def workspace_of(queue: str | None) -> str | None:
    """Name the Slack workspace of a task queue."""
    return queue.removeprefix(SLACK_QUEUE) if queue else None


def reminders_id(person: str, slack_queue: str) -> str:
    """Name who gathers a person's reminders in a workspace, as `reminders/ana/slack-T1`."""
    return f"reminders/{quote(person, safe='')}/{quote(slack_queue, safe='')}"
