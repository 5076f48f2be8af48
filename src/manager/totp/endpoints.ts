import * as v from "valibot";
import { sessionInSetup } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { sessionOf } from "../sessions/session-of.ts";
import {
  beginSecondFactor,
  disableSecondFactor,
  enableSecondFactor,
  readSecondFactor,
} from "./second-factor.ts";

const code = v.pipe(v.string(), v.regex(/^[0-9 ]{6,10}$/, "Must be six digits"));
const factorView = v.object({
  enabled: v.boolean(),
  enabled_at: v.nullable(v.string()),
  required: v.boolean(),
});

export const totpEndpoints = [
  endpoint({
    method: "get",
    path: "/auth/totp",
    summary: "Whether one has a second factor, and whether the instance asks for one",
    access: sessionInSetup,
    status: 200,
    answer: factorView,
    handle: async ({ ctx }) => await readSecondFactor(ctx),
  }),
  endpoint({
    method: "post",
    path: "/auth/totp",
    summary: "Begin to set up a second factor; its secret is shown this once",
    access: sessionInSetup,
    body: v.strictObject({ password: v.string() }),
    status: 201,
    answer: v.object({ secret: v.string(), otpauth_url: v.string() }),
    problems: ["totp_enabled", "wrong_password", "too_many_attempts"],
    handle: async ({ ctx, body }) => await beginSecondFactor(ctx, sessionOf(ctx), body.password),
  }),
  endpoint({
    method: "post",
    path: "/auth/totp:enable",
    summary: "Enable the second factor with its first code; ends the other sessions",
    access: sessionInSetup,
    body: v.strictObject({ totp: code }),
    status: 200,
    answer: factorView,
    problems: ["totp_not_begun", "totp_enabled", "wrong_totp", "too_many_attempts"],
    handle: async ({ ctx, body }) => await enableSecondFactor(ctx, sessionOf(ctx), body.totp),
  }),
  endpoint({
    method: "post",
    path: "/auth/totp:disable",
    summary: "Disable the second factor",
    access: sessionInSetup,
    body: v.strictObject({ password: v.string(), totp: code }),
    status: 204,
    problems: [
      "totp_not_begun",
      "totp_needed",
      "wrong_password",
      "wrong_totp",
      "too_many_attempts",
    ],
    handle: async ({ ctx, body }) => await disableSecondFactor(ctx, sessionOf(ctx), body),
  }),
];
