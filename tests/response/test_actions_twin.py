"""Actions that exclude each other: the resolver against a plain twin, and its laws."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.response.actions import (
    ActionTable,
    Decision,
    Said,
    load_actions,
    settle_actions,
    settle_group,
)
from epilepsy_pgx.response.rules import load_groups
from epilepsy_pgx.vocabulary import ActionClass
from tests.drawing import examples
from tests.excluding import excluding

MANY = settings(max_examples=examples(200), deadline=None)


@pytest.fixture(scope="module")
def table(reference: Reference) -> ActionTable:
    return load_actions(reference, load_groups(reference))


def rows(reference: Reference, name: str) -> list[dict[str, str | None]]:
    return [dict(row.items()) for row in reference.table(name)]


def twin(said: list[Said], reference: Reference) -> list[tuple[str, str | None]]:
    """What is kept, worked out pair by pair from the cells of the tables."""
    actions = {r["text_id"]: r for r in rows(reference, "actions")}
    ranks = rows(reference, "action_ranks")

    def beaten(text: str, item: Said) -> bool:
        for other in said:
            for key in (other.text_id, other.action_id):
                if key not in actions or text not in actions:
                    continue
                for rank in ranks:
                    if (rank["class"], rank["over"]) != (
                        actions[key]["class"],
                        actions[text]["class"],
                    ):
                        continue
                    holds = {
                        "always": True,
                        "taken": other.taken,
                        "sign_now": actions[key]["answers"] == "sign_now",
                        "sign_to_come": actions[key]["answers"] == "sign_to_come"
                        and actions[text]["answers"] is None,
                    }[rank["when"]]
                    unsure = other.conditional and not item.conditional
                    if holds and not (unsure and rank["if_possible"] == "no"):
                        return True
        return False

    found = []
    for item in said:
        text, action = item.text_id, item.action_id
        if beaten(text, item):
            text = actions[text]["text_instead"]
        if action is not None and beaten(action, item):
            action = actions[action]["text_instead"]
        found.append((text, action))
    return found


def lines(table: ActionTable) -> st.SearchStrategy[list[Said]]:
    sentences = sorted(t for t in table.actions if not t.startswith("action-"))
    actions = sorted(t for t in table.actions if t.startswith("action-"))
    return st.lists(
        st.builds(
            Said,
            st.sampled_from([*sentences, "rule-without-class"]),
            st.none() | st.sampled_from(actions),
            st.booleans(),
            st.booleans(),
        ),
        min_size=1,
        max_size=5,
    )


def said_now(item: Said, decision: Decision) -> Said:
    return Said(decision.text_id, decision.action_id, item.conditional, item.taken)


@MANY
@given(data=st.data())
def test_the_resolver_agrees_with_its_twin(
    table: ActionTable, reference: Reference, data: st.DataObject
) -> None:
    said = data.draw(lines(table))
    settled = settle_actions(said, table)
    assert [(d.text_id, d.action_id) for d in settled] == twin(said, reference)


@MANY
@given(data=st.data())
def test_nothing_that_is_kept_excludes_another(table: ActionTable, data: st.DataObject) -> None:
    said = data.draw(lines(table))
    kept = [said_now(s, d) for s, d in zip(said, settle_actions(said, table), strict=True)]
    assert excluding(kept, table) == ()
    assert [(d.text_id, d.action_id) for d in settle_actions(kept, table)] == [
        (s.text_id, s.action_id) for s in kept
    ]


@MANY
@given(data=st.data())
def test_a_stop_is_always_kept(table: ActionTable, data: st.DataObject) -> None:
    said = data.draw(lines(table))
    for item, decision in zip(said, settle_actions(said, table), strict=True):
        action = table.actions.get(item.action_id or "")
        if action is not None and action.kind is ActionClass.STOP:
            assert decision.action_id == item.action_id


@MANY
@given(data=st.data())
def test_the_order_decides_nothing(table: ActionTable, data: st.DataObject) -> None:
    said = data.draw(lines(table))
    settled = dict(zip(said, settle_actions(said, table), strict=True))
    for other in list(permutations(said))[:24]:
        assert dict(zip(other, settle_actions(other, table), strict=True)) == settled


@MANY
@given(data=st.data())
def test_more_said_keeps_no_more_going(table: ActionTable, data: st.DataObject) -> None:
    """Another sign removes no stop, and data that are missing turn no stop into words to go on."""
    said = data.draw(lines(table))
    more = [*said, *data.draw(lines(table))]
    fewer, all_ = settle_actions(said, table), settle_actions(more, table)
    for item, before, after in zip(said, fewer, all_, strict=False):
        if before.action_id != item.action_id:
            assert after.action_id == before.action_id
        if before.text_id != item.text_id:
            assert after.text_id == before.text_id


@MANY
@given(data=st.data())
def test_no_statement_is_lost(table: ActionTable, data: st.DataObject) -> None:
    said = data.draw(lines(table))
    settled = settle_actions(said, table)
    assert len(settled) == len(said)
    assert all(d.text_id for d in settled)
    for item, decision in zip(said, settled, strict=True):
        changed = (item.text_id, item.action_id) != (decision.text_id, decision.action_id)
        assert changed == (decision.by is not None)


STOP = Said("rule-reaction-skin-aromatic", "action-signs-now", taken=True)


@pytest.mark.parametrize(
    ("said", "text", "action"),
    [
        (
            Said("rule-scn1a-lof-blockers", "action-channel-taking", taken=True),
            "rule-scn1a-lof-blockers",
            "action-channel-review",
        ),
        (
            Said("rule-scn2a-undetermined-open", "action-channel-open-taking", taken=True),
            "rule-scn2a-undetermined-open-finding",
            "action-channel-open-weigh",
        ),
        (
            Said("rule-clinical-pregnant-valproate", "action-pregnant-taking", taken=True),
            "rule-clinical-pregnant-valproate",
            "action-pregnant-review",
        ),
        (
            Said("rule-hla-b1502-tolerated", "action-skin-tolerated", taken=True),
            "rule-hla-b1502-tolerated",
            "action-skin-not-again",
        ),
        (
            Said("rule-cyp2c9-phenytoin-dpwg-1-3", "action-dose-taking", taken=True),
            "rule-cyp2c9-phenytoin-figure-dpwg",
            None,
        ),
        (Said("deciding-dose", taken=True), "deciding-sedation", None),
        (Said("interaction-valproate-lamotrigine", taken=True), "interaction-plain-size", None),
        (
            Said("rule-reaction-fever-aromatic", "action-fever-today", taken=True),
            "rule-reaction-fever-aromatic",
            "action-examine-today",
        ),
    ],
)
def test_beside_stop_now(table: ActionTable, said: Said, text: str, action: str | None) -> None:
    settled = settle_actions([said, STOP], table)
    assert settled[0] == Decision(text, action, "action-signs-now")
    assert settled[1] == Decision(STOP.text_id, STOP.action_id)


def test_a_possible_stop_ends_no_certain_watch(table: ActionTable) -> None:
    """`If confirmed: stop` takes `nobody stops it` away, but no signs to watch for."""
    maybe = Said("rule-polg-predicted-valproate", "action-signs-now", conditional=True, taken=True)
    keep = Said("rule-clinical-pregnant-valproate", "action-pregnant-taking", taken=True)
    watch = Said("rule-clinical-under2-valproate", "action-liver-taking", taken=True)
    settled = settle_actions([maybe, keep, watch], table)
    assert [d.action_id for d in settled] == [
        "action-signs-now",
        "action-pregnant-review",
        "action-liver-taking",
    ]


def test_a_risk_without_a_sign_leaves_a_drug_to_its_prescriber(table: ActionTable) -> None:
    heart = Said("rule-clinical-conduction-lamotrigine", "action-heart-taking", taken=True)
    keep = Said("rule-scn1a-lof-blockers", "action-channel-taking", taken=True)
    assert all(d.by is None for d in settle_actions([heart, keep], table))


def test_status_epilepticus_is_treated_without_a_drug_that_is_stopped(table: ActionTable) -> None:
    status = Said("context-status")
    assert settle_group(status, {"phenytoin": [STOP]}, table).text_id == "context-status-without"
    assert settle_group(status, {"phenytoin": []}, table).text_id == "context-status"
    naive = Said("rule-hla-b1502-phenytoin", "action-skin-naive")
    assert settle_group(status, {"phenytoin": [naive]}, table).text_id == "context-status-without"
    dose = Said("rule-cyp2c9-phenytoin-pm-cpic", "action-dose-naive")
    assert settle_actions([naive, dose], table)[1].action_id is None


def test_a_stop_that_is_only_possible_delays_no_loading_dose(table: ActionTable) -> None:
    """A rash and no medication list: phenytoin is still given in status epilepticus."""
    maybe = Said("rule-reaction-skin-aromatic", "action-signs-if-taken", conditional=True)
    typing, status = Said("deciding-hla-emergency"), Said("context-status")
    assert settle_actions([maybe, typing], table)[1].text_id == "deciding-hla-emergency"
    assert settle_group(status, {"phenytoin": [maybe]}, table).by is None


def test_a_gene_speaks_only_of_its_own_drugs(table: ActionTable) -> None:
    gene = Said("therapy-scn2a-undetermined")
    for drug, changed in (("carbamazepine", True), ("valproate", False)):
        assert (settle_group(gene, {drug: [STOP]}, table).by is not None) == changed
