"""Writing: what is read from what was written is the same model, and the same model gives the same bytes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.rules.dmn.model import (
    AGGREGATIONS,
    HITS,
    BoxedContext,
    BoxedFilter,
    BoxedFunction,
    BoxedList,
    BoxedRule,
    BoxedTable,
    Conditional,
    Decision,
    DecisionService,
    Definitions,
    FunctionItem,
    InputClause,
    InputData,
    Invocation,
    ItemDefinition,
    Knowledge,
    LiteralExpression,
    Loop,
    OutputClause,
    Relation,
    Source,
    Variable,
)
from governance.rules.dmn.read import read_model
from governance.rules.dmn.write import write_model
from ledger.errors import BrokenInput
from tests.conftest import CASES

_XML = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff") | st.sampled_from(
    "\n\t\r<>&\"'"
)
_BLANK = " \t\r\n"
texts = st.text(_XML, max_size=12).map(lambda text: text.strip(_BLANK))
written = texts.filter(bool)
sources = written.map(Source)
names = st.text("abc \u00e9'-/+.", min_size=1, max_size=8).map(lambda text: " ".join(text.split()) or "n")
types = st.none() | st.sampled_from(["number", "date and time", "tGrade", "list<number>"])
variables = st.builds(Variable, names, types)
unique = st.lists(variables, max_size=3, unique_by=lambda one: one.name).map(tuple)


@st.composite
def tables(draw: Any) -> BoxedTable:
    inputs, outputs, notes = (draw(st.integers(low, 2)) for low in (0, 1, 0))
    hit = draw(st.sampled_from(HITS))
    return BoxedTable(
        hit,
        tuple(draw(st.builds(InputClause, sources, types, st.none() | sources, texts)) for _ in range(inputs)),
        tuple(
            draw(st.builds(OutputClause, names, types, st.none() | sources, st.none() | sources, texts))
            for _ in range(outputs)
        ),
        tuple(
            BoxedRule(
                tuple(draw(texts.map(Source)) for _ in range(inputs)),
                tuple(draw(sources) for _ in range(outputs)),
                tuple(draw(texts) for _ in range(notes)),
                draw(texts),
            )
            for _ in range(draw(st.integers(0, 2)))
        ),
        draw(st.sampled_from((None, *AGGREGATIONS))),
        draw(types),
        draw(texts),
        draw(texts),
        tuple(draw(names) for _ in range(notes)),
    )


def boxes(inner: Any) -> Any:
    def relation(columns: tuple[Variable, ...]) -> Any:
        row = st.tuples(*[inner for _ in columns])
        return st.builds(Relation, st.just(columns), st.lists(row, max_size=2).map(tuple), types)

    entries = st.tuples(unique, st.lists(inner, min_size=3, max_size=3), st.none() | inner).map(
        lambda made: (*zip(made[0], made[1], strict=False), *(() if made[2] is None else ((None, made[2]),)))
    )
    bindings = st.tuples(unique, st.lists(st.none() | inner, min_size=3, max_size=3)).map(
        lambda made: tuple(zip(made[0], made[1], strict=False))
    )
    return st.one_of(
        st.builds(BoxedContext, entries, types),
        st.builds(Invocation, inner, bindings, types),
        unique.flatmap(relation),
        st.builds(BoxedList, st.lists(inner, max_size=2).map(tuple), types),
        st.builds(BoxedFunction, unique, st.none() | inner, types),
        st.builds(Conditional, inner, inner, inner, types),
        st.builds(BoxedFilter, inner, inner, types),
        st.builds(Loop, st.sampled_from(["for", "every", "some"]), names.map(Variable), inner, inner, types),
    )


expressions = st.recursive(st.builds(LiteralExpression, texts.map(Source), types) | tables(), boxes, max_leaves=6)
items = st.recursive(
    st.builds(ItemDefinition, names, types, is_list=st.booleans(), allowed=st.none() | sources, label=texts)
    | st.builds(ItemDefinition, names, function=st.builds(FunctionItem, unique, types), description=texts),
    lambda inner: st.builds(
        ItemDefinition,
        names,
        components=st.lists(inner, min_size=1, max_size=2, unique_by=lambda one: one.name).map(tuple),
        constraint=st.none() | sources,
        id=texts,
    ),
    max_leaves=3,
)


@st.composite
def models(draw: Any) -> Definitions:
    name = st.just
    node_names = draw(st.lists(names, min_size=5, max_size=5, unique=True))
    data, one, two, known, service = node_names
    note = {"label": texts, "description": texts}
    nodes = (
        draw(st.builds(InputData, name(data), name("i1"), variables, **note)),
        draw(st.builds(Decision, name(one), name("d1"), variables, name((data,)), logic=expressions, **note)),
        draw(
            st.builds(
                Decision, name(two), name("d2"), variables, name((one, data)), name((service, known)),
                logic=st.none() | expressions, question=texts, answers=texts, **note,
            )
        ),
        draw(st.builds(Knowledge, name(known), name("k1"), variables, st.none() | st.builds(
            BoxedFunction, unique, st.none() | expressions, types), **note)),
        draw(st.builds(DecisionService, name(service), name("s1"), variables, name((two,)), name((one,)),
                       name(()), name((data,)), **note)),
    )  # fmt: skip
    held = tuple(draw(st.lists(items, max_size=2, unique_by=lambda item: item.name)))
    return Definitions(draw(names), draw(written), draw(texts), held, nodes, draw(texts))


@given(models())
@settings(max_examples=80)
def test_what_is_written_reads_back_to_the_same_model(model: Definitions) -> None:
    data = write_model(model)
    read = read_model(data)
    assert read.findings == ()
    assert read.model == model
    assert write_model(read.model) == data


@pytest.mark.cases
@pytest.mark.skipif(not CASES.is_dir(), reason="no published models")
def test_every_published_model_survives_writing() -> None:
    files = sorted((CASES / "decision-tables").rglob("*.dmn"))
    assert len(files) == 38
    for file in files:
        model = read_model(file.read_bytes()).model
        assert model is not None, file.name
        again = read_model(write_model(model))
        assert again.model == model, file.name
        assert again.findings == (), file.name


@pytest.mark.parametrize("bad", ["\0", "\x1b", "\ud800", "\uffff"])
def test_what_xml_cannot_hold_is_not_written(bad: str) -> None:
    with pytest.raises(BrokenInput):
        write_model(Definitions("m", "urn:m", description=f"a{bad}b"))
