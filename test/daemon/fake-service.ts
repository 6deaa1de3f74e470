import { configSchema } from "../../server/protocol/config.ts";
import { exchanges } from "../../server/protocol/golden/samples.ts";
import type { EndpointHandlers } from "../../server/daemon/endpoint.ts";
import type { Handlers, Service, ServiceOptions } from "../../server/daemon/service.ts";

export interface FakeService extends Service {
  /** Clients heard of and gone, as `+id` and `-id`. */
  readonly comings: string[];
  idle: boolean;
  /** What it takes its time for when it is told to stop. */
  drained: Promise<void>;
  /** What the daemon gave it. */
  readonly options: ServiceOptions;
}

/** A service that answers every request with its sample, for tests of what is around it. */
export function fakeService(options: ServiceOptions, overrides: Partial<Handlers> = {}): FakeService {
  return {
    comings: [],
    idle: true,
    drained: Promise.resolve(),
    options,
    handlers: {
      ...sampleHandlers(),
      snapshot: async () => ({
        ...exchanges.snapshot.result,
        instance: options.instance,
        seq: options.sequence(),
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
      await this.drained;
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
