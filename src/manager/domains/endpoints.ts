import * as v from "valibot";
import { inApp } from "../http/access.ts";
import { endpoint } from "../http/endpoint.ts";
import { pageAnswer } from "../http/fields.ts";
import { pageQuery, readPage } from "../http/pagination.ts";
import { checkDomain } from "./check-domain.ts";
import { claimDomain } from "./claim-domain.ts";
import { viewDomain } from "./domain-view.ts";
import { listDomains } from "./list-domains.ts";
import { releaseDomain } from "./release-domain.ts";

const domainInput = v.strictObject({ host: v.string() });
const domainView = v.object({
  id: v.string(),
  host: v.string(),
  kind: v.picklist(["strict", "wildcard"]),
  created_at: v.string(),
});

const domainCheckView = v.object({
  available: v.boolean(),
  reason: v.optional(v.string()),
  host: v.optional(v.string()),
  record: v.optional(v.object({ name: v.string(), type: v.literal("TXT"), value: v.string() })),
});

export const domainEndpoints = [
  endpoint({
    method: "get",
    path: "/apps/:app/domains",
    summary: "The hosts that an app owns",
    access: inApp("AppRead"),
    query: v.object(pageQuery),
    status: 200,
    answer: pageAnswer(domainView),
    handle: async ({ ctx, target, query }) =>
      await listDomains(ctx, target.app.id, readPage(query)),
  }),
  endpoint({
    method: "post",
    path: "/apps/:app/domains",
    summary: "Claim a host, or all hosts under one",
    access: inApp("AppManageDomains"),
    body: domainInput,
    status: 201,
    answer: domainView,
    problems: [
      "domain_taken",
      "domain_overlaps",
      "domain_unverified",
      "dns_unavailable",
      "host_reserved",
      "invalid_host",
    ],
    handle: async ({ ctx, target, body }) =>
      viewDomain(await claimDomain(ctx, target.app.id, body.host)),
  }),
  endpoint({
    method: "post",
    path: "/apps/:app/domains:check",
    summary: "Whether a host could be claimed, and the DNS record that the claim needs",
    access: inApp("AppManageDomains"),
    body: domainInput,
    status: 200,
    answer: domainCheckView,
    problems: ["dns_unavailable"],
    handle: async ({ ctx, target, body }) => await checkDomain(ctx, target.app.id, body.host),
  }),
  endpoint({
    method: "delete",
    path: "/apps/:app/domains/:id",
    summary: "Give a host up",
    access: inApp("AppManageDomains"),
    status: 204,
    problems: ["has_routes"],
    handle: async ({ ctx, target, params }) =>
      await releaseDomain(ctx, target.app.id, params["id"] ?? ""),
  }),
];
