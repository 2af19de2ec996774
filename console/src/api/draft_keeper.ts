/** Keeps a draft as it is typed: one save at a time, always the newest, and never over another window's. No React. */

/** What a save came to. `stale`: another window saved a newer one. `failed`: no clear answer, or the session is over. */
export type Put<D> =
  | { readonly kind: "saved"; readonly version: number; readonly at: number }
  | { readonly kind: "stale"; readonly version: number; readonly draft: D | null }
  | { readonly kind: "failed"; readonly error: unknown };

export type KeepState<D> =
  | { readonly kind: "idle" }
  | { readonly kind: "saving" }
  | { readonly kind: "saved"; readonly at: number }
  | { readonly kind: "stale"; readonly version: number; readonly draft: D | null }
  | { readonly kind: "failed"; readonly error: unknown };

export interface Keeping<D> {
  readonly put: (draft: D, version: number) => Promise<Put<D>>;
  readonly tell: (state: KeepState<D>) => void;
  /** Where what could not be saved waits for this person's return; null forgets it. */
  readonly stow: (what: { draft: D; version: number } | null) => void;
}

export const PAUSE = 500; // ms of no typing before it is saved
const AGAIN = 5_000; // ms after a save that failed

export class DraftKeeper<D> {
  readonly #keeping: Keeping<D>;
  #version: number;
  #newest: D | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isSaving = false;
  #saving: Promise<void> = Promise.resolve();
  #isQuiet = false;
  #isHeld = false;
  #isOver = false;

  constructor(version: number, keeping: Keeping<D>) {
    this.#version = version;
    this.#keeping = keeping;
  }

  /** The draft is this now. */
  change(draft: D): void {
    this.#newest = draft;
    if (!this.#isHeld) this.#later(PAUSE);
  }

  /** The draft is this, and another window saved another: nothing is saved until it is said which counts. */
  hold(draft: D): void {
    this.#newest = draft;
    this.#isHeld = true;
  }

  /** Saves at once what is not saved yet; what a closing page may lose is stowed first. */
  flush(): void {
    if (this.#newest === null || this.#isOver) return;
    this.#stow(this.#newest);
    if (!this.#isHeld && !this.#isQuiet) this.#begin();
  }

  /** Waits until nothing is being saved, and saves nothing until `resume`: what is sent has no draft to save. */
  async quiet(): Promise<void> {
    this.#isQuiet = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#saving;
  }

  /** It is not over after all. */
  resume(): void {
    this.#isQuiet = false;
    if (this.#newest !== null && !this.#isHeld) this.#later(PAUSE);
  }

  /** What is here counts, not what another window saved. */
  overwrite(version: number): void {
    this.#version = version;
    this.#isHeld = false;
    this.#begin();
  }

  /** What another window saved counts. */
  take(version: number): void {
    this.#version = version;
    this.#isHeld = false;
    this.#newest = null;
    this.#keeping.stow(null);
    this.#keeping.tell({ kind: "idle" });
  }

  /** Nothing more is to be saved: it was sent, or the draft was thrown away. */
  end(): void {
    this.#isOver = true;
    this.#newest = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#keeping.stow(null);
  }

  #stow(draft: D): void {
    this.#keeping.stow({ draft, version: this.#version });
  }

  #begin(): void {
    if (!this.#isSaving) this.#saving = this.#save();
  }

  #later(wait: number): void {
    if (this.#isQuiet || this.#isOver) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#begin();
    }, wait);
  }

  async #save(): Promise<void> {
    const draft = this.#newest;
    if (draft === null || this.#isOver) return;
    this.#isSaving = true;
    this.#keeping.tell({ kind: "saving" });
    const came = await this.#keeping.put(draft, this.#version);
    this.#isSaving = false;
    if (!this.#isOver) this.#came(came, draft);
  }

  #came(came: Put<D>, draft: D): void {
    this.#keeping.tell(came);
    if (came.kind === "saved") {
      this.#version = came.version;
      if (this.#newest === draft) {
        this.#newest = null;
        this.#keeping.stow(null);
      } else this.#later(PAUSE);
    } else {
      if (this.#newest !== null) this.#stow(this.#newest);
      if (came.kind === "stale") this.#isHeld = true;
      else this.#later(AGAIN);
    }
  }
}
