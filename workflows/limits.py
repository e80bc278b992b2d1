"""How long a run of a version's workflow grows before the next one takes over."""

from temporalio import workflow

from workflows.recording import Recorder

SOFT_LIMIT = 400
"""History events after which a run ends once it is idle; replay cost grows faster than history."""
HARD_LIMIT = 800
LAST_LIMIT = 1_200
"""From here on answers don't wait for their recording: under steady load a run would never end."""
LARGEST_CARRIED = 512 * 1024
"""Characters of unrecorded facts that a run hands on; what starts a run holds 2 MB at most."""


def should_continue(recorder: Recorder, *, is_idle: bool) -> bool:
    """Say whether the next run should take over now."""
    if recorder.backlog > LARGEST_CARRIED:
        return False  # until the database is back; the history may grow meanwhile
    info = workflow.info()
    length = info.get_current_history_length()
    if length >= HARD_LIMIT or info.is_continue_as_new_suggested():
        return True
    is_old = length >= SOFT_LIMIT or info.is_target_worker_deployment_version_changed()
    return is_old and is_idle and not recorder.entries


def is_overdue(recorder: Recorder) -> bool:
    """Say whether a run is so long that nothing waits for its recording any more."""
    if recorder.backlog > LARGEST_CARRIED:
        return False
    return workflow.info().get_current_history_length() >= LAST_LIMIT


def newest_build() -> workflow.ContinueAsNewVersioningBehavior | None:
    """Let the next run move to the newest build, where workers are versioned."""
    if workflow.info().get_current_deployment_version() is None:
        return None
    return workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE
