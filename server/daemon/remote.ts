import type { ErrorInfo } from "../protocol/errors.ts";
import type { Method, ParsedParams } from "../protocol/requests.ts";

type Check<M extends Method> = (params: ParsedParams<M>) => boolean;

const always = () => true;

/** What a client on another machine may ask: to make sprites and fetch them. Files and settings here are not its own. */
const allowed: { readonly [M in Method]?: Check<M> } = {
  hello: always,
  ping: always,
  goodbye: always,
  snapshot: always,
  "sprites.submit": ({ items }) =>
    items.every(({ target, referencePath }) => target === null && referencePath === null),
  "jobs.list": always,
  "jobs.get": always,
  "jobs.cancel": always,
  "jobs.retry": always,
  "jobs.pause": always,
  "jobs.prioritize": always,
  "artifacts.stat": always,
  "artifacts.read": always,
  "images.read": ({ source }) => !source.startsWith("/"),
  "engines.list": always,
  "models.list": always,
  "doctor.run": always,
  "daemon.status": always,
};

/** Whether a request that came over TCP is answered. */
export function isAllowedRemotely<M extends Method>(method: M, params: ParsedParams<M>): boolean {
  return allowed[method]?.(params) ?? false;
}

export function refusedRemotely(method: Method): ErrorInfo {
  return {
    code: "permission_denied",
    message: `${method} is not answered to other machines with these parameters`,
    cause: "A daemon that is reached over TCP only makes sprites: it reads and writes no files for others.",
    remedy: "Submit without a target, fetch the artifact by its hash, and place it with your own daemon.",
  };
}
