/** Names and values, one below the other: what is known about one thing. */
import type { ReactNode } from "react";
import { seen } from "../visible";
import "./facts.css";

export interface Fact {
  readonly name: string;
  readonly value: ReactNode;
}

/** A list of facts; values that are not there are left out by whoever gives them. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map((fact) => (
        <div key={fact.name}>
          <dt>{fact.name}</dt>
          <dd>{seen(fact.value)}</dd>
        </div>
      ))}
    </dl>
  );
}
