"""Names by which workflows are reached, for those who may not import them."""

from urllib.parse import quote

TASK_QUEUE = "undersigned"
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


def reminders_id(person: str) -> str:
    """Name the workflow that gathers a person's reminders, as `reminders/ana`."""
    return f"reminders/{quote(person, safe='')}"
