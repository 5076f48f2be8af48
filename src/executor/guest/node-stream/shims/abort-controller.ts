const web = globalThis as unknown as Record<string, unknown>;

export const AbortController = web["AbortController"];
export const AbortSignal = web["AbortSignal"];
