/** Which words of a text went and which came: the longest common run of words stays. */

export interface Part {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
}

const WORDS_MAX = 1500; // beyond this the table of common runs is too large to be worth it

/** Parts in reading order; what was removed stands before what was added in its place. Joined, each side is whole. */
export function wordDiff(before: string, after: string): readonly Part[] {
  const [old, now] = [wordsOf(before), wordsOf(after)];
  if (old.length > WORDS_MAX || now.length > WORDS_MAX) {
    return joined([part("removed", before), part("added", after)]);
  }
  const common = commonRuns(old, now);
  const parts: Part[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    const [left, right] = [old[i], now[j]];
    if (left !== undefined && left === right) {
      parts.push(part("same", left));
      i += 1;
      j += 1;
    } else if (
      right === undefined ||
      (left !== undefined && length(common, i + 1, j) >= length(common, i, j + 1))
    ) {
      parts.push(part("removed", left ?? ""));
      i += 1;
    } else {
      parts.push(part("added", right));
      j += 1;
    }
  }
  return joined(parts);
}

function part(kind: Part["kind"], text: string): Part {
  return { kind, text };
}

/** Words, each with the space after it. */
function wordsOf(text: string): readonly string[] {
  return text.match(/\s*\S+\s*?(?=\s|$)|\s+$/g) ?? [];
}

/** For each pair of places, the length of the longest common run of what follows. */
function commonRuns(old: readonly string[], now: readonly string[]): readonly Uint16Array[] {
  const table = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      const row = table[i];
      if (row === undefined) continue;
      row[j] =
        old[i] === now[j]
          ? length(table, i + 1, j + 1) + 1
          : Math.max(length(table, i + 1, j), length(table, i, j + 1));
    }
  }
  return table;
}

function length(table: readonly Uint16Array[], i: number, j: number): number {
  return table[i]?.[j] ?? 0;
}

/** Neighbours of one kind as one part; within a change, everything removed before everything added. */
function joined(parts: readonly Part[]): readonly Part[] {
  const found: Part[] = [];
  let [removed, added] = ["", ""];
  const close = () => {
    if (removed !== "") found.push(part("removed", removed));
    if (added !== "") found.push(part("added", added));
    [removed, added] = ["", ""];
  };
  for (const each of parts) {
    if (each.kind === "removed") removed += each.text;
    else if (each.kind === "added") added += each.text;
    else {
      close();
      const last = found.at(-1);
      if (last?.kind === "same") found[found.length - 1] = part("same", last.text + each.text);
      else found.push(each);
    }
  }
  close();
  return found;
}
