import { violatedUnique } from "../db/faults.ts";
import { problem } from "../problems.ts";

/** Runs a write of a user; @throws AppError 409 `username_taken` or `email_taken` */
export async function withUniqueNames<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    const constraint = violatedUnique(error);
    if (constraint === "users_username_key")
      throw problem(
        "username_taken",
        "Another user has this name, or one that differs in case only",
      );
    if (constraint === "users_email_key")
      throw problem("email_taken", "Another user has this e-mail address");
    throw error;
  }
}
