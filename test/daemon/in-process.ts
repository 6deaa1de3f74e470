import { Daemon, type DaemonOptions } from "../../server/daemon/daemon.ts";
import type { Handlers } from "../../server/daemon/service.ts";
import { type FakeService, fakeService } from "./fake-service.ts";
import type { TestFolders } from "./folders.ts";

export interface InProcessDaemon {
  readonly daemon: Daemon;
  readonly service: FakeService;
}

/** Starts a daemon with a fake service in this process. */
export async function startInProcess(
  folders: TestFolders,
  options: Partial<DaemonOptions> = {},
  overrides: Partial<Handlers> = {},
): Promise<InProcessDaemon> {
  let service: FakeService | undefined;
  const daemon = await Daemon.start({
    stateFolder: folders.state,
    createService: (given) => (service = fakeService(given, overrides)),
    stay: true,
    listen: null,
    args: [],
    foreground: false,
    lookMs: 50,
    ...options,
  });
  if (!daemon || !service) throw new Error("a daemon runs already");
  return { daemon, service };
}
