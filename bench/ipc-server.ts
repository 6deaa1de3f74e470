// The other end of ipc.bench.ts: a daemon without a service of its own, and plain ZeroMQ sockets, in one process.
import { Publisher, Router } from "zeromq";
import { Daemon } from "../server/daemon/daemon.ts";
import { encodeFrame } from "../server/protocol/wire.ts";
import { exchanges } from "../server/protocol/golden/samples.ts";
import { type FakeService, fakeService } from "../test/daemon/fake-service.ts";
import { type Command, progressEvent } from "./ipc-messages.ts";

const [stateFolder = "", rawAddress = ""] = process.argv.slice(2);
let service: FakeService | undefined;
const daemon = await Daemon.start({
  stateFolder,
  createService: (options) => (service = fakeService(options)),
  stay: true,
  listen: null,
  args: [],
  foreground: false,
});

const options = { linger: 0, sendTimeout: 0 };
const router = new Router(options);
await router.bind(`ipc://${rawAddress}.r`);
const publisher = new Publisher(options);
await publisher.bind(`ipc://${rawAddress}.e`);
// As long as the daemon's reply to jobs.get.
const reply = encodeFrame({ id: 1, ok: true, result: exchanges["jobs.get"].result });
void (async () => {
  for await (const [route] of router) await router.send([route ?? "", reply]);
})();

process.on("message", (command: Command) => {
  void publish(command);
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

/** Publishes events a millisecond apart, each with the time at which it was handed over. */
async function publish({ over, count }: Command): Promise<void> {
  const padding = encodeFrame({ instance: daemon?.instance, seq: 1, event: progressEvent(0) });
  for (let done = 0; done < count; done++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const now = Number(process.hrtime.bigint());
    if (over === "daemon") service?.options.publish(progressEvent(now));
    else {
      const bytes = Buffer.from(padding);
      bytes.writeDoubleBE(now);
      await publisher.send(["e", bytes]);
    }
  }
}
