/** Which change of a log's keys is in order, and what it makes of them: the rule of `ledger.key_rules`. */
import { encode } from "./canonical";
import { BrokenInput, type Json, type JsonObject } from "./fault";
import {
  COMMIT_KEY,
  COMPROMISED,
  checkVkey,
  ENROLLED,
  IDENTITY_KEY,
  KEYS_MAX,
  type ListedKey,
  type Order,
  POST_QUANTUM_KEY,
  RETIRED,
  ROTATED,
} from "./key_statements";
import { parseVkey } from "./note";

const ITSELF = "itself";
const SIGNERS = new Map<string, readonly string[]>([
  [`${ENROLLED} ${IDENTITY_KEY}`, [COMMIT_KEY]],
  [`${ENROLLED} ${POST_QUANTUM_KEY}`, [COMMIT_KEY, IDENTITY_KEY]],
  [`${ROTATED} ${COMMIT_KEY}`, [ITSELF, IDENTITY_KEY]],
  [`${ROTATED} ${IDENTITY_KEY}`, [ITSELF]],
  [`${ROTATED} ${POST_QUANTUM_KEY}`, [COMMIT_KEY, IDENTITY_KEY]],
  [`${RETIRED} ${IDENTITY_KEY}`, [ITSELF]],
  [`${RETIRED} ${POST_QUANTUM_KEY}`, [COMMIT_KEY, IDENTITY_KEY]],
  [`${COMPROMISED} ${COMMIT_KEY}`, [IDENTITY_KEY]],
  [`${COMPROMISED} ${IDENTITY_KEY}`, [COMMIT_KEY]],
  [`${COMPROMISED} ${POST_QUANTUM_KEY}`, [COMMIT_KEY, IDENTITY_KEY]],
]);

/** The note key id, hexadecimal. */
export function idOf(listed: ListedKey): string {
  return parseVkey(listed.vkey).keyId;
}

/** The key of this purpose that has no end. */
export function inForce(keys: readonly ListedKey[], purpose: string): ListedKey | null {
  return keys.find((key) => key.purpose === purpose && key.to === null) ?? null;
}

/** The keys of which one must have signed this order. */
export function signersOf(keys: readonly ListedKey[], order: Order): ListedKey[] {
  const found: ListedKey[] = [];
  for (const who of SIGNERS.get(`${order.act} ${order.purpose}`) ?? []) {
    const key = inForce(keys, who === ITSELF ? order.purpose : who);
    if (key !== null && (who !== ITSELF || idOf(key) === order.ends)) found.push(key);
  }
  return found;
}

/** Why an order cannot be carried out by an entry at this index; null when it can. Signatures are not looked at. */
export function faultOf(keys: readonly ListedKey[], order: Order, index: number): string | null {
  if (!SIGNERS.has(`${order.act} ${order.purpose}`))
    return "expected a commit key to be rotated, found another act";
  if (order.size > index) {
    return `expected an order made when the log had at most ${index} entries, found one of ${order.size}`;
  }
  const wrong = order.vkey === null ? null : faultOfNew(keys, order, order.vkey);
  if (wrong !== null) return wrong;
  const current = inForce(keys, order.purpose);
  if (order.act === ENROLLED) {
    if (current !== null) return `expected no ${order.purpose} key in force, found one: rotate it`;
    return order.vkey !== null && order.ends === null && order.voidFrom === null
      ? null
      : "expected a new key alone";
  }
  const ending = keys.find((key) => idOf(key) === order.ends) ?? null;
  if (ending === null || ending.purpose !== order.purpose) {
    return `expected a ${order.purpose} key of this log that ends, found none`;
  }
  if (order.act !== COMPROMISED && ending !== current) return "expected a key in force, found one that ended";
  return faultOfEnding(order, ending, index);
}

function faultOfNew(keys: readonly ListedKey[], order: Order, vkey: string): string | null {
  try {
    const id = checkVkey(vkey, order.purpose, order.origin).keyId;
    if (keys.some((key) => idOf(key) === id))
      return "expected a key the log does not know, found one it has or had";
  } catch (error) {
    if (error instanceof BrokenInput) return error.reason;
    throw error;
  }
  return keys.length >= KEYS_MAX ? `expected at most ${KEYS_MAX} keys of one log` : null;
}

function faultOfEnding(order: Order, ending: ListedKey, index: number): string | null {
  const { vkey, voidFrom } = order;
  if (order.act === ROTATED)
    return vkey !== null && voidFrom === null ? null : "expected the key that is put in force";
  if (order.act === RETIRED)
    return vkey === null && voidFrom === null ? null : "expected a key that ends alone";
  const end = ending.to ?? index;
  if (voidFrom === null || voidFrom < ending.from || voidFrom > end) {
    return `expected a size from ${ending.from} to ${end} from which its signatures prove nothing`;
  }
  if (ending.voidFrom !== null) return "expected a key not known to be compromised";
  if (vkey !== null && ending.to !== null) return "expected no successor of a key that ended before";
  if (vkey === null && ending.to === null && order.purpose === COMMIT_KEY) {
    return "expected the key that is put in force: a log is never without a commit key";
  }
  return null;
}

/** Whether the members beside an order in its entry are what it says. */
export function saysTheSame(payload: JsonObject, order: Order): boolean {
  const said: JsonObject = { purpose: order.purpose };
  const result: JsonObject = { act: order.act, purpose: order.purpose };
  if (order.vkey !== null) {
    const id = parseVkey(order.vkey).keyId;
    Object.assign(said, { key_id: id, vkey: order.vkey });
    result.key_id = id;
  }
  if (order.ends !== null) {
    said.ends = order.ends;
    result.ends = order.ends;
  }
  if (order.voidFrom !== null) said.void_from = order.voidFrom;
  said.result = result;
  const { order: _, ...beside } = payload as { order: Json } & JsonObject;
  return encode(beside) === encode(said);
}

/** In the order in which they were put in force. */
export function byAge(keys: readonly ListedKey[]): ListedKey[] {
  return [...keys].sort((a, b) => a.from - b.from || (idOf(a) < idOf(b) ? -1 : 1));
}

/** The keys after an entry at this index carried out the order. */
export function changed(keys: readonly ListedKey[], order: Order, index: number): ListedKey[] {
  const after = keys.map((key) =>
    order.ends !== null && idOf(key) === order.ends
      ? { ...key, to: key.to ?? index, voidFrom: order.voidFrom }
      : key,
  );
  if (order.vkey !== null) {
    after.push({ purpose: order.purpose, vkey: order.vkey, from: index, to: null, voidFrom: null });
  }
  return byAge(after);
}
