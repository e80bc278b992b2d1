"""Whether what a definition says of whole versions can come to bear."""

from collections.abc import Iterator

from lifecycle.definition import Lifecycle
from lifecycle.finding import Finding, warning


def request_findings(lifecycle: Lifecycle) -> Iterator[Finding]:
    """Find queues that nobody is ever in."""
    for index, stage in enumerate(lifecycle.stages):
        if stage.one_at_a_time and lifecycle.supersede:
            yield warning(
                ("stages", index, "one_at_a_time"),
                f"Hardly any version queues for {stage.name}: a newer version's request ends older "
                "ones in review. Write `supersede: false` to let them take turns.",
            )
