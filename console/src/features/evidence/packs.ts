/** Key of the list of packs; building one makes it old. */
export const PACKS = ["evidence", "packs"];
