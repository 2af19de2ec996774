/** How wide a text is and where its lines end, without a font: as versioning/text_measure.py measures it, to the pixel. */

const NARROW_LETTERS: ReadonlySet<string> = new Set("ijltfrI.,:;'`|!()[]{}/\\ ·");
const WIDE_LETTERS: ReadonlySet<string> = new Set("mwMW@%&…—");
const [NARROW, NORMAL, CAPITAL, WIDE, FULL] = [360, 590, 710, 940, 1_050];
const FULL_FROM = 0x1100; // from here on scripts are written in full squares, or may be
const MORE = "…";

/** The width of one line in the unit of `size`, rounded up. */
export function textWidth(text: string, size: number): number {
  return Math.ceil((units(text) * size) / 1_000);
}

/** The text in at most `linesMax` lines no wider than `widthMax`; what does not fit ends in an ellipsis. */
export function wrapped(text: string, size: number, widthMax: number, linesMax: number): readonly string[] {
  const limit = Math.floor((widthMax * 1_000) / size);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (units(longer) <= limit) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    const cut = pieces(word, limit);
    line = cut.pop() ?? "";
    lines.push(...cut);
    if (lines.length > linesMax) break;
  }
  if (line !== "" || lines.length === 0) lines.push(line);
  if (lines.length <= linesMax) return lines;
  return [...lines.slice(0, linesMax - 1), shortened(lines[linesMax - 1] ?? "", limit)];
}

function widthOf(character: string): number {
  if (NARROW_LETTERS.has(character)) return NARROW;
  if (WIDE_LETTERS.has(character)) return WIDE;
  if ((character.codePointAt(0) ?? 0) >= FULL_FROM) return FULL;
  return character !== character.toLowerCase() ? CAPITAL : NORMAL;
}

function units(text: string): number {
  let sum = 0;
  for (const character of text) sum += widthOf(character);
  return sum;
}

function pieces(word: string, limit: number): string[] {
  const cut: string[] = [];
  let [piece, used] = ["", 0];
  for (const character of word) {
    const width = widthOf(character);
    if (piece !== "" && used + width > limit) {
      cut.push(piece);
      [piece, used] = ["", 0];
    }
    [piece, used] = [piece + character, used + width];
  }
  return [...cut, piece];
}

function shortened(line: string, limit: number): string {
  const characters = [...line];
  while (characters.length > 0 && units(characters.join("") + MORE) > limit) characters.pop();
  return characters.join("").trimEnd() + MORE;
}
