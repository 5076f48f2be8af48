/** The surfaces that are versioned apart, as `/version` tells them. README, "Versioning", says what moves which. */
import packageJson from "../../package.json" with { type: "json" };

export const PRODUCT_VERSION: string = packageJson.version;
/** What scripts can use; its golden tests guard it. */
export const SDK_VERSION = "1.0.0";
export const API_VERSION = "1.0.0";
/** What crosses between orchestrator and executor. */
export const WIRE_VERSION = "1";
