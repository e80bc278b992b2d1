"""What others are told of whom a request did not reach."""

from lifecycle.naming import called, title_of, verb
from lifecycle.reach import Reach, missing_in_slack, reach_of
from lifecycle.signoff_facts import UnreachedTold
from lifecycle.state import Signoff, VersionState

MOST_NAMES = 10
"""People who are named, each perhaps with a reason of their own."""


def unreached_text(state: VersionState, fact: UnreachedTold) -> str:
    """Say who can't be reached, why, and whether their request goes by e-mail."""
    signoff = state.stages[fact.stage].signoffs[fact.role]
    reached = reach_of(state, signoff)
    people: dict[str, tuple[str, ...]] = {}
    for person in fact.about[:MOST_NAMES]:
        why = reached[person].why if person in reached else ""
        people[why] = (*people.get(why, ()), person)
    said = [_unreached(state, names, why) for why, names in people.items()]
    if (more := len(fact.about) - MOST_NAMES) > 0:
        said.append(f"Nor can {more} more be reached.")
    said.append(_by_mail(fact, [reached[one] for one in fact.about if one in reached]))
    if fact.step is not None:
        said.append(f"Nobody who may sign as {fact.role} was reached.")
    return f"{title_of(state, fact.stage)}: {' '.join(one for one in said if one)}"


def _unreached(state: VersionState, people: tuple[str, ...], why: str) -> str:
    reason = f" ({why})" if why else ""
    return f"{called(state, people)} can't be reached in Slack{reason}."


def _by_mail(fact: UnreachedTold, reaches: list[Reach]) -> str:
    if not fact.mails or fact.step is not None:
        return ""
    is_plural, are_sent = len(fact.about) > 1, all(one.way == "email" for one in reaches)
    goes = "went" if are_sent else "go" if is_plural else "goes"
    return f"Their {'requests' if is_plural else 'request'} {goes} by e-mail."


def silence_words(state: VersionState, signoffs: list[Signoff], people: tuple[str, ...]) -> str:
    """Say of those who did not answer, or whom nothing reached, that it is so."""
    names = called(state, people) or "Nobody"
    lost = [missing_in_slack(one) for one in signoffs]
    if people and all(any(person in each for each in lost) for person in people):
        return f"{names} {verb(people)} out of reach."
    return f"{names} did not answer."
