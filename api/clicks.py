"""Slack clicks on their way to the workflow: durable before Slack gets its answer."""

from api.lifecycles import Lifecycles, NothingSent, UnknownVersion, VersionClosed
from integrations.slack.clicks import Click, ClickNotRecorded, ClickTooLate
from workflows.messages import Envelope


class DurableClicks:
    """Keeps clicks as signals to the version's workflow."""

    def __init__(self, lifecycles: Lifecycles) -> None:
        self._lifecycles = lifecycles

    async def send(self, click: Click) -> None:
        """Keep a click; raises ClickNotRecorded with the sentence when it surely is not kept."""
        command = click.command
        try:
            model, version = click.target
            await self._lifecycles.tell(
                model,
                version,
                Envelope(
                    id=command.id,
                    kind=command.kind,
                    by=command.by,
                    body=command.model_dump(mode="json", exclude={"id", "kind", "by"}),
                    reply_to=click.reply_to,
                    done=click.done,
                ),
            )
        except ValueError as error:
            raise ClickTooLate(f"This button is not one of ours: {error}") from error
        except VersionClosed as error:
            raise ClickTooLate(f"Nothing to decide any more: {error}.") from error
        except UnknownVersion as error:
            raise ClickTooLate(f"This request is not known any more: {error}.") from error
        except NothingSent as error:
            raise ClickNotRecorded(
                f"Your click was not recorded: {error}. Please click again in a minute."
            ) from error
