import { defineInterface, illegalConstructor } from "../events/idl.ts";
import { notSupported } from "../messaging/not-available.ts";
import { definePart } from "../registry.ts";

const INTERNAL = Symbol("internal");
const INSTEAD =
  'keep what is needed again in a variable of a script with instance "reuse", or fetch it again';
const refuse = (method: string): Promise<never> =>
  Promise.reject(notSupported(`caches.${method}`, INSTEAD));

export class CacheStorage {
  constructor(token?: symbol) {
    if (token !== INTERNAL) illegalConstructor();
  }
  /** Of Workers. */
  get default(): Cache {
    return new Cache(INTERNAL);
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

export class Cache {
  constructor(token?: symbol) {
    if (token !== INTERNAL) illegalConstructor();
  }
  add(): Promise<never> {
    return refuse("default.add");
  }
  addAll(): Promise<never> {
    return refuse("default.addAll");
  }
  delete(): Promise<never> {
    return refuse("default.delete");
  }
  keys(): Promise<never> {
    return refuse("default.keys");
  }
  match(): Promise<never> {
    return refuse("default.match");
  }
  matchAll(): Promise<never> {
    return refuse("default.matchAll");
  }
  put(): Promise<never> {
    return refuse("default.put");
  }
}
defineInterface(Cache, "Cache", 0);

export const caches = { caches: new CacheStorage(INTERNAL), Cache, CacheStorage };

definePart("caches", caches);
