import { defineInterface, illegalConstructor } from "../events/idl.ts";
import { notSupported } from "../messaging/not-available.ts";
import { definePart } from "../registry.ts";

const INTERNAL = Symbol("internal");
const refuse = (method: string): Promise<never> =>
  Promise.reject(notSupported(`caches.${method}`, "keep what you need again in Deno.openKv()"));

export class CacheStorage {
  constructor(token?: symbol) {
    if (token !== INTERNAL) illegalConstructor();
  }
  delete(): Promise<never> {
    return refuse("delete");
  }
  has(): Promise<never> {
    return refuse("has");
  }
  keys(): Promise<never> {
    return refuse("keys");
  }
  match(): Promise<never> {
    return refuse("match");
  }
  open(): Promise<never> {
    return refuse("open");
  }
}
defineInterface(CacheStorage, "CacheStorage", 0);

export const Cache = function (): void {
  illegalConstructor();
};
defineInterface(Cache, "Cache", 0);

export const caches = { caches: new CacheStorage(INTERNAL), Cache, CacheStorage };

definePart("caches", caches);
