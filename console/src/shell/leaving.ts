/** The ways out of a session: for good, or to begin a new one and come back to the same place. */
import { client } from "../api/client";
import { forgetCommands } from "../api/open_commands";
import { forgetRecent } from "./search/recent";
import { signInAddress } from "./signed_out";

/** Ends the session. */
export async function signOut(): Promise<void> {
  forgetCommands();
  await leave("/sign-in?out=1");
}

/** Ends the session to begin a fresh one, and comes back to `place`. */
export async function signInAgain(place: string): Promise<void> {
  await leave(signInAddress(place));
}

async function leave(address: string): Promise<void> {
  forgetRecent();
  await client.POST("/v1/sign-out");
  window.location.assign(address);
}
