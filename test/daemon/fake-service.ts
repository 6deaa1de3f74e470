import { configSchema } from "../../server/protocol/config.ts";
import { exchanges } from "../../server/protocol/golden/samples.ts";
import type { EndpointHandlers } from "../../server/daemon/endpoint.ts";
import type { Handlers, Service, ServiceOptions } from "../../server/daemon/service.ts";

export interface FakeService extends Service {
  /** Clients heard of and gone, as `+id` and `-id`. */
  readonly comings: string[];
  idle: boolean;
  readonly stopped: Promise<void>;
}

/** A service that answers every request with its sample, for tests of what is around it. */
export function fakeService(options: Partial<ServiceOptions> = {}, overrides: Partial<Handlers> = {}): FakeService {
  const stopped = Promise.withResolvers<void>();
  return {
    comings: [],
    idle: true,
    stopped: stopped.promise,
    handlers: {
      ...sampleHandlers(),
      snapshot: async () => ({
        ...exchanges.snapshot.result,
        instance: options.instance ?? exchanges.snapshot.result.instance,
        seq: options.sequence?.() ?? 0,
      }),
      ...overrides,
    },
    config: () => configSchema.parse({ idleSeconds: 0.05 }),
    clientSeen(client) {
      this.comings.push(`+${client}`);
    },
    clientGone(client) {
      this.comings.push(`-${client}`);
    },
    isIdle() {
      return this.idle;
    },
    async stop() {
      stopped.resolve();
    },
  };
}

/** Handlers that answer with the samples of the wire format. */
export function sampleHandlers(): EndpointHandlers {
  const handlers = Object.entries(exchanges).map(([method, { result }]) => [method, async () => result]);
  // Made of the table that has an entry for every method.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(handlers) as EndpointHandlers;
}
