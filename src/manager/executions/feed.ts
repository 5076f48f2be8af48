/** Tells open log streams of this process that records of their app were written. */
export interface ExecutionFeed {
  /** Calls `listener` after each write of records of the app. Returns the unsubscriber. */
  subscribe(appId: string, listener: () => void): () => void;
  written(appIds: ReadonlySet<string>): void;
}

export function createExecutionFeed(): ExecutionFeed {
  const listeners = new Map<string, Set<() => void>>();
  return {
    subscribe(appId, listener) {
      const ofApp = listeners.get(appId) ?? new Set();
      listeners.set(appId, ofApp.add(listener));
      return () => {
        ofApp.delete(listener);
        if (ofApp.size === 0 && listeners.get(appId) === ofApp) listeners.delete(appId);
      };
    },
    written(appIds) {
      for (const appId of appIds) for (const listener of listeners.get(appId) ?? []) listener();
    },
  };
}
