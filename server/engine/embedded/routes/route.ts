import type { Engine } from "../engine.ts";
import type { Faults } from "../faults.ts";
import type { Catalog } from "../nodes/node-class.ts";
import type { Reply } from "../reply.ts";
import type { Request } from "../request.ts";
import type { SpriteGenerator } from "../generator.ts";

/** What routes answer from. */
export interface Host {
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly faults: Faults;
  readonly generator: SpriteGenerator;
}

export interface Route {
  readonly method: "GET" | "POST";
  readonly path: RegExp;
  readonly answer: (request: Request, host: Host) => Reply | Promise<Reply>;
}

export function get(path: RegExp, answer: Route["answer"]): Route {
  return { method: "GET", path, answer };
}

export function post(path: RegExp, answer: Route["answer"]): Route {
  return { method: "POST", path, answer };
}
