/** All endpoints of the control plane. */
import { apiKeyEndpoints } from "../api-keys/endpoints.ts";
import { appEndpoints } from "../apps/endpoints.ts";
import { auditEndpoints } from "../audit/endpoints.ts";
import { domainEndpoints } from "../domains/endpoints.ts";
import { egressEndpoints } from "../egress/endpoints.ts";
import { envEndpoints } from "../env/endpoints.ts";
import { executionEndpoints } from "../executions/endpoints.ts";
import { memberEndpoints } from "../members/endpoints.ts";
import { routeEndpoints } from "../routes/endpoints.ts";
import { scriptEndpoints } from "../scripts/endpoints.ts";
import { sessionEndpoints } from "../sessions/endpoints.ts";
import { serviceAccountEndpoints } from "../service-accounts/endpoints.ts";
import { totpEndpoints } from "../totp/endpoints.ts";
import { userEndpoints } from "../users/endpoints.ts";
import { settingsEndpoints } from "../settings/endpoints.ts";
import type { Endpoint } from "./endpoint.ts";

export const endpoints: readonly Endpoint[] = [
  ...sessionEndpoints,
  ...totpEndpoints,
  ...userEndpoints,
  ...serviceAccountEndpoints,
  ...apiKeyEndpoints,
  ...appEndpoints,
  ...memberEndpoints,
  ...domainEndpoints,
  ...scriptEndpoints,
  ...routeEndpoints,
  ...executionEndpoints,
  ...envEndpoints,
  ...egressEndpoints,
  ...auditEndpoints,
  ...settingsEndpoints,
];
