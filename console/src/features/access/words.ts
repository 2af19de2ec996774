/** Rules, acts and domains of a policy put in order for people. */
import type { Role } from "./policy";

/** Rules of a role that speak of one object in one domain. */
export interface RuleLine {
  readonly key: string;
  readonly effect: string;
  readonly object: string;
  readonly actions: readonly string[];
  readonly within: string;
}

/** The rules of a role, one line for each object, denials first. */
export function rulesOf(role: Role): readonly RuleLine[] {
  const lines = new Map<string, { effect: string; object: string; actions: string[]; within: string }>();
  for (const { effect, object, action, within } of role.rules) {
    const key = `${effect} ${object} ${within}`;
    const line = lines.get(key) ?? { effect, object, actions: [], within };
    line.actions.push(action);
    lines.set(key, line);
  }
  return [...lines]
    .map(([key, line]) => ({ key, ...line }))
    .sort((one, other) => other.effect.localeCompare(one.effect) || one.object.localeCompare(other.object));
}

/** Every act that some role of the policy names, `object:action`, in order. */
export function actsOf(roles: readonly Role[]): readonly string[] {
  const acts = roles.flatMap((role) => role.rules.map((rule) => `${rule.object}:${rule.action}`));
  return [...new Set(acts)].sort();
}

/** Every domain that roles or assignments name, the whole organisation first. */
export function domainsOf(roles: readonly Role[], held: readonly { domain: string }[]): readonly string[] {
  const named = [
    ...roles.flatMap((role) => role.rules.map((rule) => rule.within)),
    ...held.map((one) => one.domain),
  ];
  const others = [...new Set(named)].filter((domain) => domain !== "organisation").sort();
  return ["organisation", ...others];
}
