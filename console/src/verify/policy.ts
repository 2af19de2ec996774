/**
 * Trust policies (c2sp.org/tlog-policy) and what they make of cosignatures: `ledger.policy` and
 * `ledger.verify.pack_witnesses`.
 */
import { fromUtf8 } from "./bytes";
import { cosignatureVerifier } from "./cosignature";
import { BrokenInput, TooLarge } from "./fault";
import {
  ED25519,
  ED25519_COSIGNATURE,
  ML_DSA_44_COSIGNATURE,
  type Note,
  parseCheckpoint,
  parseNote,
  parseVkey,
  type VerifierKey,
} from "./note";

const POLICY_BYTES_MAX = 1 << 20;
const LINES_MAX = 256;
const NONE = "none";
const LOG_KEY_TYPES = [ED25519, ML_DSA_44_COSIGNATURE];
const WITNESS_KEY_TYPES = [ED25519_COSIGNATURE, ML_DSA_44_COSIGNATURE];

interface Group {
  readonly name: string;
  readonly least: number;
  readonly members: readonly string[];
}

/** Whose cosignatures count and how many are enough. */
export interface Policy {
  readonly witnesses: readonly { readonly name: string; readonly key: VerifierKey }[];
  readonly groups: readonly Group[];
  readonly quorum: string;
}

/** How far others vouch; `fault` is empty when the policy is satisfied. */
export interface Witnessing {
  readonly names: readonly string[];
  readonly size: number | null;
  readonly fault: string;
}

/** The policy of a file; `BrokenInput` with the line. A file that is no UTF-8 is refused here. */
export function parsePolicy(data: Uint8Array): Policy {
  if (data.length > POLICY_BYTES_MAX) {
    throw new TooLarge(`expected a policy of at most ${POLICY_BYTES_MAX} bytes, found ${data.length}`);
  }
  const text = fromUtf8(data);
  if (text === null) throw new BrokenInput("expected a policy in UTF-8");
  const lines = text.split("\n");
  if (text !== "" && !text.endsWith("\n")) {
    throw new BrokenInput("expected every line to end in a newline", `line ${lines.length}`);
  }
  const reading = new Reading();
  for (const [at, line] of lines.entries()) {
    const place = `line ${at + 1}`;
    if (hasControl(line)) throw new BrokenInput("expected no control character but tab and newline", place);
    const items = line.split(/[ \t]+/).filter((item) => item !== "");
    if (items.length === 0 || items[0]?.startsWith("#")) continue;
    try {
      reading.take(items);
    } catch (error) {
      if (error instanceof BrokenInput) throw new BrokenInput(error.reason, place);
      throw error;
    }
  }
  return reading.policy();
}

function hasControl(line: string): boolean {
  for (let at = 0; at < line.length; at++) {
    const unit = line.charCodeAt(at);
    if ((unit < 0x20 && unit !== 9) || unit === 0x7f) return true;
  }
  return false;
}

class Reading {
  private readonly logs = new Set<string>();
  private readonly witnesses: { name: string; key: VerifierKey }[] = [];
  private readonly groups: Group[] = [];
  private readonly names = new Set<string>();
  private readonly members = new Set<string>();
  private quorum: string | null = null;

  take([keyword, ...rest]: string[]): void {
    const count = rest.length;
    const [first, second] = rest as [string, string];
    if (keyword === "log" && (count === 1 || count === 2)) this.log(first);
    else if (keyword === "witness" && (count === 2 || count === 3)) this.witness(first, second);
    else if (keyword === "group" && count >= 3) this.group(first, second, rest.slice(2));
    else if (keyword === "quorum" && count === 1) this.takeQuorum(first);
    else {
      throw new BrokenInput(
        "expected `log VKEY [URL]`, `witness NAME VKEY [URL]`, `group NAME all|any|K NAME...` or `quorum NAME`",
      );
    }
  }

  policy(): Policy {
    if (this.quorum === null) throw new BrokenInput("expected one quorum line, found none");
    return { witnesses: this.witnesses, groups: this.groups, quorum: this.quorum };
  }

  private log(vkey: string): void {
    const id = keyOf(vkey, LOG_KEY_TYPES).publicKey.join();
    if (this.logs.has(id)) throw new BrokenInput("expected each log's public key once");
    this.logs.add(id);
    within(this.logs.size, "logs");
  }

  private witness(name: string, vkey: string): void {
    const key = keyOf(vkey, WITNESS_KEY_TYPES);
    if (this.witnesses.some((one) => one.key.publicKey.join() === key.publicKey.join())) {
      throw new BrokenInput("expected each witness's public key once");
    }
    this.define(name);
    this.witnesses.push({ name, key });
    within(this.witnesses.length, "witnesses");
  }

  private group(name: string, least: string, members: readonly string[]): void {
    for (const member of members) {
      if (!this.names.has(member)) throw new BrokenInput("expected members that are defined on lines above");
      if (this.members.has(member)) throw new BrokenInput("expected each name as a member at most once");
      this.members.add(member);
    }
    const decimal = /^[1-9][0-9]{0,5}$/.test(least) ? Number(least) : 0;
    const count = least === "all" ? members.length : least === "any" ? 1 : decimal;
    if (count < 1 || count > members.length) {
      throw new BrokenInput(`expected \`all\`, \`any\` or a number from 1 to ${members.length}`);
    }
    this.define(name);
    this.groups.push({ name, least: count, members });
    within(this.groups.length, "groups");
  }

  private takeQuorum(name: string): void {
    if (this.quorum !== null) throw new BrokenInput("expected one quorum line, found a second one");
    if (name !== NONE && !this.names.has(name)) {
      throw new BrokenInput("expected a quorum that is defined on a line above");
    }
    this.quorum = name;
  }

  private define(name: string): void {
    if (name === NONE) throw new BrokenInput("expected another name than `none`, which stands for nobody");
    if (this.names.has(name)) throw new BrokenInput("expected each name to be defined once");
    this.names.add(name);
  }
}

function keyOf(vkey: string, types: readonly number[]): VerifierKey {
  const key = parseVkey(vkey);
  if (!types.includes(key.type)) {
    const [expected, found] = [types, [key.type]].map((all) => all.map((one) => `0x0${one}`).join(" or "));
    throw new BrokenInput(`expected a key of type ${expected}, found ${found}`);
  }
  return key;
}

function within(count: number, what: string): void {
  if (count > LINES_MAX) throw new TooLarge(`expected at most ${LINES_MAX} ${what}`);
}

function isEnough(policy: Policy, names: ReadonlySet<string>): boolean {
  if (policy.quorum === NONE) return true;
  const witnessed = new Set(names);
  for (const group of policy.groups) {
    if (group.members.filter((member) => witnessed.has(member)).length >= group.least)
      witnessed.add(group.name);
  }
  return witnessed.has(policy.quorum);
}

/** The witnesses whose line under this note verifies, and the first that stands there and does not. */
function cosigners(policy: Policy, note: Note): [Set<string>, string | null] {
  const names = new Set<string>();
  let wrong: string | null = null;
  for (const line of note.signatures) {
    const witness = policy.witnesses.find(
      (one) => one.key.name === line.name && one.key.keyId === line.keyId,
    );
    if (witness === undefined) continue;
    if (cosignatureVerifier(witness.key).verify(note.text, line.signature)) names.add(witness.name);
    else wrong ??= line.name;
  }
  return [names, wrong];
}

/** What the policy makes of a pack's checkpoints, smallest tree first: the quorum must stand on the last. */
export function witnessing(notes: readonly string[], policy: Policy): Witnessing {
  let best: { names: string[]; size: number } | null = null;
  let size = 0;
  for (const written of notes) {
    const note = parseNote(written);
    size = parseCheckpoint(note.text).size;
    const [names, wrong] = cosigners(policy, note);
    if (wrong !== null) {
      return { names: [], size: null, fault: `the cosignature of ${wrong} on size ${size} does not verify` };
    }
    if (names.size > 0 && isEnough(policy, names)) best = { names: [...names].sort(), size };
  }
  const found = { names: best?.names ?? [], size: best?.size ?? null };
  if (policy.quorum === NONE || best?.size === size) return { ...found, fault: "" };
  const soFar = best === null ? "no checkpoint of the pack" : `the first ${best.size} of ${size} entries`;
  return { ...found, fault: `the quorum of the policy cosigned ${soFar}` };
}
