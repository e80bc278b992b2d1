"""What people do in modals and on the home tab."""

from typing import Any

from integrations.slack.sandbox import payloads
from integrations.slack.sandbox.acts import Acts
from integrations.slack.sandbox.api_views import close, fill, push
from integrations.slack.sandbox.delivery import Delivery
from integrations.slack.sandbox.errors import ApiError, NoSuchView
from integrations.slack.sandbox.forms import refuse_incomplete, refuse_strangers, state_values
from integrations.slack.sandbox.records import Json, Person, View, find_element
from integrations.slack.sandbox.view_rules import check_view

TROUBLE = "We had some trouble connecting. Try again?"


class ModalActs(Acts):
    """Submitting, closing and clicking in views."""

    def open_views(self, who: Person | str) -> list[View]:
        """List the modals on a person's screen, the topmost last."""
        return list(self._workspace.stacks.get(self._workspace.person(who).id, []))

    def home(self, who: Person | str) -> View | None:
        """Show a person's home tab."""
        return self._workspace.homes.get(self._workspace.person(who).id)

    def _top(self, person: Person, view_id: str | None) -> View:
        stack = self.open_views(person)
        if not stack or view_id not in {None, stack[-1].id}:
            shown = [f"{view.id} {view.title!r}" for view in stack]
            raise NoSuchView(f"{person.handle} has {shown} open, {view_id} isn't the topmost")
        return stack[-1]

    async def click_view(
        self,
        who: Person | str,
        action_id: str,
        value: Any = None,
        *,
        block_id: str | None = None,
        values: Json | None = None,
        view_id: str | None = None,
    ) -> Delivery:
        """Click or choose in the topmost modal, else on the home tab.

        `value` is what is chosen, None for a button; `values` is what else the form holds.
        """
        person = self._actor(who)
        home = self.home(person)
        if home is not None and (view_id == home.id or not self.open_views(person)):
            view = home
        else:
            view = self._top(person, view_id)
        block, element = find_element(list(view.elements()), action_id, block_id)
        payload = payloads.view_action(
            self._workspace, person, view, (block, element, value), values
        )
        return await self._deliver("interactive", payload)

    async def submit_view(
        self, who: Person | str, view_id: str | None = None, values: Json | None = None
    ) -> Delivery:
        """Submit the topmost modal with {block id: {action id: value}} and do what the app answers.

        Without an acknowledgement in time the modal stays, with Slack's words in `view.errors`.
        Raises `NoSuchView`, and `FormIncomplete` where Slack's client wouldn't send it.
        """
        person = self._actor(who)
        view = self._top(person, view_id)
        entered = state_values(list(view.elements()), values)
        refuse_incomplete(view.blocks, entered)
        refuse_strangers(entered, self._workspace.people)
        payload = payloads.submission(self._workspace, person, view, entered)
        delivery = await self._deliver("interactive", payload)
        if delivery.is_acknowledged:
            self._follow_or_note(view, delivery)
        else:
            view.errors = {"": TROUBLE}
        self._workspace.touch()
        return delivery

    def _follow_or_note(self, view: View, delivery: Delivery) -> None:
        """Do what the app answers; what Slack can't use becomes the delivery's trouble."""
        try:
            self._follow(view, delivery)
        except ApiError as refusal:
            problems = refusal.extra.get("response_metadata", {}).get("messages", [])
            delivery.outcome = "refused"
            delivery.trouble = "; ".join([refusal.code, *problems])
            view.errors = {"": TROUBLE}

    def _follow(self, view: View, delivery: Delivery) -> None:
        """Do what a submission's answer asks for; an empty one closes the modal."""
        if not delivery.body.strip():
            close(self._workspace, view)
            return
        answer = delivery.answer
        match answer.get("response_action"):
            case "errors":
                view.errors = self._field_errors(view, answer.get("errors"))
            case "update":
                check_view(answer.get("view"), "modal")
                fill(self._workspace, view, answer["view"])
            case "push":
                check_view(answer.get("view"), "modal")
                push(self._workspace, view.user, answer["view"])
            case "clear":
                for each in self.open_views(view.user):
                    close(self._workspace, each)
            case other:
                raise ApiError(f"unknown response_action {other!r}")

    def _field_errors(self, view: View, errors: Any) -> dict[str, str]:
        """Read errors for inputs; Slack refuses those that name no input of the modal."""
        inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        is_shaped = isinstance(errors, dict) and errors and set(errors) <= inputs
        if not is_shaped or not all(isinstance(text, str) and text for text in errors.values()):
            raise ApiError("errors must name input blocks of the view")
        return dict(errors)

    async def close_view(self, who: Person | str, view_id: str | None = None) -> Delivery | None:
        """Cancel the topmost modal; the app hears of it when it asked to with `notify_on_close`."""
        person = self._actor(who)
        view = self._top(person, view_id)
        clears = bool(view.content.get("clear_on_close"))
        for each in self.open_views(person) if clears else [view]:
            close(self._workspace, each)
        if not view.content.get("notify_on_close"):
            return None
        payload = payloads.closing(self._workspace, person, view, is_cleared=clears)
        return await self._deliver("interactive", payload)
