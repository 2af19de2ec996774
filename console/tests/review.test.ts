import { describe, expect, it } from "vitest";
import type { Expected } from "../src/features/inbox/form_data";
import { answerFaults, answerOf, changesOf, typedOf, withoutProposal } from "../src/features/inbox/review";

const field = (path: string, type: string | null, items: string | null = null): Expected => ({
  path,
  type,
  items,
  data_class: null,
  required: true,
});
const FIELDS = [
  field("grade", "integer"),
  field("confidence", "number"),
  field("sure", "boolean"),
  field("findings", "list", "string"),
  field("rest", null),
];
const ANSWER = { grade: 3, confidence: "0.91", sure: true, findings: ["a", "b"], rest: { n: 1 } };

describe("a review as it is typed", () => {
  it("comes to the very answer where nothing is changed", () => {
    const typed = typedOf(FIELDS, ANSWER);
    expect(answerOf(FIELDS, typed)).toEqual(ANSWER);
    expect(changesOf(FIELDS, ANSWER, answerOf(FIELDS, typed))).toEqual([]);
  });

  it("tells each member that is changed, in the order of the form", () => {
    const typed = { ...typedOf(FIELDS, ANSWER), findings: "a", grade: "5" };
    expect(changesOf(FIELDS, ANSWER, answerOf(FIELDS, typed))).toEqual([
      { path: "grade", before: 3, after: 5 },
      { path: "findings", before: ["a", "b"], after: ["a"] },
    ]);
  });

  it("takes a list without entries for an empty one", () => {
    const typed = { ...typedOf(FIELDS, ANSWER), findings: "" };
    expect(answerFaults(FIELDS, typed)).toEqual({});
    expect(answerOf(FIELDS, typed).findings).toEqual([]);
    expect(answerFaults(FIELDS, { ...typed, grade: "" })).toEqual({ grade: "required" });
  });

  it("begins empty where the answer is prose, and an exact number is its digits", () => {
    expect(typedOf(FIELDS, "Of course!")).toEqual({});
    expect(typedOf(FIELDS, { confidence: { $decimal: "0.5" } })).toEqual({ confidence: "0.5" });
  });

  it("keeps the proposal out of what the agent was shown", () => {
    expect(withoutProposal({ report: 1, Proposal: 2 })).toEqual({ report: 1 });
  });
});
